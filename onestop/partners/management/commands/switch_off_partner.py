"""`python manage.py switch_off_partner NAME`: no call of this partner is taken any more, from this moment on."""

from __future__ import annotations

from typing import Any

from onestop.partners.credentials import switch_off
from onestop.partners.management.naming import PartnerCommand


class Command(PartnerCommand):
    help = "Ngắt một đối tác ngay lập tức, kể cả token đã cấp. Cho hoạt động lại ở trang quản trị."

    def handle(self, *args: Any, **options: Any) -> None:
        partner = self.partner(options["name"])
        switch_off(partner)
        self.stdout.write(f"Đã ngắt {partner.name}.")
