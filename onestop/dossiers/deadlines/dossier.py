"""From a procedure's published limit to the due instants of its dossiers, by the calendar of the agency."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from onestop.catalog.calendar import Calendar
from onestop.catalog.models import Procedure
from onestop.common.time import VIETNAM
from onestop.dossiers.models import PAUSED, Dossier, DueDate, effective

from . import rules
from .moments import corrected, in_force
from .promises import Promise, kept_with, offered


def expected_due(promise: Promise, start: datetime, calendar: Calendar) -> datetime | None:
    """The due instant when the whole limit runs from `start`; None where there is no computable limit."""
    return rules.due_at(start, promise.limit, calendar) if promise.limit else None


def explained(dossier: Dossier, due_date: DueDate | None, calendar: Calendar) -> list[rules.CountedDay]:
    """Explains `due_date` day by day; empty where it was not counted, or the calendar has changed since.

    Also empty where the limit of that time is not known, and today's limit gives another date.
    """
    if due_date is None or not counted_whole(dossier, due_date):
        return []
    limit = (kept_with(due_date) or offered(dossier.procedure)).limit
    if limit is None:
        return []
    days = rules.explain(due_date.since, limit, calendar)
    return days if days[-1].until == due_date.due_at else []


def counted_whole(dossier: Dossier, due_date: DueDate | None) -> bool:
    """Whether `due_date` was counted from the procedure's whole limit, rather than set or moved by what was left."""
    return due_date is not None and due_date.due_at is not None and _from_zero(dossier, due_date)


def _from_zero(dossier: Dossier, due_date: DueDate) -> bool:
    """Whether the limit ran from zero again. If the promise was not stored, the procedure's usual rule decides."""
    if due_date.procedure_name or due_date.why in (DueDate.Why.ACCEPTED, DueDate.Why.CORRECTED):
        return True
    promise_kept = any(one.procedure_name for one in dossier.due_dates.all())
    restarts = dossier.procedure.after_supplement == Procedure.AfterSupplement.RESTART
    return due_date.why == DueDate.Why.SUPPLEMENT and restarts and not promise_kept


def time_used(dossier: Dossier, at: datetime) -> rules.TimeSpent | None:
    """Working time used and left of a running dossier since its clock last began from zero; None without due date."""
    if dossier.due_at is None or dossier.finished_at is not None:
        return None
    begun = [one for one in in_force(dossier.due_dates.all()) if _from_zero(dossier, one)][-1].since
    return rules.progress(begun, dossier.due_at, at, dossier.calendar, _pauses(dossier, begun))


def _pauses(dossier: Dossier, since: datetime) -> Iterator[rules.Pause]:
    paused: datetime | None = None
    moves = list(dossier.transitions.all())
    moments = corrected(moves)
    for move in effective(moves):
        at = moments[move.pk]
        if paused is None and move.to_state in PAUSED:
            paused = at
        elif paused is not None and move.to_state not in PAUSED:
            if at > since:
                yield paused, at
            paused = None
    if paused is not None:
        yield paused, None


def due_after_pause(
    dossier: Dossier, promise: Promise, paused: datetime, resumed: datetime, calendar: Calendar
) -> datetime | None:
    """The due instant if the time that was left of `promise` at `paused` continues at `resumed`."""
    if promise.limit is None or dossier.due_at is None:
        return dossier.due_at
    return rules.resumed_due(dossier.due_at, paused, resumed, promise.limit, calendar)


def supplement_due(
    dossier: Dossier, requested: datetime, calendar: Calendar, on: date | None = None
) -> datetime | None:
    """Until when a supplement that is requested at that moment may come: the close of business of its last day.

    `on`: the last day, if it was chosen; else the days of the procedure count. None where it sets none either.
    """
    days = dossier.procedure.supplement_days
    if on is not None:
        days = (on - requested.astimezone(VIETNAM).date()).days
    if days is None:
        return None
    return rules.due_at(requested, rules.Limit(Decimal(days), Procedure.Unit.DAYS), calendar)


def calendar_known(start: datetime, due: datetime | None, calendar: Calendar) -> bool:
    """Whether the public holidays of every year from `start` to `due` were known when it was computed."""
    return due is None or all(calendar.knows(year) for year in rules.years_spanned(start, due))
