"""Counting an agency's dossiers for a period from dated history alone, so that today's state changes no past month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateTimeField,
    F,
    OuterRef,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils import timezone

from onestop.catalog.models import Agency
from onestop.dossiers.models import CLOSING, PAUSED, Dossier, DueDate, Move, Transition

from .periods import Period

PAUSING = (Move.ASK_SUPPLEMENT, Move.ASK_PAYMENT)


@dataclass(frozen=True)
class Figures:
    """Reception and processing of one agency in one period. The six counts carry every identity of the totals.

    `carried_over` + `new_reception` dossiers were to be worked on; of these `solved_*` were closed by the period's
    end, before or after their due instant, and `pending*` were not, before or after theirs.
    """

    carried_over: int
    new_reception: int
    solved_in_time: int
    solved_late: int
    pending: int
    pending_late: int


def figures(agency: Agency, period: Period, now: datetime | None = None) -> Figures:
    """Counts `period` for `agency` and all below it; a period that has not ended is counted as of now.

    Accepted: at `accepted_at`, the first move into “accepted”. Closed: the last move into withdrawn, stopped or
    completed, unless reopened since; a closing counts as on time at or before the due instant then in force, or
    where none was. A dossier paused at the end is late only if it was late when the pause began. Test dossiers are
    not counted.
    """
    end = min(period.end, now or timezone.now())
    work = _work(agency, period.start, end)
    closed = Q(closed=True)
    late = Q(measured_due__lt=F("measured_at"))
    # `late` is unknown, not false, where there is no due instant: so each half is counted by its own condition.
    on_time = Q(measured_due=None) | Q(measured_due__gte=F("measured_at"))
    counted = work.aggregate(
        carried_over=Count("pk", filter=Q(accepted_at__lt=period.start)),
        new_reception=Count("pk", filter=Q(accepted_at__gte=period.start)),
        solved_in_time=Count("pk", filter=closed & on_time),
        solved_late=Count("pk", filter=closed & late),
        pending=Count("pk", filter=~closed & on_time),
        pending_late=Count("pk", filter=~closed & late),
    )
    return Figures(**counted)


def _work(agency: Agency, start: datetime, end: datetime) -> QuerySet[Dossier]:
    """The dossiers that were to be worked on in [start, end), each with when it is measured against which due."""
    return (
        Dossier.objects.received_within(agency)
        .filter(is_test=False, accepted_at__lt=end)
        .annotate(
            ended_by_start=_last_value(_endings(start), "to_state"),
            reopened=_last_value(_moves(end).filter(move=Move.REOPEN, at__gte=start), "at"),
        )
        .filter(Q(ended_by_start=None) | ~Q(ended_by_start__in=CLOSING) | Q(reopened__isnull=False))
        .annotate(
            ended_by_end=_last_value(_endings(end), "to_state"),
            ended_at=_last_value(_endings(end), "at"),
            state_at_end=_last_value(_moves(end), "to_state"),
            paused_at=_last_value(_moves(end).filter(move__in=PAUSING), "at"),
        )
        .annotate(
            closed=Case(
                When(ended_by_end__in=CLOSING, then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            ),
            measured_at=Case(
                When(ended_by_end__in=CLOSING, then=F("ended_at")),
                When(state_at_end__in=PAUSED, then=F("paused_at")),
                default=Value(end),
                output_field=DateTimeField(),
            ),
        )
        .annotate(measured_due=_due_in_force(end))
    )


def _moves(before: datetime) -> QuerySet[Transition]:
    return Transition.objects.filter(dossier=OuterRef("pk"), at__lt=before)


def _endings(before: datetime) -> QuerySet[Transition]:
    """Closings and reopenings: the last of them says whether the dossier stood closed."""
    return _moves(before).filter(Q(to_state__in=CLOSING) | Q(move=Move.REOPEN))


def _last_value(moves: QuerySet[Transition], what: Literal["at", "to_state"]) -> Subquery:
    output = DateTimeField() if what == "at" else PositiveSmallIntegerField()
    return Subquery(moves.order_by("-pk").values(what)[:1], output_field=output)


def _due_in_force(end: datetime) -> Subquery:
    """The due instant that held when the dossier is measured; what came at or after `end` did not hold yet."""
    held = DueDate.objects.filter(dossier=OuterRef("pk"), since__lte=OuterRef("measured_at"), since__lt=end)
    return Subquery(held.order_by("-pk").values("due_at")[:1], output_field=DateTimeField())
