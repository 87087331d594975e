"""`python manage.py load_questions`: makes the starter set of questions, for all agencies or for one."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser

from onestop.catalog.models import Agency
from onestop.votes import starter_questions


class Command(BaseCommand):
    help = "Lập bộ câu hỏi đánh giá có sẵn theo NĐ 61/2018/NĐ-CP điều 31. Chạy lại không đổi gì thêm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--agency", metavar="CODE", help="mã định danh cơ quan; không ghi: mọi cơ quan")

    def handle(self, *args: object, agency: str | None, **options: object) -> None:
        question_set, made = starter_questions.load(self.agency(agency) if agency else None)
        whose = f"của {question_set.agency}" if question_set.agency else "của mọi cơ quan"
        if made:
            self.stdout.write(f"Đã lập bộ câu hỏi {whose}: {len(starter_questions.QUESTIONS)} câu hỏi.")
        else:
            self.stdout.write(f"Bộ câu hỏi {whose} đã có, không đổi gì.")

    def agency(self, code: str) -> Agency:
        row = Agency.objects.filter(code=code).first()
        if row is None:
            raise CommandError(f"--agency: không có cơ quan nào mang mã “{code}”.")
        return row
