"""`votes`: ballots of citizens that a partner's system collected, the questions to ask, and the ratings of agencies.

The database does not hold who voted, nor when. So a ballot ignores `Idempotency-Key`: the record of such a call holds
its hour and a hash of address and body, and by trying all possible bodies one could find the ballot of a dossier. A
ballot needs no key, because a dossier votes once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.catalog.models import Procedure
from onestop.common.errors import WHOLE, InputRefused
from onestop.dossiers.models import Dossier
from onestop.partners.scopes import ApiScope
from onestop.rest.fields import DayInput, LineInput, LinesInput, Strict, Validated, WholeInput
from onestop.rest.views import ApiView
from onestop.votes import ballots
from onestop.votes.ballots import LONGEST_REASON, BallotAnswer
from onestop.votes.models import QuestionSet, Rating
from onestop.votes.results import Filters, VoteCount, ballots_cast, overall, tallies

# ---- casting


class AnswerInput(Strict):
    question = WholeInput(min_value=1, help_text=_("Số thứ tự của câu hỏi trong bộ."))
    rating = WholeInput(min_value=1, max_value=3, help_text=_("1: rất hài lòng, 2: hài lòng, 3: không hài lòng."))
    reason = LinesInput(
        max_length=LONGEST_REASON,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Bắt buộc khi không hài lòng, và chỉ ghi khi đó."),
    )

    def validate(self, attrs: Validated) -> Validated:
        if attrs["reason"] and attrs["rating"] != Rating.BAD:
            raise serializers.ValidationError({"reason": [_("Chỉ ghi lý do khi không hài lòng.")]}, "needless")
        return attrs


class BallotInput(Strict):
    """All questions of a set, each answered once."""

    question_set = WholeInput(min_value=1, help_text=_("Bộ câu hỏi, như `questions` của hồ sơ đã cho biết."))
    answers = AnswerInput(many=True)

    def validate_answers(self, answers: list[Validated]) -> list[Validated]:
        questions = [answer["question"] for answer in answers]
        if twice := sorted({question for question in questions if questions.count(question) > 1}):
            message = gettext("Câu hỏi %(question)d được trả lời hai lần.")
            raise serializers.ValidationError([message % {"question": question} for question in twice], "repeated")
        return answers


class QuestionRow(serializers.Serializer[object]):
    question = serializers.IntegerField(source="ordinal", help_text=_("Số thứ tự."))
    content = serializers.CharField()


class QuestionsRow(serializers.Serializer[object]):
    question_set = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    questions = QuestionRow(many=True)


BALLOT = {
    "question_set": 1,
    "answers": [{"question": 1, "rating": 1}, {"question": 2, "rating": 3, "reason": "Phải đi lại ba lần"}],
}
QUESTIONS = {
    "question_set": 1,
    "name": "Khảo sát hài lòng",
    "questions": [
        {"question": 1, "content": "Ông/bà có hài lòng về thái độ phục vụ không?"},
        {"question": 2, "content": "Ông/bà có hài lòng về số lần phải liên hệ không?"},
    ],
}


class DossierVoteView(ApiView):
    """A dossier's ballot. The answer says nothing of it."""

    scopes = {"post": ApiScope.VOTES_WRITE}

    @extend_schema(
        operation_id="dossier_vote",
        summary=_("Gửi phiếu đánh giá của người dân về một hồ sơ"),
        description=_(
            "Mỗi hồ sơ được đánh giá một lần cho mỗi bộ câu hỏi; gửi lại thì được trả lời 409 `already_rated`. "
            "Phiếu không lưu của ai và lúc mấy giờ, nên Idempotency-Key không có tác dụng ở đây."
        ),
        request=BallotInput,
        responses={201: OpenApiTypes.OBJECT},
        examples=[OpenApiExample("Hai câu hỏi", BALLOT, request_only=True)],
    )
    def post(self, request: Request, uuid: UUID) -> Response:
        dossier = get_object_or_404(Dossier.objects.visible_to(self.colleague), uuid=uuid)  # scope: vote
        data = self.validated_body(BallotInput)
        question_set = QuestionSet.objects.serving(dossier, timezone.localdate()).filter(pk=data["question_set"])
        chosen = question_set.first()
        if chosen is None:
            raise serializers.ValidationError({"question_set": [_("Bộ câu hỏi này không dùng cho hồ sơ này.")]})
        answers = {
            answer["question"]: BallotAnswer(rating=answer["rating"], reason=answer["reason"])
            for answer in data["answers"]
        }
        try:
            ballots.cast(dossier, chosen, answers)
        except InputRefused as error:
            raise serializers.ValidationError(by_answer(error, list(answers))) from error
        return Response({}, status=status.HTTP_201_CREATED)


def by_answer(error: InputRefused, questions: list[int]) -> dict[str, list[serializers.ErrorDetail]]:
    """Turns errors by question into errors by position in the list of `questions`.

    A question without an answer is an error of the list as a whole.
    """
    errors: dict[str, list[serializers.ErrorDetail]] = {}
    for name, reasons in error.fields.items():
        if name == WHOLE:
            # The question set went out of use after it was read above.
            errors["question_set"] = [serializers.ErrorDetail(str(reason), reason.code) for reason in reasons]
            continue
        question = int(name.removeprefix("q"))
        if question in questions:
            place = f"answers.{questions.index(question)}"
            errors[place] = [serializers.ErrorDetail(str(reason), reason.code) for reason in reasons]
        else:
            text = gettext("Chưa trả lời câu hỏi %(question)d.") % {"question": question}
            errors.setdefault("answers", []).append(serializers.ErrorDetail(text, reasons[0].code))
    return errors


