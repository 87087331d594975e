"""The results of ratings, for staff: of their own agency and those below it."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from onestop.common.pagination import requested_page
from onestop.staff.requests import StaffRequest

from .filters import ResultsForm
from .results import by_unit, overall, reasons, tallies


@require_GET
@never_cache
def results(request: StaffRequest) -> HttpResponse:
    form = ResultsForm(request)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        params = form.cleaned_data
        of_whom = params["agency"] or request.user.agency
        period = params["cast_from"], params["cast_to"] + timedelta(days=1)
        narrowed = form.narrowed
        tallied = tallies(of_whom, *period, **narrowed)
        units = by_unit(of_whom, *period, **narrowed)
        page = requested_page(request, reasons(of_whom, *period, **narrowed))
        context |= {
            "agency": of_whom,
            "ballots": sum(unit.ballots for unit in units),
            "overall": overall(tallied),
            "tallies": tallied,
            "units": units,
            "reasons": page.rows,
            "previous": page.previous,
            "next": page.next,
        }
    return render(request, "votes/results.html", context)
