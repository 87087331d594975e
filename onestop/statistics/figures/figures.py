"""The figures of an office for a month, a quarter or a year, added up from what each month changed.

For a period [start, end) by Vietnam's clock, from dated history only, whatever happened later:

- accepted: at its first move into “accepted”. Closed as of an instant: a move into withdrawn, stopped or completed
  was made before it and not undone by a reopening before it.
- to be worked on: accepted before `end`, unless closed as of `start` and not reopened in the period.
- solved: closed as of `end`; in time at or before the due instant then in force, or where there was none.
- pending: not closed as of `end`; late past the due instant in force, a paused one only if the pause began so late.

A period that has not ended is counted as of now. Test dossiers are not counted.

The tree in force on the last day of the period decides which dossiers belong to an agency: those of all agencies that
were below it on that day, whenever they were received. So each dossier is counted once, even if the tree changed, and
all identities hold; later changes of the tree change nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Model, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from onestop.common.time import VIETNAM
from onestop.dossiers.models import Move
from onestop.statistics.models import IN_TIME, LATE, AgencyMonth, LateSpell, Month, ProcedureMonth, Spell
from onestop.statistics.periods import Period
from onestop.statistics.scope import FigureScope

# The measures of a month that count events, and those whose sum over all months so far is the level at its end.
FLOWS = ("accepted", "refused", "in_time", "late", "denied", "withdrawn", "stopped", "worked_seconds")
STOCKS = ("net_open", "net_late")

# Django types the rows of `values()` so: the sums are numbers, what rows are grouped by has the type of its column.
Sums = dict[str, Any]
# The values of the columns that rows are grouped by.
GroupKey = tuple[Any, ...]


@dataclass(frozen=True)
class Figures:
    """Reception and processing in one period. The totals are sums of the first six figures.

    `carried_over` + `new_reception` dossiers were to be worked on; of these `solved_*` were closed by the period's
    end, and `pending*` were not. Of the solved ones, `denied`, `withdrawn` and `stopped` ended so, the others with
    the requested result. `refused` were never accepted and count nowhere else. `worked_seconds`: how long the office
    worked on the solved ones, all together.
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
        """Rounded to the second, half up; None if nothing was solved."""
        return (2 * self.worked_seconds + self.solved) // (2 * self.solved) if self.solved else None

    def __add__(self, other: Figures) -> Figures:
        """The figures of two agencies, or two kinds of dossiers, together. Both must be of the same period."""
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Figures)))


def figures(scope: FigureScope, period: Period, now: datetime | None = None) -> Figures:
    """The figures of all dossiers in `scope` together. `now` is the present: no recorded move is later."""
    return grouped_figures(scope, period, (), now).get((), Figures())


def grouped_figures(
    scope: FigureScope, period: Period, by: Sequence[str], now: datetime | None = None
) -> dict[GroupKey, Figures]:
    """The figures by the values of `by`: "agency", "procedure", "procedure__field", "channel". Zeros are left out."""
    now, by, day = now or timezone.now(), list(by), period.last_day
    months = _table(scope, by, day).filter(month__gte=period.first_day, month__lt=period.day_after)
    flows = {_key(row, by): row for row in _grouped(months, by).annotate(**_sums(FLOWS))}
    undone = {} if period.is_month else {_key(row, by): row for row in _closings_undone(scope, period, by)}
    levels = _levels(scope, period.day_after, by, day)
    overdue = _counted(LateSpell.objects.at(now), scope, by, day) if now < period.end else None
    result = {}
    for key in flows.keys() | levels.keys():
        still_open, late = levels.get(key, (0, 0))
        late = late if overdue is None else overdue[key]
        result[key] = _figures(flows.get(key, {}), undone.get(key, {}), still_open, late)
    return {key: counted for key, counted in result.items() if counted != Figures()}


def monthly_figures(
    scope: FigureScope,
    months: Iterable[Period],
    now: datetime | None = None,
    eras: Iterable[Sequence[Period]] | None = None,
) -> dict[Period, Figures]:
    """The figures of each of `months`, in a few queries for each stretch of months with the same tree of agencies.

    `eras`: those stretches, if the caller has read `FigureScope.eras` already.
    """
    now, months = now or timezone.now(), sorted(months, key=lambda month: month.first_day)
    result: dict[Period, Figures] = {}
    for stretch in scope.eras(months) if eras is None else eras:
        result |= _monthly_figures(scope, stretch, now)
    return result


def _monthly_figures(scope: FigureScope, months: Sequence[Period], now: datetime) -> dict[Period, Figures]:
    """The figures of months in which one tree was in force."""
    day = months[-1].last_day
    changes = list(_changes(scope, months[0].first_day, months[-1].day_after, day))
    still_open, late = _levels(scope, months[0].first_day, [], day).get((), (0, 0))
    overdue = scope.of(LateSpell.objects.at(now), day).count() if now < months[-1].end else 0
    result = {}
    for month in months:
        before = [row for row in changes if row["month"] < month.day_after]
        flows = before[-1] if before and before[-1]["month"] == month.first_day else {}
        open_then = still_open + sum(row["net_open_sum"] for row in before)
        late_then = late + sum(row["net_late_sum"] for row in before) if month.end <= now else overdue
        result[month] = _figures(flows, {}, open_then, late_then)
    return result


