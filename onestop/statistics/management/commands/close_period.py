"""`python manage.py close_period YYYY-MM` (or YYYY): freezes and publishes a period."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onestop.catalog.models import Agency
from onestop.statistics.periods import Period
from onestop.statistics.publishing import PeriodNotOver, publish, reporting_agencies


class Command(BaseCommand):
    help = "Chốt và công bố số liệu của một kỳ (tháng YYYY-MM hoặc năm YYYY). Chạy lại không đổi gì."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", metavar="YYYY-MM|YYYY")
        parser.add_argument(
            "--agency", metavar="MÃ", help="chỉ cơ quan cấp 1 này; mặc định: mọi cơ quan cấp 1 có hồ sơ"
        )

    def handle(self, *args: Any, period: str, agency: str | None, **options: Any) -> None:
        try:
            of = Period.parse(period)
        except ValueError as error:
            raise CommandError(str(error)) from error
        for level1 in self.agencies(agency):
            try:
                publication, made = publish(level1, of)
            except PeriodNotOver as error:
                raise CommandError(str(error)) from error
            done = "đã công bố" if made else "không đổi, giữ nguyên"
            self.stdout.write(f"{level1.code} {of}: {done} (lần {publication.revision})")

    def agencies(self, code: str | None) -> list[Agency]:
        found = reporting_agencies()
        if code is None:
            return list(found)
        if not found.filter(code=code).exists():
            raise CommandError(f"Không có cơ quan cấp 1 nào mang mã {code} đã từng nhận hồ sơ ở đây.")
        return list(found.filter(code=code))
