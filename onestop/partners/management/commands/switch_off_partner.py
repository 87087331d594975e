"""`python manage.py switch_off_partner NAME`: ends all access of this partner at once."""

from __future__ import annotations

from onestop.partners.credentials import switch_off
from onestop.partners.management.naming import PartnerCommand


class Command(PartnerCommand):
    help = "Ngắt một đối tác ngay lập tức, kể cả token đã cấp. Cho hoạt động lại ở trang quản trị."

    def handle(self, *args: object, name: str, **options: object) -> None:
        partner = self.partner(name)
        switch_off(partner)
        self.stdout.write(f"Đã ngắt {partner.name}.")
