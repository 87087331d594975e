"""The filters of the results. All values are in the address, so that results can be bookmarked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast

from django import forms
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, Field, Procedure
from onestop.dossiers.register.views import check_order, day_field
from onestop.staff.requests import StaffRequest

from .models import Ballot, QuestionSet
from .results import Filters

# A published name may have two thousand letters.
NAME_SHOWN = 90


class ProcedureField(forms.ModelChoiceField[Procedure]):
    def label_from_instance(self, obj: Procedure) -> str:
        return Truncator(str(obj)).chars(NAME_SHOWN)


class ResultsForm(forms.Form):
    """Without days in the address, those of this quarter. Offers only fields, procedures and sets with ballots."""

    agency = forms.ModelChoiceField[Agency](
        label=_("cơ quan"), queryset=Agency.objects.none(), required=False, empty_label=_("tất cả cơ quan của tôi")
    )
    field = forms.ModelChoiceField[Field](
        label=_("lĩnh vực"), queryset=Field.objects.none(), required=False, empty_label=_("mọi lĩnh vực")
    )
    procedure = ProcedureField(
        label=_("thủ tục"), queryset=Procedure.objects.none(), required=False, empty_label=_("mọi thủ tục")
    )
    question_set = forms.ModelChoiceField[QuestionSet](
        label=_("bộ câu hỏi"), queryset=QuestionSet.objects.none(), required=False, empty_label=_("mọi bộ câu hỏi")
    )
    cast_from = day_field(_("từ ngày"))
    cast_to = day_field(_("đến hết ngày"))

    def __init__(self, request: StaffRequest) -> None:
        super().__init__(this_quarter(timezone.localdate()) | request.GET.dict())
        rated = Ballot.objects.filter(agency__in=request.user.agencies).order_by()
        self._offer("agency", request.user.agencies)
        self._offer("field", Field.objects.filter(procedures__in=rated.values("procedure")).distinct())
        self._offer("procedure", Procedure.objects.filter(pk__in=rated.values("procedure")))
        self._offer("question_set", QuestionSet.objects.filter(pk__in=rated.values("question_set")).order_by("-pk"))

    def _offer(self, name: str, rows: QuerySet[Model]) -> None:
        cast("forms.ModelChoiceField[Model]", self.fields[name]).queryset = rows

    def clean_cast_to(self) -> date:
        return check_order(self.cleaned_data.get("cast_from"), self.cleaned_data["cast_to"])

    @property
    def narrowed(self) -> Filters:
        params = self.cleaned_data
        return Filters(field=params["field"], procedure=params["procedure"], question_set=params["question_set"])


def this_quarter(today: date) -> dict[str, str]:
    first_day = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    # A quarter has 90 to 92 days, so this day is in the first month of the next quarter.
    day_after = (first_day + timedelta(days=95)).replace(day=1)
    return {"cast_from": first_day.isoformat(), "cast_to": (day_after - timedelta(days=1)).isoformat()}
