"""Fills the tables of provinces and communes, with the names of before the mergers of 1 July 2025."""

from django.core.management.base import BaseCommand

from onestop.catalog.places.importing import bring_up_to
from onestop.catalog.places.source import listed

SHOWN = 20


class Command(BaseCommand):
    help = "Nạp danh mục tỉnh, xã hiện hành và tên cũ trước sắp xếp; chạy lại thì chỉ cập nhật phần thay đổi."

    def handle(self, *args: object, verbosity: int, **options: object) -> None:
        report = bring_up_to(listed())
        if not verbosity:
            return
        if report.is_empty:
            self.stdout.write("Danh mục đã đủ, không có thay đổi.")
        for heading, places in (
            ("Thêm", report.added),
            ("Đổi tên", report.renamed),
            ("Không còn sử dụng", report.closed),
            ("Sử dụng lại", report.opened),
        ):
            if places:
                self.stdout.write(f"{heading}: {len(places)}")
                for place in places[: None if verbosity > 1 else SHOWN]:
                    self.stdout.write(f"  {place}")
                if verbosity == 1 and len(places) > SHOWN:
                    self.stdout.write(f"  … và {len(places) - SHOWN} đơn vị khác (xem hết: -v 2)")
        if report.former:
            self.stdout.write(f"Tên cũ: {report.former} thay đổi")
