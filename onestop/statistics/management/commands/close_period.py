"""`python manage.py close_period [YYYY-MM | YYYY]`: publishes a period, or all that are over and unpublished."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from onestop.catalog.models import Agency
from onestop.dossiers.models import Move
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import (
    PeriodNotOver,
    drawn_up,
    last_published,
    publish,
    reporting_agencies,
    reports,
    unpublished_periods,
)


class Command(BaseCommand):
    help = (
        "Chốt và công bố số liệu của một kỳ (tháng YYYY-MM hoặc năm YYYY). Chạy lại không đổi gì. "
        "Không ghi kỳ: chốt mọi kỳ đã qua mà chưa chốt; nên chạy như vậy mỗi ngày."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", nargs="?", metavar="YYYY-MM|YYYY")
        parser.add_argument(
            "--agency", metavar="MÃ", help="chỉ cơ quan cấp 1 này; mặc định: mọi cơ quan cấp 1 có hồ sơ"
        )
        parser.add_argument("--dry-run", action="store_true", help="chỉ cho biết sẽ công bố gì, không ghi")

    def handle(
        self,
        *args: object,
        period: str | None = None,
        agency: str | None = None,
        dry_run: bool = False,
        **options: object,
    ) -> None:
        requested = self.parse_period(period) if period is not None else None
        any_period = False
        for level1 in self.agencies(agency, requested):
            for one in [requested] if requested else unpublished_periods(level1):
                any_period = True
                self.stdout.write(f"{level1.code} {one}: {(self.preview if dry_run else self.close)(level1, one)}")
        if not any_period:
            self.stdout.write("Không có kỳ nào chưa chốt.")

    def parse_period(self, text: str) -> Period:
        try:
            period = Period.parse(text)
        except ValueError as error:
            raise CommandError(str(error)) from error
        if period.is_quarter:
            raise CommandError(f"Chỉ chốt tháng (2026-10) hoặc năm (2026); “{text}” là một quý.")
        if timezone.now() < period.end:
            raise CommandError(f"Kỳ {period} chưa kết thúc nên chưa chốt được.")
        return period

    def agencies(self, code: str | None, period: Period | None) -> list[Agency]:
        """The agencies that report; with a `period`, only those that report for it."""
        level1 = reporting_agencies()
        if code is not None:
            level1 = level1.filter(code=code)
            if not level1.exists():
                raise CommandError(f"Không có cơ quan cấp 1 nào mang mã {code} đã từng nhận hồ sơ ở đây.")
        reporting = [agency for agency in level1 if period is None or reports(agency, period)]
        if code is not None and not reporting:
            raise CommandError(
                f"{code} không có số liệu kỳ {period} để công bố: khi đó không phải cơ quan cấp 1, chưa nhận hồ sơ "
                "nào, hoặc đã kết thúc."
            )
        return reporting

    def close(self, agency: Agency, period: Period) -> str:
        before = last_published(agency, period)
        try:
            publication, made = publish(agency, period)
        except PeriodNotOver as error:
            raise CommandError(str(error)) from error
        if not made:
            return f"không đổi, giữ nguyên (lần {publication.revision})"
        return f"đã công bố (lần {publication.revision}){self.changes(publication, before)}"

    def preview(self, agency: Agency, period: Period) -> str:
        drawn, before = drawn_up(agency, period), last_published(agency, period)
        if before is not None and not drawn.differences(before):
            return f"không đổi, sẽ giữ nguyên (lần {before.revision})"
        figures = ", ".join(f"{drawn.label(name)} {getattr(drawn, name)}" for name in drawn.FIGURES)
        return f"sẽ công bố (lần {before.revision + 1 if before else 1}): {figures}{self.changes(drawn, before)}"

    def changes(self, drawn: Publication, before: Publication | None) -> str:
        """The figures that a revision changes, and the moves that were recorded late."""
        if before is None:
            return ""
        lines = [f"{name} {was} → {now}" for name, was, now in drawn.differences(before) if not isinstance(was, list)]
        lines += [
            f"{reason['code']} {Move(reason['move']).label} {datetime.fromisoformat(reason['at']):%d/%m/%Y %H:%M}"
            for reason in drawn.reasons
        ]
        return "".join(f"\n  {line}" for line in lines)
