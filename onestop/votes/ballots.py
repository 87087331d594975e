"""Casting a ballot: one for each dossier and question set, for good, and no row says whose ballot it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypedDict

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.common.errors import InputRefused, Refused, sentence
from onestop.dossiers.models import Dossier

from .models import Answer, Ballot, BallotSlip, Question, QuestionSet, Rating

LONGEST_REASON = 1000


class NotToBeRated(Refused):
    """The dossier cannot be rated now, whatever the answers are."""


class AlreadyRated(NotToBeRated):
    """The dossier has been rated with this question set."""

    def __init__(self) -> None:
        super().__init__(_("Hồ sơ này đã được đánh giá."), "already_rated")


class BallotAnswer(TypedDict):
    rating: int
    reason: str


def cast(
    dossier: Dossier, question_set: QuestionSet, answers: Mapping[int, BallotAnswer], *, on: date | None = None
) -> Ballot:
    """Stores `answers` (by question ordinal) as a ballot.

    Raises InputRefused, by field `q<ordinal>`, if the set does not serve the dossier on that day, an answer is missing
    or a bad rating has no reason; AlreadyRated for a second ballot; NotToBeRated if the dossier is a test or was not
    accepted.
    """
    day = on or timezone.localdate()
    if not QuestionSet.objects.serving(dossier, day).filter(pk=question_set.pk).exists():
        raise InputRefused(_("Bộ câu hỏi này không dùng cho hồ sơ này."))
    questions = {question.ordinal: question for question in question_set.questions.all()}
    check(questions, answers)
    if dossier.accepted_at is None or dossier.is_test:
        raise NotToBeRated(_("Chỉ đánh giá được hồ sơ đã tiếp nhận."), "not_accepted")
    with transaction.atomic():
        try:
            with transaction.atomic():
                BallotSlip.objects.create(dossier=dossier, question_set=question_set)
        except IntegrityError as error:
            raise AlreadyRated from error
        ballot = Ballot.objects.create(
            question_set=question_set,
            agency=dossier.agency,
            procedure=dossier.procedure,
            cast_on=day,
        )
        Answer.objects.bulk_create(
            Answer(ballot=ballot, question=questions[ordinal], **answer) for ordinal, answer in answers.items()
        )
    return ballot


def check(questions: Mapping[int, Question], answers: Mapping[int, BallotAnswer]) -> None:
    """Raises InputRefused unless every question, and no other, has a rating, and each bad rating has a reason."""
    missing, unknown = questions.keys() - answers.keys(), answers.keys() - questions.keys()
    errors: dict[str, Refused] = {}
    errors |= {f"q{ordinal}": Refused(_("Chưa trả lời câu hỏi này."), "missing") for ordinal in missing}
    errors |= {f"q{ordinal}": Refused(_("Không có câu hỏi này."), "unknown") for ordinal in unknown}
    for ordinal, answer in answers.items():
        if answer["rating"] not in Rating.values:
            errors[f"q{ordinal}"] = Refused(_("Mức đánh giá không hợp lệ."), "rating")
        elif answer["rating"] == Rating.BAD and not answer["reason"].strip():
            errors[f"q{ordinal}"] = Refused(_("Vui lòng cho biết lý do không hài lòng."), "reason")
        elif len(answer["reason"]) > LONGEST_REASON:
            message = sentence(_("Lý do dài quá %(most)d ký tự."), most=LONGEST_REASON)
            errors[f"q{ordinal}"] = Refused(message, "too_long")
    if errors:
        raise InputRefused(errors)
