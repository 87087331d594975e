"""Loads agencies, fields and procedures from a folder of JSON files."""

from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from onestop.catalog.importer.read import AGENCIES, FIELDS, PROCEDURES, CatalogErrors, Known, read_catalog
from onestop.catalog.importer.save import save_catalog

ERRORS_SHOWN: Final = 50
_TITLES: Final = {AGENCIES: "Cơ quan", FIELDS: "Lĩnh vực", PROCEDURES: "Thủ tục"}


class Command(BaseCommand):
    help = (
        f"Nạp danh mục từ {AGENCIES}, {FIELDS} và {PROCEDURES} trong một thư mục. "
        "Chạy lại được: chỉ ghi những gì khác; có một lỗi thì không ghi gì."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", metavar="DIR", type=Path, help="thư mục có ba tệp")
        parser.add_argument(
            "--since",
            metavar="YYYY-MM-DD",
            type=_day,
            help="ngày mà cơ quan bắt đầu ở vị trí như trong tệp (đổi cơ quan cấp trên, kết thúc); mặc định: hôm nay",
        )

    def handle(self, *args: object, directory: Path, since: date | None, verbosity: int, **options: object) -> None:
        if not directory.is_dir():
            raise CommandError(f"Không có thư mục {directory}.")
        try:
            catalog = read_catalog(directory, Known.from_database())
        except CatalogErrors as error:
            raise CommandError(_listing(error)) from error
        try:
            with tqdm(total=len(catalog), desc="Nạp danh mục", unit=" bản ghi", disable=verbosity == 0) as bar:
                outcome = save_catalog(catalog, bar.update, since)
        except CatalogErrors as error:
            raise CommandError(_listing(error)) from error
        if verbosity:
            for file, count in outcome.items():
                summary = f"{_TITLES[file]}: {count.new} mới, {count.changed} thay đổi, {count.same} giữ nguyên."
                self.stdout.write("\n- ".join([summary, *count.notes]))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” không phải là ngày, viết như 2025-07-01") from None


def _listing(error: CatalogErrors) -> str:
    lines = [f"Không nạp gì vì có {len(error.errors)} lỗi:"]
    lines += [f"- {each}" for each in error.errors[:ERRORS_SHOWN]]
    if len(error.errors) > ERRORS_SHOWN:
        lines.append(f"… và {len(error.errors) - ERRORS_SHOWN} lỗi nữa.")
    return "\n".join(lines)
