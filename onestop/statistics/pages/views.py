"""The pages of figures: the overview, and the dossiers that a figure counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from onestop.common.pagination import requested_page
from onestop.dossiers.models import Dossier
from onestop.staff.requests import StaffRequest
from onestop.statistics.counting.incremental import up_to_date
from onestop.statistics.figures.drill_down import FIGURES, dossier_keys
from onestop.statistics.figures.figures import figures
from onestop.statistics.periods import Period
from onestop.statistics.scope import FigureScope

from .forms import FiguresForm, query_of
from .report import LABELS, Report

R = TypeVar("R", bound=HttpResponseBase)


def as_of_one_moment(view: Callable[[StaffRequest, int], R]) -> Callable[[StaffRequest], R]:
    """Decorates a page or file of figures: counts recent moves, then reads everything as of one moment.

    The view gets the number of moves that are not counted yet.
    """

    @require_GET
    @never_cache
    @wraps(view)
    def shown(request: StaffRequest) -> R:
        with up_to_date() as uncounted:
            return view(request, uncounted)

    return shown


@as_of_one_moment
def overview(request: StaffRequest, uncounted: int) -> HttpResponse:
    return show_overview(request, FiguresForm(request.user, request.GET), uncounted)


def show_overview(request: StaffRequest, form: FiguresForm, uncounted: int, status: int = 200) -> HttpResponse:
    """The page of figures for a form, with the form's errors if it is not valid."""
    context: dict[str, object] = {"form": form}
    if form.is_valid_or_404() and form.cleaned_data["agency"]:
        context |= {"uncounted": uncounted, "query": query_of(form.scope, form.requested_period)}
        context |= {"report": Report(form.scope, form.requested_period, form.now), "periods": _periods_beside(form)}
    return render(request, "statistics/overview.html", context, status=status)


def _periods_beside(form: FiguresForm) -> dict[str, object]:
    """The periods before and after, and the month, the quarter and the year that contain the end of the chosen one."""
    period = form.requested_period
    month = min(period.months[-1], form.current, key=lambda month: month.first_day)
    kinds = [month, month.own_quarter, Period(month.year)]

    def link(to: Period) -> tuple[Period, str]:
        return to, query_of(form.scope, to)

    return {
        "previous": link(period.previous) if period.year > 1901 else None,
        "next": link(period.next) if period.next.start <= form.now else None,
        "kinds": [link(kind) for kind in kinds],
    }


# ---- the dossiers that a figure counts


@dataclass(frozen=True)
class FigureDossiers:
    """A figure, and the dossiers that it counts."""

    figure: str
    scope: FigureScope
    period: Period
    now: datetime
    number: int

    @property
    def is_provisional(self) -> bool:
        return self.now < self.period.end

    @property
    def label(self) -> str:
        return str(LABELS[self.figure])

    @property
    def query(self) -> str:
        return query_of(self.scope, self.period, figure=self.figure)

    def keys(self) -> QuerySet[Model, int]:
        """The keys of the dossiers, the latest first."""
        return dossier_keys(self.figure, self.scope, self.period, self.now)


def in_order(keys: Sequence[int]) -> list[Dossier]:
    """The dossiers of these keys, in the order of the keys."""
    rows = Dossier.objects.select_related("procedure", "agency", "unit").defer("search", *_LONG_TEXTS).in_bulk(keys)
    return [rows[key] for key in keys]


_LONG_TEXTS = ("procedure__legal_basis", "procedure__subjects", "procedure__search")


def figure_dossiers(form: FiguresForm, figure: str) -> FigureDossiers:
    """The dossiers of one figure of a valid form. Raises Http404 for an unknown figure."""
    if figure not in FIGURES or not form.cleaned_data["agency"]:
        raise Http404
    number = getattr(figures(form.scope, form.requested_period, form.now), figure)
    return FigureDossiers(figure, form.scope, form.requested_period, form.now, number)


@as_of_one_moment
def dossiers(request: StaffRequest, uncounted: int) -> HttpResponse:
    form = FiguresForm(request.user, request.GET)
    if not form.is_valid_or_404():
        return show_overview(request, form, uncounted)
    drill_down = figure_dossiers(form, request.GET.get("figure", ""))
    page = requested_page(request, drill_down.keys())
    context = {
        "drill_down": drill_down,
        "back": query_of(drill_down.scope, drill_down.period),
        "dossiers": in_order(page.rows),
        "previous": page.previous,
        "next": page.next,
    }
    return render(request, "statistics/dossiers.html", context)
