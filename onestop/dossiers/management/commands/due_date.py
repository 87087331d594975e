"""`python manage.py due_date`: when a dossier is due that is accepted at a moment under a limit, and why."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from onestop.catalog.calendar import Calendar, calendar_of
from onestop.catalog.holidays import FIRST_YEAR, LAST_YEAR, public_holidays
from onestop.catalog.models import Agency, CalendarDay, Procedure, WorkingHours
from onestop.common.time import VIETNAM
from onestop.dossiers.deadlines import rules


class Command(BaseCommand):
    help = "Tính hạn trả kết quả của hồ sơ được tiếp nhận lúc này, với thời hạn này; in thời điểm theo ISO 8601."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--accepted",
            required=True,
            metavar="YYYY-MM-DDTHH:MM",
            help="lúc tiếp nhận; không ghi múi giờ thì là giờ Việt Nam",
        )
        parser.add_argument("--limit", required=True, metavar="SỐ", help="thời hạn, có thể lẻ: 6.25")
        parser.add_argument("--unit", required=True, metavar="|".join(Procedure.Unit.values), help="đơn vị thời hạn")
        parser.add_argument("--agency", metavar="MÃ", help="theo giờ làm việc của cơ quan này; mặc định giờ chung")
        parser.add_argument("--explain", action="store_true", help="in từng ngày được tính")

    def handle(
        self,
        *args: object,
        accepted: str,
        limit: str,
        unit: str,
        agency: str | None,
        explain: bool,
        **options: object,
    ) -> None:
        start = self.accepted(accepted)
        whole = rules.Limit(self.amount(limit), self.unit(unit))
        try:
            calendar = calendar_of(self.agency(agency))
            due = rules.due_at(start, whole, calendar)
            self.stdout.write(due.isoformat())
            self.warn_of_unknown_years(calendar, rules.years_spanned(start, due))
            if explain:
                names = self.names_of_days(rules.years_spanned(start, due))
                for day in rules.explain(start, whole, calendar):
                    self.stdout.write(in_words(day, names, whole.unit))
        except OverflowError as error:
            raise CommandError("--limit: hạn rơi vào năm quá xa, không tính được.") from error
        except Error as error:
            raise CommandError(f"Không đọc được lịch làm việc từ cơ sở dữ liệu: {error}") from error

    def accepted(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise CommandError(f"--accepted: “{text}” không phải là thời điểm YYYY-MM-DDTHH:MM.") from error
        # Before any conversion: at either end of the calendar a conversion would fail.
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise CommandError(f"--accepted: năm phải từ {FIRST_YEAR} đến {LAST_YEAR}.")
        return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)

    def amount(self, text: str) -> Decimal:
        """A limit that a procedure could have."""
        try:
            return Decimal(Procedure._meta.get_field("limit").clean(text, None))
        except ValidationError as error:
            raise CommandError(
                f"--limit: “{text}” không phải là số từ 0 đến 99999.99 với nhiều nhất hai chữ số thập phân."
            ) from error

    def unit(self, text: str) -> str:
        if text not in Procedure.Unit.values:
            raise CommandError(f"--unit: “{text}” không phải là một trong {', '.join(Procedure.Unit.values)}.")
        return text

    def agency(self, code: str | None) -> Agency | None:
        if code is None:
            return None
        agency = Agency.objects.filter(code=code).first()
        if agency is None:
            raise CommandError(f"--agency: không có cơ quan nào mang mã “{code}”.")
        return agency

    def names_of_days(self, years: range) -> dict[date, str]:
        """The names of days off and make-up days: as recorded, else as delivered with the program."""
        shipped = {day.date: day.name for year in years for day in public_holidays(year)}
        return shipped | dict(CalendarDay.objects.values_list("date", "name"))

    def warn_of_unknown_years(self, calendar: Calendar, years: range) -> None:
        unknown = [year for year in years if not calendar.knows(year)]
        if unknown:
            span = f"{unknown[0]}" if len(unknown) == 1 else f"{unknown[0]}–{unknown[-1]}"
            self.stderr.write(f"Chưa có lịch nghỉ lễ của năm {span}: hạn được tính như không có ngày lễ trong đó.")


def in_words(day: rules.CountedDay, names: dict[date, str], unit: str) -> str:
    weekday = WorkingHours.Weekday(day.date.weekday()).label
    name = f" ({names[day.date]})" if day.date in names else ""
    words = f"{weekday} {day.date:%d/%m/%Y}: {day.kind.label}{name}; "
    if day.counted:
        words += f"tính {_amount(day.counted, unit)}, cộng dồn {_amount(day.total, unit)}"
    else:
        words += "không tính"
    if day.is_last and day.until:
        words += f"; hết hạn lúc {day.until:%H:%M:%S}"
    return words


def _amount(time: timedelta, unit: str) -> str:
    if unit == Procedure.Unit.DAYS:
        return f"{time.days} ngày"
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "giờ"), (minutes, "phút"), (seconds, "giây"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
