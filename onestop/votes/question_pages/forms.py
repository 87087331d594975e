"""The form of a set of questions with its questions, a line for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onestop.catalog.models import Agency
from onestop.common.input.dates import DayField
from onestop.common.input.form_fields import LineField
from onestop.staff.models import User
from onestop.votes.models import Indicator, QuestionSet

# Beyond those that there are; whoever needs more saves and comes back, so that it works without scripts.
EMPTY_LINES: Final = 3
MOST_QUESTIONS: Final = 40
# The text and the indicator of a question.
Wording = tuple[str, int | None]


class WordingLine(NamedTuple):
    number: int
    content: forms.BoundField
    indicator: forms.BoundField


class QuestionSetForm(forms.ModelForm[QuestionSet]):
    """A set that has been answered keeps its name and its questions: see `QuestionSet.is_answered`."""

    starts_on = DayField(label=gettext_lazy("dùng từ ngày"), required=False)
    ends_on = DayField(label=gettext_lazy("đến hết ngày"), required=False)

    class Meta:
        model = QuestionSet
        fields = ["name", "agency", "is_active", "starts_on", "ends_on"]

    def __init__(
        self, user: User, questions: Sequence[Wording], *args: Any, is_answered: bool = False, **kwargs: Any
    ) -> None:  # Any: the arguments of Django's form
        super().__init__(*args, **kwargs)
        agency = cast("forms.ModelChoiceField[Agency]", self.fields["agency"])
        agency.queryset = user.agencies
        agency.required = not user.is_superuser
        agency.empty_label = str(_("mọi cơ quan")) if user.is_superuser else None
        agency.help_text = _("Áp dụng cho cơ quan này và đơn vị trực thuộc chưa có bộ câu hỏi riêng.")
        self.numbers = range(1, 1)
        if is_answered:
            del self.fields["name"], self.fields["agency"]
            return
        typed = sum(1 for name in self.data if str(name).startswith("content_"))
        number = min(max(len(questions) + EMPTY_LINES, typed), MOST_QUESTIONS)
        self.numbers = range(1, number + 1)
        for place in self.numbers:
            content, indicator = questions[place - 1] if place <= len(questions) else ("", None)
            params = {"number": place}
            self.fields[f"content_{place}"] = LineField(
                label=_("Câu hỏi %(number)s") % params, max_length=500, required=False
            )
            self.fields[f"indicator_{place}"] = forms.TypedChoiceField(
                label=_("Chỉ số của câu hỏi %(number)s") % params,
                choices=[("", _("không tính chỉ số")), *Indicator.choices],
                coerce=int,
                empty_value=None,
                required=False,
            )
            self.initial.update({f"content_{place}": content, f"indicator_{place}": indicator})

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.numbers and not self.wordings and not any(f"content_{n}" in self.errors for n in self.numbers):
            self.add_error("content_1", _("Nhập ít nhất một câu hỏi."))
        return cleaned

    @property
    def wordings(self) -> list[Wording]:
        """The questions typed into the form, in order, without empty lines."""
        lines = (
            (self.cleaned_data.get(f"content_{n}"), self.cleaned_data.get(f"indicator_{n}")) for n in self.numbers
        )
        return [(content, indicator) for content, indicator in lines if content]

    def own_fields(self) -> Iterator[forms.BoundField]:
        """The fields of the set itself."""
        return (self[name] for name in self.Meta.fields if name in self.fields)

    def lines(self) -> list[WordingLine]:
        return [WordingLine(n, self[f"content_{n}"], self[f"indicator_{n}"]) for n in self.numbers]
