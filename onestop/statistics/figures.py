"""The figures of an office for a month, a quarter or a year, added up from what each month changed.

For a period [start, end) by Vietnam's clock, from dated history alone, whatever happened later:

- accepted: its first move into “accepted”. Closed as of an instant: its last move before that into withdrawn, stopped
  or completed has not been reopened before it.
- to be worked on: accepted before `end`, unless closed as of `start` and not reopened in the period.
- solved: closed as of `end`; in time at or before the due instant then in force, or where there was none.
- pending: not closed as of `end`; late past the due instant in force, a paused one only if the pause began so late.

A period that has not ended is counted as of now. Test dossiers are not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from onestop.dossiers.models import Move

from .models import AgencyMonth, LateSpell, ProcedureMonth, Spell
from .periods import VIETNAM, Period
from .scope import Scope

# Of a month's measures, those that count what happened in it, and those whose sum so far is what stands at its end.
FLOWS = ("accepted", "refused", "in_time", "late", "denied", "withdrawn", "stopped", "worked_seconds")
STOCKS = ("net_open", "net_late")


@dataclass(frozen=True)
class Figures:
    """Reception and processing in one period. The first six carry every identity of the totals.

    `carried_over` + `new_reception` dossiers were to be worked on; of these `solved_*` were closed by the period's
    end, and `pending*` were not. Of the solved ones, `denied`, `withdrawn` and `stopped` ended so, the others with
    what was asked for. `refused` were never accepted and count nowhere else. `worked_seconds`: how long the solved
    ones were in the office's hands, all together.
    """

    carried_over: int = 0
    new_reception: int = 0
    solved_in_time: int = 0
    solved_late: int = 0
    pending: int = 0
    pending_late: int = 0
    refused: int = 0
    denied: int = 0
    withdrawn: int = 0
    stopped: int = 0
    worked_seconds: int = 0

    @property
    def total(self) -> int:
        return self.carried_over + self.new_reception

    @property
    def solved(self) -> int:
        return self.solved_in_time + self.solved_late

    @property
    def still_open(self) -> int:
        return self.pending + self.pending_late

    @property
    def average_seconds(self) -> int | None:
        """To the second, half up; None where nothing was solved."""
        return (2 * self.worked_seconds + self.solved) // (2 * self.solved) if self.solved else None

    def __add__(self, other: Figures) -> Figures:
        """Of two offices, or two kinds of dossiers, together: of the same period, that is."""
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Figures)))


def figures(scope: Scope, period: Period, now: datetime | None = None) -> Figures:
    """Of all dossiers in `scope` together. `now` is the present: nothing is recorded that comes after it."""
    return grouped_figures(scope, period, (), now).get((), Figures())


def grouped_figures(
    scope: Scope, period: Period, by: Sequence[str], now: datetime | None = None
) -> dict[tuple[Any, ...], Figures]:
    """By the values of `by`, any of "agency", "procedure", "procedure__field", "channel"; none where all are 0."""
    now = now or timezone.now()
    by = list(by)
    months = {_key(row, by): row for row in _months(scope, period, by)}
    undone = {} if period.is_month else {_key(row, by): row for row in _closings_undone(scope, period, by)}
    overdue = None
    if now < period.end:
        rows = _grouped(scope.of(LateSpell.objects.at(now)), by).annotate(times=Count("pk"))
        overdue = {_key(row, by): row["times"] for row in rows}
    found = {
        key: _figures(row, undone.get(key, {}), row["late_now"] if overdue is None else overdue.get(key, 0))
        for key, row in months.items()
    }
    return {key: counted for key, counted in found.items() if counted != Figures()}


def monthly_figures(scope: Scope, months: Iterable[Period], now: datetime | None = None) -> dict[Period, Figures]:
    """Of each of `months`, for a look at how things went; in two queries, however many they are."""
    now, months = now or timezone.now(), sorted(months, key=lambda month: month.first_day)
    if not months:
        return {}
    kept: QuerySet[Any] = (AgencyMonth if scope.is_whole else ProcedureMonth)._default_manager.all()
    rows = scope.of(kept.filter(month__lt=months[-1].day_after)).order_by("month").values("month")
    changes = list(rows.annotate(**{f"{name}_sum": Sum(name) for name in (*FLOWS, *STOCKS)}))
    overdue = scope.of(LateSpell.objects.at(now)).count() if now < months[-1].end else 0
    return {month: _month(changes, month, overdue if now < month.end else None) for month in months}


def _month(changes: list[dict[str, Any]], month: Period, overdue: int | None) -> Figures:
    """Out of what every month up to it changed, which is in order; `overdue` is known where the month is running."""
    before = [row for row in changes if row["month"] < month.day_after]
    own = before[-1] if before and before[-1]["month"] == month.first_day else {}
    row = {f"{name}_then": own.get(f"{name}_sum", 0) for name in FLOWS}
    row |= {f"{name}_now": sum(row[f"net_{name}_sum"] for row in before) for name in ("open", "late")}
    return _figures(row, {}, row["late_now"] if overdue is None else overdue)


def _grouped(rows: QuerySet[Any], by: Sequence[str]) -> QuerySet[Any, dict[str, Any]]:
    """One group of them all where nothing is said to group by."""
    return rows.order_by().values(*by) if by else rows.order_by().values(all=Value(1))


def _key(row: dict[str, Any], by: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in by)


def _months(scope: Scope, period: Period, by: Sequence[str]) -> QuerySet[Any, dict[str, Any]]:
    """Of the months up to the period's end, what happened in it and what stood at its end."""
    coarse = scope.is_whole and set(by) <= {"agency"}
    rows: QuerySet[Any] = (AgencyMonth if coarse else ProcedureMonth)._default_manager.filter(
        month__lt=period.day_after
    )
    within = Q(month__gte=period.first_day)
    found: QuerySet[Any, dict[str, Any]] = _grouped(scope.of(rows), by).annotate(
        **{f"{name}_then": Coalesce(Sum(name, filter=within), 0) for name in FLOWS},
        open_now=Coalesce(Sum("net_open"), 0),
        late_now=Coalesce(Sum("net_late"), 0),
    )
    return found


