"""The numbers of an agency's day, for the screen in its hall. They count dossiers, and name none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from onestop.catalog.calendar import calendar_of
from onestop.catalog.models import Agency
from onestop.common.time import start_of
from onestop.common.wording import pair
from onestop.dossiers.models import Dossier, Move, ReturnMethod, State, Transition
from onestop.statistics.periods import Period
from onestop.statistics.scope import FigureScope

from .figures import figures

WorkingSessions = list[tuple[datetime, datetime]]
# The longest holidays and more; an agency may also have no hours at all.
LOOKED_AHEAD: Final = 30


@dataclass(frozen=True)
class HallFigures:
    """`in_time`: of `solved` dossiers, in tenths of a percent.

    `sessions`: today's hours. Without any, `next_sessions` has those of the next working day, if it is near.
    """

    agency: str
    counted_at: datetime
    received: int
    returned: int
    awaiting_return: int
    month: Period
    solved: int
    in_time: int
    sessions: WorkingSessions
    next_sessions: WorkingSessions


def hall_figures(agency: Agency, now: datetime) -> HallFigures:
    """Those of `agency` and of all below it, without test dossiers.

    The month is as the worker has counted it some seconds ago: a page that needs no signing in counts nothing.
    """
    below, today = Agency.objects.within(agency), timezone.localdate(now)
    keys = below.named()
    within = below.values("pk") if keys is None else keys
    ours = Dossier.objects.filter(Q(agency__in=within), is_test=False)
    # By the moves of the day, which an index finds; dossiers have none by the day of their return. Where a return was
    # undone, the dossier has no such day any more.
    returned = Transition.objects.filter(
        Q(dossier__agency__in=within),
        at__gte=start_of(today),
        move=Move.RETURN_RESULT,
        dossier__returned_at__gte=start_of(today),
        dossier__is_test=False,
    )
    month = Period.month_of(now)
    of_month = figures(FigureScope(agency), month, now)
    sessions, next_sessions = _hours(agency, today)
    return HallFigures(
        agency=agency.name,
        counted_at=now,
        received=ours.filter(accepted_at__gte=start_of(today)).count(),
        returned=returned.values("dossier").distinct().count(),
        awaiting_return=ours.filter(state=State.COMPLETED, return_method=ReturnMethod.DIRECT).count(),
        month=month,
        solved=of_month.solved,
        in_time=pair(of_month.solved_in_time, of_month.solved)[0],
        sessions=sessions,
        next_sessions=next_sessions,
    )


def _hours(agency: Agency, today: date) -> tuple[WorkingSessions, WorkingSessions]:
    """The sessions of today, and where there are none, those of the next working day."""
    calendar = calendar_of(agency)
    if sessions := calendar.sessions(today):
        return sessions, []
    days = (today + timedelta(days=ahead) for ahead in range(1, LOOKED_AHEAD + 1))
    return [], next((sessions for day in days if (sessions := calendar.sessions(day))), [])
