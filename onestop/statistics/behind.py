"""The dossiers behind each figure: exactly as many as it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from onestop.dossiers.models import Dossier, Move

from .models import Spell, SpellQuerySet
from .periods import Period
from .scope import Scope

Choice = Callable[[SpellQuerySet, datetime, datetime], SpellQuerySet]


def _of_work(spells: SpellQuerySet, start: datetime, end: datetime) -> SpellQuerySet:
    return spells.begun(start, end) | spells.carried_into(start, end)


# By the names of `Figures`: which spells make up the figure of [start, end). Of a dossier, at most one does.
FIGURES: dict[str, Choice] = {
    "total": _of_work,
    "carried_over": lambda spells, start, end: spells.carried_into(start, end),
    "new_reception": lambda spells, start, end: spells.begun(start, end),
    "solved": lambda spells, start, end: spells.closed(start, end),
    "solved_in_time": lambda spells, start, end: spells.closed(start, end).in_time(),
    "solved_late": lambda spells, start, end: spells.closed(start, end).late(),
    "still_open": lambda spells, start, end: spells.open_at(end),
    "pending": lambda spells, start, end: spells.not_overdue_at(end),
    "pending_late": lambda spells, start, end: spells.overdue_at(end),
    "refused": lambda spells, start, end: spells.refused(start, end),
    "denied": lambda spells, start, end: spells.closed(start, end).filter(outcome=Move.DENY),
    "withdrawn": lambda spells, start, end: spells.closed(start, end).filter(outcome=Move.WITHDRAW),
    "stopped": lambda spells, start, end: spells.closed(start, end).filter(outcome=Move.STOP),
}


def dossiers_behind(figure: str, scope: Scope, period: Period, now: datetime | None = None) -> QuerySet[Dossier]:
    """Those that the figure of that name counts. Raises KeyError for a name that is none of `FIGURES`."""
    end = min(period.end, now or timezone.now())
    spells = FIGURES[figure](scope.of(Spell.objects.all()), period.start, end)
    return Dossier.objects.filter(pk__in=spells.values("dossier"))
