"""The forms of citizens: the ballot, and the code at the counter's tablet. `ballots` decides what may be cast."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onestop.common.errors import Refused
from onestop.common.input.form_fields import LineField, LinesField
from onestop.common.web.form_errors import show_on_form
from onestop.dossiers.models import Dossier
from onestop.votes import ballots
from onestop.votes.ballots import LONGEST_REASON, AlreadyRated, BallotAnswer
from onestop.votes.models import Question, QuestionSet, Rating


@dataclass(frozen=True)
class QuestionLine:
    """One question on the page: its three ratings, and the reason for the lowest."""

    question: Question
    rating: BoundField
    reason: BoundField

    @property
    def errors(self) -> list[str]:
        return [*self.rating.errors, *self.reason.errors]

    @property
    def first_wrong(self) -> str:
        """The id of the input in which the error of this question is to be corrected."""
        wants_reason = str(self.rating.value()) == str(Rating.BAD.value)
        return self.reason.auto_id if wants_reason else f"{self.rating.auto_id}_0"


class BallotForm(forms.Form):
    """The ballot with the questions of a set."""

    def __init__(self, question_set: QuestionSet, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.question_set = question_set
        self.questions = list(question_set.questions.all())
        for question in self.questions:
            self.fields[f"q{question.ordinal}"] = forms.TypedChoiceField(
                label=question.content,
                choices=Rating.choices,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[f"reason{question.ordinal}"] = LinesField(
                label=_("Lý do không hài lòng"),
                required=False,
                widget=forms.Textarea({"rows": 3, "maxlength": LONGEST_REASON}),
            )

    @property
    def lines(self) -> list[QuestionLine]:
        return [
            QuestionLine(question, self[f"q{question.ordinal}"], self[f"reason{question.ordinal}"])
            for question in self.questions
        ]

    def cast(self, dossier: Dossier) -> bool:
        """Casts the ballot. Returns False, with errors on the fields, on bad input. Raises AlreadyRated."""
        if not self.is_valid():
            return False
        try:
            ballots.cast(dossier, self.question_set, self.answers())
        except AlreadyRated:
            raise
        except Refused as refusal:
            show_on_form(self, refusal)
        return not self.errors

    def answers(self) -> dict[int, BallotAnswer]:
        """The answers. A reason counts for the lowest rating only: it may be left over from a rating changed since."""
        chosen: dict[int, BallotAnswer] = {}
        for question in self.questions:
            rating = self.cleaned_data[f"q{question.ordinal}"]
            if rating is not None:
                # A browser counts the end of a line as one letter and sends two; the column's limit is in letters.
                reason = self.cleaned_data[f"reason{question.ordinal}"].replace("\r\n", "\n")
                chosen[question.ordinal] = BallotAnswer(rating=rating, reason=reason if rating == Rating.BAD else "")
        return chosen


class CodeForm(forms.Form):
    """A dossier's code, or the text of a scanned receipt: the look-up address or its token."""

    code = LineField(
        label=_("mã hồ sơ"),
        max_length=300,
        widget=forms.TextInput(
            {"autofocus": True, "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": _("Vui lòng nhập mã hồ sơ ghi trên giấy tiếp nhận.")},
    )