def _table(scope: FigureScope, by: Sequence[str], day: date) -> QuerySet[Month]:
    """The rows of the scope in the smaller table of months that has such groups, by the tree of `day`."""
    coarse = scope.is_whole and set(by) <= {"agency"}
    return scope.of((AgencyMonth if coarse else ProcedureMonth)._default_manager.all(), day)


def _changes(scope: FigureScope, first: date, end: date, day: date) -> QuerySet[Model, Sums]:
    """The measures of each month from `first` on and before `end`, in order, by the tree of `day`."""
    rows: QuerySet[Model] = _table(scope, [], day).filter(month__gte=first, month__lt=end).order_by("month")
    result: QuerySet[Model, Sums] = rows.values("month").annotate(**_sums((*FLOWS, *STOCKS)))
    return result


def _levels(scope: FigureScope, first: date, by: Sequence[str], day: date) -> dict[GroupKey, tuple[int, int]]:
    """How many were open, and how many overdue, when the month of `first` began, by the tree of `day`.

    That is the sum of all months before. `ProcedureMonth` has many rows of those, so there it is computed backwards:
    what is open today, less what was added since. Most requests are about recent months.
    """
    rows = _table(scope, by, day)
    if rows.model is AgencyMonth:
        past = _grouped(rows.filter(month__lt=first), by).annotate(**_sums(STOCKS))
        return {_key(row, by): (row["net_open_sum"], row["net_late_sum"]) for row in past}
    still_open = _counted(Spell.objects.filter(closed_at=None), scope, by, day)
    late = _counted(LateSpell.objects.filter(until=None), scope, by, day)
    for row in _grouped(rows.filter(month__gte=first), by).annotate(**_sums(STOCKS)):
        still_open[_key(row, by)] -= row["net_open_sum"]
        late[_key(row, by)] -= row["net_late_sum"]
    return {key: (still_open[key], late[key]) for key in still_open.keys() | late.keys()}


def _counted(rows: QuerySet[Model], scope: FigureScope, by: Sequence[str], day: date) -> Counter[GroupKey]:
    groups = _grouped(scope.of(rows, day), by).annotate(times=Count("pk"))
    return Counter({_key(row, by): row["times"] for row in groups})


def _sums(names: Iterable[str]) -> dict[str, Coalesce]:
    return {f"{name}_sum": Coalesce(Sum(name), 0) for name in names}


def _grouped(rows: QuerySet[Model], by: Sequence[str]) -> QuerySet[Model, Sums]:
    """The rows in groups of equal values of `by`; all in one group where `by` is empty."""
    return rows.order_by().values(*by) if by else rows.order_by().values(all=Value(1))


def _key(row: Sums, by: Sequence[str]) -> GroupKey:
    return tuple(row[name] for name in by)


def _closings_undone(scope: FigureScope, period: Period, by: Sequence[str]) -> QuerySet[Model, Sums]:
    """Closings that were in force at the end of their own month, but not at the end of the quarter or year."""
    undone = scope.of(
        Spell.objects.filter(closed_at__gte=period.start, reopened_at__lt=period.end)
        .annotate(
            month_closed=TruncMonth("closed_at", tzinfo=VIETNAM),
            month_reopened=TruncMonth("reopened_at", tzinfo=VIETNAM),
        )
        .filter(month_reopened__gt=F("month_closed")),
        period.last_day,
    )
    accepted = Q(opened_at__isnull=False)
    result: QuerySet[Model, Sums] = _grouped(undone, by).annotate(
        refused_undone=Count("pk", filter=~accepted),
        in_time_undone=Count("pk", filter=accepted & IN_TIME),
        late_undone=Count("pk", filter=accepted & LATE),
        denied_undone=Count("pk", filter=Q(outcome=Move.DENY)),
        withdrawn_undone=Count("pk", filter=Q(outcome=Move.WITHDRAW)),
        stopped_undone=Count("pk", filter=Q(outcome=Move.STOP)),
        worked_seconds_undone=Coalesce(Sum("worked_seconds"), 0),
    )
    return result


def _figures(flows: Mapping[str, int], undone: Mapping[str, int], still_open: int, late: int) -> Figures:
    happened = {name: flows.get(f"{name}_sum", 0) - undone.get(f"{name}_undone", 0) for name in FLOWS}
    return Figures(
        # The dossiers that were to be worked on are those that were solved or are still open.
        carried_over=happened["in_time"] + happened["late"] + still_open - happened["accepted"],
        new_reception=happened["accepted"],
        solved_in_time=happened["in_time"],
        solved_late=happened["late"],
        pending=still_open - late,
        pending_late=late,
        refused=happened["refused"],
        denied=happened["denied"],
        withdrawn=happened["withdrawn"],
        stopped=happened["stopped"],
        worked_seconds=happened["worked_seconds"],
    )


def median_seconds(scope: FigureScope, period: Period, solved: int | None = None) -> int | None:
    """The working time that half of the solved dossiers did not exceed; None if none was solved.

    For an even number, the lower of the two in the middle: a time that a dossier really took. `solved`: their number,
    if the caller knows it.
    """
    times = scope.of(Spell.objects.closed(period.start, period.end), period.last_day).order_by("worked_seconds")
    number = times.count() if solved is None else solved
    return times.values_list("worked_seconds", flat=True)[(number - 1) // 2 :].first() if number else None
