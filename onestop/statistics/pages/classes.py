"""The page of points and classes: an agency and its units, indicator by indicator, for a quarter or a year."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from onestop.staff.requests import StaffRequest
from onestop.statistics.periods import Period
from onestop.statistics.scoring import CLASSES, INDICATORS, scores

from .forms import PeriodForm
from .views import as_of_one_moment


class ScoresForm(PeriodForm):
    """Scores are computed for a quarter or a year."""

    @property
    def usual_period(self) -> Period:
        return self.current.own_quarter

    def clean_period(self) -> Period:
        period = super().clean_period()
        if period.is_month:
            raise ValidationError(_("Điểm được tính theo quý hoặc năm: viết như 2026-Q4 hoặc 2026."))
        return period

    def _periods(self) -> list[tuple[str, object]]:
        return [choice for choice in super()._periods() if choice[0] != _("tháng")]


@as_of_one_moment
def classes(request: StaffRequest, uncounted: int) -> HttpResponse:
    form = ScoresForm(request.user, request.GET)
    context: dict[str, object] = {"form": form, "indicators": INDICATORS, "classes": CLASSES}
    if form.is_valid_or_404() and form.cleaned_data["agency"]:
        context["uncounted"] = uncounted
        context["period"] = form.requested_period
        context["is_provisional"] = form.now < form.requested_period.end
        context["now"] = form.now
        context["scores"] = scores(form.cleaned_data["agency"], form.requested_period)
    return render(request, "statistics/classes.html", context)
