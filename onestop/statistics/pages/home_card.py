"""The part of the first page with the office's month: how much was in time, and what came in day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from onestop.catalog.models import Agency
from onestop.common.time import start_of
from onestop.common.wording import pair
from onestop.dossiers.models import Dossier
from onestop.staff.requests import StaffRequest
from onestop.staff.sessions import requested_by_page
from onestop.statistics.figures.figures import figures
from onestop.statistics.periods import Period
from onestop.statistics.scope import FigureScope

from .forms import query_of, usual_agency
from .views import as_of_one_moment

DAYS_SHOWN = 30


class DayBar(NamedTuple):
    """What came in on a day: `height` is its part of the busiest day's number, in percent."""

    day: date
    number: int
    height: int
    place: float

    @property
    def top(self) -> int:
        return 100 - self.height


@requested_by_page
@as_of_one_moment
def home_card(request: StaffRequest, uncounted: int) -> HttpResponse:
    if not request.htmx:
        return redirect("statistics:overview")
    agency = usual_agency(request.user)
    if agency is None:
        return render(request, "statistics/month.html")
    scope, now = FigureScope(agency), timezone.now()
    month = Period.month_of(now)
    this_month, last_month = figures(scope, month, now), figures(scope, month.previous, now)
    days = list(received_by_day(agency))
    context = {
        "month": month,
        "solved": this_month.solved,
        "in_time": pair(this_month.solved_in_time, this_month.solved)[0],
        "solved_before": last_month.solved,
        "in_time_before": pair(last_month.solved_in_time, last_month.solved)[0],
        "days": days,
        "received": sum(bar.number for bar in days),
        "query": query_of(scope, month),
    }
    return render(request, "statistics/month.html", context)


def received_by_day(agency: Agency) -> Iterator[DayBar]:
    """What the agency and those below it received on each of the last days, today last."""
    today = timezone.localdate()
    first = today - timedelta(days=DAYS_SHOWN - 1)
    within = Agency.objects.within(agency).values("pk")
    received = Dossier.objects.filter(agency__in=within, accepted_at__gte=start_of(first), is_test=False)
    by_day = received.order_by().values_list(TruncDate("accepted_at")).annotate(number=Count("pk"))
    numbers = dict(by_day)
    most = max(numbers.values(), default=0)
    for place in range(DAYS_SHOWN):
        day = first + timedelta(days=place)
        number = numbers.get(day, 0)
        yield DayBar(day, number, 100 * number // most if most else 0, 100 * place / DAYS_SHOWN)