class DossierQuestionsView(ApiView):
    """What is asked about a dossier."""

    scopes = {"get": ApiScope.VOTES_WRITE}
    pagination_class = None

    @extend_schema(
        operation_id="dossier_questions",
        summary=_("Bộ câu hỏi đang dùng để người dân đánh giá một hồ sơ"),
        description=_("Hiển thị các câu hỏi này cho người dân, rồi gửi câu trả lời đến địa chỉ vote của hồ sơ."),
        responses=QuestionsRow,
        examples=[OpenApiExample("Hai câu hỏi", QUESTIONS, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request, uuid: UUID) -> Response:
        seen = Dossier.objects.visible_to(self.colleague).select_related("agency")  # scope: questions
        dossier = get_object_or_404(seen, uuid=uuid)
        question_set = QuestionSet.objects.for_dossier(dossier, timezone.localdate())
        if question_set is None:
            raise Http404(gettext("Hiện không có đợt lấy ý kiến nào cho hồ sơ này."))
        questions = question_set.questions.order_by("ordinal")
        data = {"pk": question_set.pk, "name": question_set.name, "questions": questions}
        return Response(QuestionsRow(data).data)


# ---- results


class ResultsInput(Strict):
    """Of which ratings; both days belong to it."""

    agency = LineInput(
        required=False,
        help_text=_("Mã định danh, gồm cả các đơn vị trực thuộc. Không có: mọi cơ quan của đối tác cộng lại."),
    )
    procedure = serializers.SlugRelatedField[Procedure](
        slug_field="code", queryset=Procedure.objects.all(), required=False, help_text=_("Mã thủ tục.")
    )
    question_set = serializers.PrimaryKeyRelatedField[QuestionSet](queryset=QuestionSet.objects.all(), required=False)

    def get_fields(self) -> dict[str, Any]:  # Any: fields of different types
        # `from` is a keyword of Python, so these two cannot be declared as attributes.
        days = {"from": DayInput(help_text=_("Từ ngày.")), "to": DayInput(help_text=_("Đến hết ngày."))}
        return {**days, **super().get_fields()}

    def validate(self, attrs: Validated) -> Validated:
        if attrs["to"] < attrs["from"]:
            raise serializers.ValidationError({"to": [_("Ngày cuối không được trước ngày đầu.")]})
        return attrs


class PercentsRow(serializers.Serializer[object]):
    very_good = serializers.FloatField()
    good = serializers.FloatField()
    bad = serializers.FloatField()


class TallyRow(serializers.Serializer[object]):
    very_good = serializers.IntegerField(help_text=_("Rất hài lòng."))
    good = serializers.IntegerField(help_text=_("Hài lòng."))
    bad = serializers.IntegerField(help_text=_("Không hài lòng."))
    percents = PercentsRow(help_text=_("Phần trăm, cộng lại đúng 100; đều là 0 khi chưa ai trả lời."))


class QuestionTallyRow(TallyRow):
    question = serializers.CharField(help_text=_("Lời của câu hỏi."))


class ResultsRow(serializers.Serializer[object]):
    ballots = serializers.IntegerField(help_text=_("Số phiếu."))
    overall = TallyRow(help_text=_("Mọi câu hỏi cộng lại."))
    questions = QuestionTallyRow(many=True)


RESULTS = {
    "ballots": 4,
    "overall": {"very_good": 3, "good": 0, "bad": 1, "percents": {"very_good": 75.0, "good": 0.0, "bad": 25.0}},
    "questions": [
        {
            "very_good": 3,
            "good": 0,
            "bad": 1,
            "percents": {"very_good": 75.0, "good": 0.0, "bad": 25.0},
            "question": "Ông/bà có hài lòng về thái độ phục vụ không?",
        }
    ],
}


class VotesView(ApiView):
    """How the partner's agencies were rated: counts alone, and nothing that leads to a ballot."""

    scopes = {"get": ApiScope.VOTES_READ}
    parameters = {"get": frozenset(ResultsInput().fields)}
    pagination_class = None

    @extend_schema(
        operation_id="votes",
        summary=_("Kết quả người dân đánh giá"),
        description=_("Số phiếu và tỷ lệ hài lòng trong khoảng ngày, gồm cả hai ngày; không có phiếu của từng người."),
        parameters=[ResultsInput],
        responses=ResultsRow,
        examples=[OpenApiExample("Một câu hỏi", RESULTS, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        query = self.validated_query(ResultsInput)
        overseen = self.colleague.agencies  # scope: votes
        agency = get_object_or_404(overseen, code=query["agency"]) if "agency" in query else None
        # The ratings of one agency include the agencies below it at that time, even if they have moved since.
        among = overseen if agency is None else None
        narrowed = Filters(procedure=query.get("procedure"), question_set=query.get("question_set"), agencies=among)
        days = query["from"], query["to"] + timedelta(days=1)
        tallied = tallies(agency, *days, **narrowed)
        data = {
            "ballots": ballots_cast(agency, *days, **narrowed),
            "overall": tally_row(overall(tallied)),
            "questions": [tally_row(tally) | {"question": tally.question} for tally in tallied],
        }
        return Response(data)


def tally_row(tally: VoteCount) -> dict[str, object]:
    percents: Mapping[str, float] = dict(zip(("very_good", "good", "bad"), tally.percents, strict=True))
    return {"very_good": tally.very_good, "good": tally.good, "bad": tally.bad, "percents": percents}
