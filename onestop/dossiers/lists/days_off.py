"""Dossiers that are due on a day off, because the day off was announced after the promise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from onestop.catalog.holidays import public_holidays
from onestop.catalog.models import CalendarDay
from onestop.common.time import VIETNAM, start_of
from onestop.dossiers.models import PAUSED, DossierQuerySet, State

# A day off is announced in advance, sometimes only on the day itself; days off of long ago do not matter.
BEFORE: Final = timedelta(days=31)
AFTER: Final = timedelta(days=550)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class DueOnDayOff:
    """A day off on which `count` dossiers are due; `decided` of them were decided after it."""

    day: date
    name: str
    count: int
    decided: int


def days_off(now: datetime) -> dict[date, str]:
    """The names of the days off around `now`, by date: as recorded, else as delivered with the program."""
    today = timezone.localdate(now, VIETNAM)
    first, last = today - BEFORE, today + AFTER
    on_record = list(CalendarDay.objects.filter(date__year__range=(first.year, last.year)))
    recorded = {day.date.year for day in on_record if day.kind == CalendarDay.Kind.OFF}
    known = {
        day.date: day.name
        for year in range(first.year, last.year + 1)
        if year not in recorded
        for day in public_holidays(year)
        if day.kind == CalendarDay.Kind.OFF
    }
    for day in on_record:
        known.pop(day.date, None)
        if day.kind == CalendarDay.Kind.OFF:
            known[day.date] = day.name
    return {day: known[day] for day in sorted(known) if first <= day <= last}


def due_on(dossiers: DossierQuerySet, days: Iterable[date]) -> DossierQuerySet:
    """The `dossiers` that are due on one of `days`: running, paused, or decided only after it."""
    within = Q(pk__in=())
    for first, after in _stretches(days):
        within |= Q(due_at__gte=start_of(first), due_at__lt=start_of(after))
    running = Q(state__in=(State.ACCEPTED, State.IN_PROGRESS, *PAUSED))
    decided_after = Q(state__in=(State.COMPLETED, State.RETURNED), finished_at__gt=F("due_at"))
    return dossiers.filter(within, running | decided_after, is_test=False)


def counted_by_day(dossiers: DossierQuerySet, days: Mapping[date, str]) -> list[DueOnDayOff]:
    """How many of `dossiers` are due on each of `days`; days without any are left out."""
    due = due_on(dossiers, days).order_by().annotate(day=TruncDate("due_at", tzinfo=VIETNAM))
    counted = due.values("day").annotate(count=Count("pk"), decided=Count("pk", filter=Q(finished_at__isnull=False)))
    return [DueOnDayOff(row["day"], days[row["day"]], row["count"], row["decided"]) for row in counted.order_by("day")]


def _stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    """Joins days that follow one another: each stretch is its first day, and the day after its last."""
    stretches: list[tuple[date, date]] = []
    for day in sorted(days):
        if stretches and stretches[-1][1] == day:
            stretches[-1] = (stretches[-1][0], day + _DAY)
        else:
            stretches.append((day, day + _DAY))
    return stretches
