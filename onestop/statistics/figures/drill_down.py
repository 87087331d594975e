"""Drill-down: the dossiers that each figure counts, exactly as many as the figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, QuerySet
from django.utils import timezone

from onestop.dossiers.models import Move
from onestop.statistics.models import LateSpell, Spell, SpellQuerySet
from onestop.statistics.periods import Period
from onestop.statistics.scope import FigureScope


@dataclass(frozen=True)
class DrillDown:
    """The spells that a figure of [start, end) counts, at most one for each dossier, and the column to order them."""

    rows: Callable[[SpellQuerySet, datetime, datetime], QuerySet[Spell] | QuerySet[LateSpell]]
    newest: str


def _closed(outcome: Move) -> DrillDown:
    return DrillDown(lambda spells, start, end: spells.closed(start, end).filter(outcome=outcome), "closed_at")


# By the names of `Figures`.
FIGURES = {
    "total": DrillDown(
        lambda spells, start, end: spells.begun(start, end) | spells.carried_into(start, end), "opened_at"
    ),
    "carried_over": DrillDown(lambda spells, start, end: spells.carried_into(start, end), "opened_at"),
    "new_reception": DrillDown(lambda spells, start, end: spells.begun(start, end), "opened_at"),
    "solved": DrillDown(lambda spells, start, end: spells.closed(start, end), "closed_at"),
    "solved_in_time": DrillDown(lambda spells, start, end: spells.closed(start, end).in_time(), "closed_at"),
    "solved_late": DrillDown(lambda spells, start, end: spells.closed(start, end).late(), "closed_at"),
    "still_open": DrillDown(lambda spells, start, end: spells.open_at(end), "opened_at"),
    "pending": DrillDown(lambda spells, start, end: spells.not_overdue_at(end), "opened_at"),
    "pending_late": DrillDown(lambda spells, start, end: LateSpell.objects.at(end), "since"),
    "refused": DrillDown(lambda spells, start, end: spells.refused(start, end), "closed_at"),
    "denied": _closed(Move.DENY),
    "withdrawn": _closed(Move.WITHDRAW),
    "stopped": _closed(Move.STOP),
}


def dossier_keys(figure: str, scope: FigureScope, period: Period, now: datetime | None = None) -> QuerySet[Model, int]:
    """The keys of the dossiers that a figure counts, those accepted, closed or overdue last first.

    Raises KeyError for a name that is not in `FIGURES`.
    """
    choice, end = FIGURES[figure], min(period.end, now or timezone.now())
    rows = scope.of(choice.rows(Spell.objects.all(), period.start, end), period.last_day)
    return rows.order_by(f"-{choice.newest}", "-dossier").values_list("dossier", flat=True)
