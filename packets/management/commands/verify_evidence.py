"""`python manage.py verify_evidence`: proves that the records of what the portals accepted are unchanged."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from packets.evidence.chain import read_anchor
from packets.evidence.verify import Examination
from packets.models import Portal


class Command(BaseCommand):
    help = (
        "Kiểm tra chuỗi bằng chứng của các cổng: số liên tục, dấu khớp, gói và nội dung còn đúng như đã gửi. "
        "Chỉ đọc, chạy được bất cứ lúc nào."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--portal", metavar="MÃ", help="chỉ cổng này")
        parser.add_argument(
            "--anchor",
            metavar="SỐ:DẤU",
            help="một dấu đã ghi lại trước đây (như trong thư gửi hằng ngày) phải còn nằm trong chuỗi",
        )
        parser.add_argument("--files", action="store_true", help="đọc cả các tệp đính kèm đã gửi; lâu")
        parser.add_argument(
            "--export",
            metavar="TỆP",
            type=Path,
            help="ghi chuỗi ra tệp, mỗi dòng một mắt xích, để người khác tự kiểm tra bằng: python3 chain.py TỆP",
        )
        parser.add_argument(
            "--bodies",
            action="store_true",
            help="ghi cả nội dung các gói không có tệp. Chỉ khi đó tệp --export mới có dữ liệu cá nhân",
        )

    def handle(self, *args: object, **options: Any) -> None:
        portals = Portal.objects.all()
        if options["portal"] is not None:
            portals = portals.filter(code=options["portal"])
            if not portals:
                raise CommandError(f"Không có cổng nào mang mã {options['portal']}.")
        if len(portals) != 1 and (options["anchor"] or options["export"]):
            raise CommandError("--anchor và --export là của một cổng: chọn bằng --portal.")
        if options["bodies"] and not options["export"]:
            raise CommandError("--bodies đi cùng --export.")
        anchor = self.anchor(options["anchor"])
        self.quiet = options["verbosity"] == 0
        flaws = 0
        for portal in portals:
            examination = Examination(portal, anchor, options["files"])
            with exported(options["export"]) as file:
                flaws += self.examine(examination, file, bodies=options["bodies"])
        if flaws:
            raise CommandError(f"Bằng chứng không còn nguyên vẹn: {flaws} lỗi.")

    def anchor(self, text: str | None) -> tuple[int, str] | None:
        try:
            return read_anchor(text) if text is not None else None
        except ValueError as error:
            raise CommandError(f"--anchor: “{text}” không phải là SỐ:DẤU, dấu gồm 64 chữ số thập lục phân.") from error

    def examine(self, examination: Examination, file: TextIO | None, *, bodies: bool) -> int:
        """Prints each flaw and returns how many there are."""
        portal, flaws = examination.portal, 0
        total = portal.delivery.number
        with tqdm(desc=portal.code, total=total, unit="", disable=True if self.quiet else None, leave=False) as bar:

            def on_link(link: Mapping[str, object]) -> None:
                bar.update()
                if file is not None:
                    kept = {name: value for name, value in link.items() if bodies or name != "body"}
                    file.write(json.dumps(kept, ensure_ascii=False) + "\n")

            examination.on_link = on_link
            for flaw in examination.flaws():
                flaws += 1
                self.stdout.write(f"{portal.code} {flaw}")
        self.sum_up(examination, flaws)
        return flaws

    def sum_up(self, examination: Examination, flaws: int) -> None:
        code, walk, seen = examination.portal.code, examination.walk, examination.seen
        self.stdout.write(f"{code}: {seen['links']} mắt xích, {flaws} lỗi. Cuối chuỗi: {walk.number}:{walk.seal}")
        if examination.anchor is not None and not flaws:
            self.stdout.write(f"{code}: dấu đã ghi lại của #{examination.anchor[0]} nằm trong chuỗi.")
        if seen["earlier"]:
            self.stdout.write(f"{code}: {seen['earlier']} gói được nhận từ trước khi có chuỗi bằng chứng.")
        if seen["put_back"]:
            self.stdout.write(f"{code}: {seen['put_back']} lần nhận của gói đã được đưa lại vào hàng chờ sau đó.")
        if seen["with_files"] and not examination.files:
            self.stdout.write(
                f"{code}: nội dung của {seen['with_files']} gói có tệp chưa được so; thêm --files để đọc các tệp."
            )


@contextmanager
def exported(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    try:
        with path.open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise CommandError(f"--export: không ghi được {path}: {error.strerror}") from error
