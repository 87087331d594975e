"""`python manage.py rotate_partner NAME`: issues a new client id and secret; the old ones stay valid for a while."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import CommandError
from django.utils import timezone

from onestop.partners.credentials import rotate
from onestop.partners.management.naming import PartnerCommand

# A week by default to put the new secret in place, a year at most.
USUAL, MOST = 7 * 24, 366 * 24


class Command(PartnerCommand):
    help = "Cấp client_id và client_secret mới cho một đối tác. Cái cũ dùng thêm được một thời gian rồi hết hiệu lực."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--overlap-hours",
            type=int,
            default=USUAL,
            metavar="GIỜ",
            help=f"cái cũ còn dùng được bao lâu; 0: ngắt ngay; mặc định {USUAL}",
        )

    def handle(self, *args: object, name: str, overlap_hours: int, **options: object) -> None:
        if not 0 <= overlap_hours <= MOST:
            raise CommandError(f"--overlap-hours: phải từ 0 đến {MOST}.")
        partner = self.partner(name)
        old_until = timezone.now() + timedelta(hours=overlap_hours)
        issued = rotate(partner, old_until)
        fields = {"name": partner.name} | issued.as_json() | {"old_until": timezone.localtime(old_until).isoformat()}
        self.stdout.write(json.dumps(fields, ensure_ascii=False, indent=2))
