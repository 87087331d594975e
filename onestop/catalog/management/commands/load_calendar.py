"""Records the known public holidays of some years in the calendar, where the office can see and edit them."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from onestop.catalog.holidays import FIRST_YEAR, LAST_ANNOUNCED_YEAR, LAST_YEAR
from onestop.catalog.models import CalendarDay


class Command(BaseCommand):
    help = "Thêm ngày nghỉ lễ và ngày làm bù còn thiếu; không sửa, không xoá ngày đã có."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=int, default=2018, help="từ năm (mặc định 2018)")
        parser.add_argument("--to", dest="last", type=int, default=2027, help="đến hết năm (mặc định 2027)")

    def handle(self, *args: object, first: int, last: int, verbosity: int, **options: object) -> None:
        if not FIRST_YEAR <= first <= last <= LAST_YEAR:
            raise CommandError(f"Năm phải từ {FIRST_YEAR} đến {LAST_YEAR}, năm đầu không sau năm cuối.")
        total = 0
        for year in range(first, last + 1):
            added = CalendarDay.record_public_holidays(year)
            total += added
            if added and verbosity:
                note = "" if year <= LAST_ANNOUNCED_YEAR else " (dự kiến, cần đối chiếu khi có thông báo chính thức)"
                self.stdout.write(f"{year}: thêm {added} ngày{note}.")
        if verbosity:
            self.stdout.write(f"Đã thêm {total} ngày." if total else "Lịch đã đủ, không thêm ngày nào.")
