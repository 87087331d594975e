"""The forms that choose figures. All their values are in the address, so that a page can be saved and shared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, Field, Procedure, SubmissionChannel
from onestop.common.input.filter_forms import FilterForm
from onestop.common.input.form_fields import LineField
from onestop.staff.models import User
from onestop.statistics.periods import Period
from onestop.statistics.publishing import reporting_agencies
from onestop.statistics.scope import FigureScope

YEARS_OFFERED = 3


class AgencySelect(forms.Select):
    def use_required_attribute(self, _initial: object) -> bool:
        # Django would read all agencies once more to answer this.
        return False


class PeriodForm(FilterForm):
    """Chooses agency and period; by default the user's own agency and `usual_period`."""

    agency = forms.ModelChoiceField[Agency](
        label=_("cơ quan tiếp nhận"),
        queryset=Agency.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=None,
        widget=AgencySelect,
    )
    period = LineField(label=_("kỳ"), max_length=20, required=False, widget=forms.Select)

    def __init__(self, user: User, params: QueryDict, now: datetime | None = None) -> None:
        self.now = now or timezone.now()
        self.current = Period.month_of(self.now)
        agency = usual_agency(user)
        usual = {"period": str(self.usual_period), "agency": agency.code if agency else ""}
        super().__init__(usual | {name: value for name, value in params.items() if value})
        cast("forms.ModelChoiceField[Agency]", self.fields["agency"]).queryset = user.agencies
        self.fields["period"].widget = forms.Select(choices=self._periods())

    def clean_period(self) -> Period:
        try:
            period = Period.parse(self.cleaned_data["period"].strip())
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if period.start > self.now:
            raise ValidationError(_("Kỳ này chưa bắt đầu nên chưa có số liệu."))
        return period

    def is_valid_or_404(self) -> bool:
        """Whether the form is valid. Raises Http404 for an agency that is unknown or not the user's to see."""
        if not self.is_valid() and self.has_error("agency", "invalid_choice"):
            raise Http404
        return self.is_valid()

    @property
    def requested_period(self) -> Period:
        period: Period = self.cleaned_data["period"]
        return period

    @property
    def usual_period(self) -> Period:
        return self.current

    def _periods(self) -> list[tuple[str, object]]:
        """The periods of the last years, and the one in the address."""
        months = [
            Period(year, month)
            for year in range(self.current.year, self.current.year - YEARS_OFFERED, -1)
            for month in range(12, 0, -1)
        ]
        months = [month for month in months if month.start <= self.now]
        quarters = dict.fromkeys(month.own_quarter for month in months)
        years = dict.fromkeys(Period(month.year) for month in months)
        offered = [*months, *quarters, *years]
        requested = self.data["period"]
        choices: list[tuple[str, object]] = [
            (str(_("tháng")), _choices(months)),
            (str(_("quý")), _choices(quarters)),
            (str(_("năm")), _choices(years)),
        ]
        if requested in map(str, offered):
            return choices
        try:
            name = capfirst(Period.parse(requested).in_words)
        except ValueError:
            name = requested
        return [(requested, name), *choices]


class FiguresForm(PeriodForm):
    """Chooses also which dossiers: field, procedure, channel."""

    field = forms.ModelChoiceField[Field](
        label=_("lĩnh vực"),
        queryset=Field.objects.all(),
        to_field_name="code",
        required=False,
        empty_label=_("mọi lĩnh vực"),
    )
    procedure = LineField(
        label=_("mã thủ tục"),
        max_length=50,
        required=False,
        widget=forms.TextInput({"placeholder": _("mọi thủ tục"), "autocomplete": "off"}),
    )
    channel = forms.ChoiceField(
        label=_("hình thức nộp"), choices=[("", _("mọi hình thức")), *SubmissionChannel.choices], required=False
    )
    alone = forms.BooleanField(label=_("không kể đơn vị trực thuộc"), required=False)

    def clean_procedure(self) -> Procedure | None:
        code = self.cleaned_data["procedure"]
        if not code:
            return None
        procedure = Procedure.objects.only("code", "name").filter(code=code).first()
        if procedure is None:
            message = _(
                "Không có thủ tục nào mang mã “%(code)s”. Vui lòng chép mã ở bảng “Theo thủ tục”, ví dụ 1.001193."
            )
            raise ValidationError(message, params={"code": code})
        return procedure

    @property
    def scope(self) -> FigureScope:
        params = self.cleaned_data
        return FigureScope(params["agency"], params["field"], params["procedure"], params["channel"], params["alone"])


def usual_agency(user: User) -> Agency | None:
    """The agency whose figures a user sees first: their own; without one, the first that reports."""
    return user.agency or reporting_agencies().level1().order_by("-is_active", "code").first()


def query_of(scope: FigureScope, period: Period, **more: str) -> str:
    """The query string of the page with these figures, with its question mark."""
    params = {
        **more,
        "period": str(period),
        "agency": scope.agency.code,
        "field": scope.field.code if scope.field else "",
        "procedure": scope.procedure.code if scope.procedure else "",
        "channel": str(scope.channel),
        "alone": "on" if scope.alone else "",
    }
    return "?" + urlencode({name: value for name, value in params.items() if value})


def _choices(periods: Iterable[Period]) -> list[tuple[str, str]]:
    return [(str(period), capfirst(period.in_words)) for period in periods]
