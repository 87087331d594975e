"""`python manage.py send_digest`: sends the daily mail at once, which `sync_packets --loop` sends every morning."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from packets.models import DeliveryState
from packets.monitoring.mailing import mails, send
from packets.queue import db_clock


class Command(BaseCommand):
    help = (
        "Gửi ngay thư về những gói dừng hoặc chờ quá lâu cho quản trị tích hợp, kể cả khi hôm nay đã gửi. "
        "Tiến trình sync_packets --loop tự gửi mỗi ngày một lần."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="chỉ in các thư ra")

    def handle(self, *args: object, **options: Any) -> None:
        if options["dry_run"]:
            return self.show()
        try:
            number = send(again=True)
        except OSError as error:
            raise CommandError(f"Không gửi được thư nào: {error}") from error
        self.stdout.write(
            f"Đã gửi {number} thư." if number else "Không có gì để báo, hoặc không ai có địa chỉ e-mail."
        )

    def show(self) -> None:
        messages = mails(list(DeliveryState.objects.select_related("portal__partner").order_by("pk")), db_clock.now())
        for mail in messages:
            self.stdout.write(f"Tới: {mail.to[0]}\n{mail.subject}\n\n{mail.body}")
        if not messages:
            self.stdout.write("Không có gì để báo, hoặc không ai có địa chỉ e-mail.")