def _closings_undone(scope: Scope, period: Period, by: Sequence[str]) -> QuerySet[Any, dict[str, Any]]:
    """Closings that stood at the end of their own month, but not at that of the quarter or year."""
    undone = scope.of(
        Spell.objects.filter(closed_at__gte=period.start, reopened_at__lt=period.end)
        .annotate(
            month_closed=TruncMonth("closed_at", tzinfo=VIETNAM),
            month_reopened=TruncMonth("reopened_at", tzinfo=VIETNAM),
        )
        .filter(month_reopened__gt=F("month_closed"))
    )
    accepted = Q(opened_at__isnull=False)
    found: QuerySet[Any, dict[str, Any]] = _grouped(undone, by).annotate(
        refused=Count("pk", filter=~accepted),
        in_time=Count("pk", filter=accepted & (Q(due_at=None) | Q(due_at__gte=F("closed_at")))),
        late=Count("pk", filter=accepted & Q(due_at__lt=F("closed_at"))),
        denied=Count("pk", filter=Q(outcome=Move.DENY)),
        withdrawn=Count("pk", filter=Q(outcome=Move.WITHDRAW)),
        stopped=Count("pk", filter=Q(outcome=Move.STOP)),
        seconds=Coalesce(Sum("worked_seconds"), 0),
    )
    return found


def _figures(months: dict[str, Any], undone: dict[str, Any], overdue: int) -> Figures:
    in_time = months["in_time_then"] - undone.get("in_time", 0)
    late = months["late_then"] - undone.get("late", 0)
    return Figures(
        # What was there to be worked on is what became of it.
        carried_over=in_time + late + months["open_now"] - months["accepted_then"],
        new_reception=months["accepted_then"],
        solved_in_time=in_time,
        solved_late=late,
        pending=months["open_now"] - overdue,
        pending_late=overdue,
        refused=months["refused_then"] - undone.get("refused", 0),
        denied=months["denied_then"] - undone.get("denied", 0),
        withdrawn=months["withdrawn_then"] - undone.get("withdrawn", 0),
        stopped=months["stopped_then"] - undone.get("stopped", 0),
        worked_seconds=months["worked_seconds_then"] - undone.get("seconds", 0),
    )


def median_seconds(scope: Scope, period: Period, solved: int | None = None) -> int | None:
    """The time in the office's hands that half of the solved dossiers did not exceed; None where none was solved.

    Of an even number, the lower of the two in the middle: a time that some dossier really took. Who knows how many
    were `solved` spares the counting.
    """
    times = scope.of(Spell.objects.closed(period.start, period.end)).order_by("worked_seconds")
    number = times.count() if solved is None else solved
    return times.values_list("worked_seconds", flat=True)[(number - 1) // 2 :].first() if number else None
