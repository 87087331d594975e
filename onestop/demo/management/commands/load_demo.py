"""`python manage.py load_demo`: fills an empty database with the demo office."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, time
from pathlib import Path
from random import Random
from typing import Never

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date
from tqdm import tqdm

from onestop.demo import office, people, texts
from onestop.dossiers.models import Dossier
from onestop.staff.models import User

CATALOGUE = Path(office.__file__).parent / "catalogue"


class Command(BaseCommand):
    help = "Nạp văn phòng mẫu (danh mục, cán bộ, hồ sơ 14 tháng, đánh giá, số liệu) vào cơ sở dữ liệu còn trống."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dossiers", type=int, default=400, metavar="N", help="số hồ sơ (mặc định 400)")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="cùng S thì cùng dữ liệu (mặc định 1)")
        parser.add_argument("--until", metavar="YYYY-MM-DD", help="ngày cuối của lịch sử (mặc định: đến lúc này)")

    def handle(
        self, *args: object, dossiers: int, seed: int, until: str | None, verbosity: int, **options: object
    ) -> None:
        if dossiers < 0:
            raise CommandError("--dossiers: phải là số không âm.")
        today = self.end_of_history(until)
        if Dossier.objects.exists() or User.objects.exists():
            raise CommandError("Cơ sở dữ liệu đã có dữ liệu; chỉ nạp văn phòng mẫu vào cơ sở dữ liệu trống.")
        self.verbosity = verbosity
        random = Random(seed)  # noqa: S311 invents a demo, keeps no secret
        with transaction.atomic():
            call_command("import_catalog", str(CATALOGUE), verbosity=0)
            call_command("load_calendar", verbosity=0)
            call_command("import_places", verbosity=0)
            office.take_drawings()
            staff = people.hire(random)
            open_desks = office.desks(staff)
            texts.write_texts()
            with self.progress("hồ sơ", dossiers) as bar:
                office.write_dossiers(dossiers, random, open_desks, today, bar.update)
            office.write_to_colleagues(staff, today)
            with self.progress("đánh giá", None) as bar:
                office.ask_citizens(random, bar.update)
            with self.progress("số liệu tháng", None) as bar:
                office.publish_past(today, bar.update)
            office.switch_hall_screen_on()
        if self.verbosity:
            self.stdout.write(f"Đã nạp {dossiers} hồ sơ. Đăng nhập: lan, minh, ha, tuan, vy, hoa hoặc admin.")

    def end_of_history(self, until: str | None) -> datetime:
        if until is None:
            return timezone.now()
        try:
            day = parse_date(until)
        except ValueError:
            day = None
        if day is None:
            raise CommandError(f"--until: “{until}” không phải là ngày YYYY-MM-DD.")
        return min(timezone.make_aware(datetime.combine(day, time.max)), timezone.now())

    def progress(self, title: str, total: int | None) -> tqdm[Never]:
        return tqdm(desc=title, total=total, unit="", disable=None if self.verbosity else True, leave=False)
