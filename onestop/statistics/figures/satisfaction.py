"""How citizens rated the agencies of a scope, month by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from onestop.statistics.periods import Period
from onestop.statistics.scope import FigureScope
from onestop.votes.models import Answer, Ballot, Rating
from onestop.votes.results import VoteCount


def monthly_tallies(scope: FigureScope, eras: Iterable[Sequence[Period]]) -> dict[Period, VoteCount]:
    """The answers to all questions together in each month of `eras`, split as by `FigureScope.eras`.

    Ballots have no channel, so that of the scope is ignored.
    """
    counts: dict[Period, VoteCount] = {}
    for stretch in eras:
        counts |= _monthly_tallies(scope, stretch)
    return counts


def _monthly_tallies(scope: FigureScope, months: Sequence[Period]) -> dict[Period, VoteCount]:
    """The answers in months in which one tree was in force."""
    ballots = _ballots(scope, months[-1].last_day)
    cast = ballots.filter(cast_on__gte=months[0].first_day, cast_on__lt=months[-1].day_after)
    rows = (
        Answer.objects.filter(ballot__in=cast.order_by().values("pk"))
        .values("rating", month=TruncMonth("ballot__cast_on"))
        .annotate(times=Count("pk"))
    )
    times: dict[tuple[object, int], int] = defaultdict(int)
    for row in rows:
        times[row["month"], row["rating"]] = row["times"]
    return {
        month: VoteCount(
            "", *(times[month.first_day, rating] for rating in (Rating.VERY_GOOD, Rating.GOOD, Rating.BAD))
        )
        for month in months
    }


def ballots_in(scope: FigureScope, period: Period) -> int:
    """How many ballots were cast on the days of `period`."""
    ballots = _ballots(scope, period.last_day)
    return ballots.filter(cast_on__gte=period.first_day, cast_on__lt=period.day_after).count()


def _ballots(scope: FigureScope, day: date) -> QuerySet[Ballot]:
    return replace(scope, channel="").of(Ballot.objects.all(), day)
