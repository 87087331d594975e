"""`python manage.py recount`: counts all figures again from history, reports differences and corrects them."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from onestop.statistics.counting.recount import Recount, recount
from onestop.statistics.periods import Period

STEPS = 9


class Command(BaseCommand):
    help = "Tính lại mọi số liệu từ lịch sử hồ sơ, báo từng chỗ khác với số đang ghi, và sửa cho đúng."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="since", metavar="YYYY-MM", help="chỉ từ tháng này trở đi")
        parser.add_argument("--check", action="store_true", help="chỉ kiểm tra, không sửa; có khác biệt thì báo lỗi")

    def handle(self, *args: object, since: str | None, check: bool, verbosity: int, **options: object) -> None:
        first = self.month(since) if since else None
        with tqdm(total=STEPS, disable=None if verbosity else True, leave=False) as bar:

            def on_step(step: str) -> None:
                bar.set_description(step)
                bar.update()

            result = recount(first, repair=not check, on_step=on_step)
        self.report(result)
        if result.agrees:
            self.stdout.write("Mọi số liệu khớp với lịch sử hồ sơ.")
            return
        message = f"{result.wrong_months} dòng số liệu tháng và {result.wrong_dossiers} hồ sơ khác với lịch sử"
        if check:
            raise CommandError(f"{message}. Chạy recount (không --check) để sửa.")
        self.stdout.write(f"{message}; đã sửa.")

    def month(self, text: str) -> Period:
        try:
            period = Period.parse(text)
        except ValueError as error:
            raise CommandError(f"--from: {error}") from error
        if not period.is_month:
            raise CommandError(f"--from: cần một tháng, viết như 2026-10; “{text}” không phải là tháng.")
        return period

    def report(self, result: Recount) -> None:
        for one in result.differences:
            where = " ".join(filter(None, (one.agency, one.procedure, one.channel, one.month)))
            self.stdout.write(f"{where} {one.measure}: đang ghi {one.kept}, tính lại {one.counted}")
        for code in result.dossiers:
            self.stdout.write(f"{code}: các đợt xử lý khác với lịch sử")
