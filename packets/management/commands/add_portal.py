"""`python manage.py add_portal CODE …`: adds a receiver of packets."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import datetime, time
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date

from onestop.catalog.models import Agency
from packets import dialects
from packets.http.addresses import Networks, check_web_address
from packets.models import Portal, TokenAuth
from packets.models.kinds import usual_dialect
from packets.portals.changes import note_addition
from packets.switches.variation import DateOffset, EmptyDate


class Command(BaseCommand):
    help = "Thêm một cổng nhận gói tin. Mặc định chỉ báo cáo những gì xảy ra từ bây giờ trở đi."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", metavar="MÃ")
        parser.add_argument("--name", default="", help="tên để hiển thị")
        parser.add_argument(
            "--dialect", choices=[dialect.code for dialect in dialects.for_operators()], default=usual_dialect()
        )
        parser.add_argument("--base-url", required=True, metavar="URL")
        parser.add_argument("--token-url", required=True, metavar="URL")
        parser.add_argument("--ledger-url", default="", metavar="URL", help="nơi hỏi Cổng đã nhận những gì, nếu có")
        parser.add_argument("--client-id", required=True, metavar="ID")
        secret = parser.add_mutually_exclusive_group(required=True)
        secret.add_argument("--client-secret", metavar="S")
        secret.add_argument("--client-secret-file", metavar="TỆP", type=Path)
        parser.add_argument(
            "--token-auth",
            choices=TokenAuth.values,
            default=TokenAuth.BODY,
            help="gửi client secret trong nội dung (body, mặc định) hay tiêu đề Authorization (basic)",
        )
        parser.add_argument(
            "--success-field", default="", metavar="TRƯỜNG", help="trường của trả lời báo kết quả, như result.code"
        )
        parser.add_argument(
            "--success-value",
            action="append",
            default=[],
            metavar="GIÁ_TRỊ",
            help="giá trị của trường ấy báo thành công: số, true, false hoặc chữ; lặp lại được; mặc định 0, 1, 200",
        )
        parser.add_argument("--agency", action="append", default=[], metavar="MÃ", help="cơ quan cấp 1; lặp lại được")
        parser.add_argument(
            "--date-offset",
            choices=DateOffset.values,
            default=DateOffset.BASIC,
            help="cách ghi ngày",
        )
        parser.add_argument("--empty-date", choices=EmptyDate.values, default=EmptyDate.BLANK, help="ngày chưa có")
        parser.add_argument("--aliases", default="{}", metavar="JSON", help="tên trường đổi khác")
        parser.add_argument("--codes", default="{}", metavar="JSON", help="mã số đổi khác")
        parser.add_argument("--since", default="", metavar="NGÀY|all", help="YYYY-MM-DD, hoặc all: toàn bộ lịch sử")

    def handle(self, *args: object, **options: Any) -> None:
        portal = Portal(
            code=options["code"],
            name=options["name"],
            dialect=options["dialect"],
            base_url=options["base_url"],
            token_url=options["token_url"],
            ledger_url=options["ledger_url"],
            client_id=options["client_id"],
            client_secret=self.secret(options["client_secret"], options["client_secret_file"]),
            token_auth=options["token_auth"],
            success_field=options["success_field"],
            since=self.since(options["since"]),
            date_offset=options["date_offset"],
            empty_date=options["empty_date"],
            aliases=self.read("aliases", options["aliases"]),
            codes=self.read("codes", options["codes"]),
        )
        if values := options["success_value"]:
            portal.success_statuses = [answer(value) for value in values]
        agencies = self.agencies(options["agency"])
        try:
            portal.full_clean()
            judge(portal)
        except ValidationError as error:
            errors = [f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()]
            raise CommandError("\n".join(errors)) from error
        with transaction.atomic():
            portal.save()
            portal.agencies.set(agencies)
            note_addition(portal, "add_portal")
        self.stdout.write(f"Đã thêm cổng {portal.code}.")

    def secret(self, value: str | None, path: Path | None) -> str:
        if path is None:
            return value or ""
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"--client-secret-file: không đọc được {path}: {error}") from error

    def read(self, name: str, text: str) -> object:
        try:
            value: object = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise CommandError(f"--{name}: không phải là JSON.") from error
        return value

    def since(self, text: str) -> datetime | None:
        if text == "all":
            return None
        if not text:
            return timezone.now()
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None:
            raise CommandError(f"--since: “{text}” không phải là ngày YYYY-MM-DD hoặc all.")
        return timezone.make_aware(datetime.combine(day, time()))

    def agencies(self, codes: list[str]) -> list[Agency]:
        agencies = {agency.code: agency for agency in Agency.objects.level1().filter(code__in=codes)}
        if unknown := [code for code in codes if code not in agencies]:
            raise CommandError(f"--agency: không có cơ quan cấp 1 nào mang mã {', '.join(unknown)}.")
        return list(agencies.values())


def answer(text: str) -> int | str | bool:
    """A value of a reply, read from what was typed on the command line."""
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text)
    except ValueError:
        return text


def judge(portal: Portal) -> None:
    """Raises ValidationError, by field, unless packets may be sent to the portal's addresses."""
    errors: dict[str, list[str]] = {}
    for name, address in portal.addresses.items():
        try:
            if address:
                check_web_address(address, Networks.PORTALS)
        except ValidationError as error:
            errors[name] = error.messages
    if errors:
        raise ValidationError(errors)
