"""Questions with which any office can begin: the nine topics of NĐ 61/2018/NĐ-CP điều 31."""

from __future__ import annotations

from django.db import transaction

from onestop.catalog.models import Agency

from .models import Indicator, Question, QuestionSet

NAME = "Đánh giá việc giải quyết thủ tục hành chính (NĐ 61/2018/NĐ-CP)"

QUESTIONS: tuple[tuple[str, Indicator | None], ...] = (
    ("Thời gian trả kết quả so với ngày đã hẹn", None),
    ("Số cơ quan, bộ phận phải liên hệ để hoàn thành thủ tục", Indicator.AGENCIES_CONTACTED),
    ("Số lần phải liên hệ để hoàn thành thủ tục", Indicator.CONTACTS),
    ("Thông tin, hướng dẫn được niêm yết, đăng tải: đủ và đúng", Indicator.PUBLICATION),
    ("Thái độ của cán bộ, công chức khi tiếp ông/bà", Indicator.ATTITUDE),
    ("Kết quả và các khoản phải nộp: đúng quy định", None),
    ("Việc giải thích, trả lời khi ông/bà hỏi hoặc góp ý", Indicator.COMPLAINTS),
    ("Việc nộp và theo dõi hồ sơ qua mạng", Indicator.ONLINE),
    ("Ý kiến khác", None),
)


@transaction.atomic
def load(agency: Agency | None = None) -> tuple[QuestionSet, bool]:
    """Makes the set of these questions for `agency`, or for all. Returns the set, and whether it is new."""
    existing = QuestionSet.objects.filter(name=NAME, agency=agency).order_by("pk").first()
    if existing is not None:
        return existing, False
    question_set = QuestionSet.objects.create(name=NAME, agency=agency)
    Question.objects.bulk_create(
        Question(question_set=question_set, ordinal=ordinal, content=content, indicator=indicator)
        for ordinal, (content, indicator) in enumerate(QUESTIONS, 1)
    )
    return question_set, True
