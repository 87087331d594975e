"""The scores of agencies by TT 01/2018/TT-VPCP (điều 13–15): nine indicators, each of 0 to 2 points.

Indicator 1 is counted from dossiers: decided before the due day 2 points, on that day 1, later 0. The others are the
answers of citizens to the questions of the indicator (very good 2, good 1, bad 0), or the points that assessors gave;
these take precedence. An agency's score is the sum of the averages, each to one decimal, half up. An indicator without
data is left out; the class then follows from the same share of the points that were possible.

The score of an officer cannot be computed: no ballot says whose work it rates (NĐ 61/2018 điều 27.3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onestop.catalog.models import Agency, Placement
from onestop.catalog.placements import units_below
from onestop.common.time import VIETNAM
from onestop.dossiers.models import Move
from onestop.votes.models import Answer, Indicator, Rating

from .models import Assessment, Spell
from .periods import Period
from .scope import FigureScope

TOTAL_TIME = 1
INDICATORS = {TOTAL_TIME: _("tổng thời gian giải quyết so với thời hạn"), **dict(Indicator.choices)}
POINTS = {Rating.VERY_GOOD: 2, Rating.GOOD: 1, Rating.BAD: 0}
# The least tenths of the eighteen possible points for each class.
CLASSES = (
    (150, pgettext_lazy("class of an agency", "xuất sắc")),
    (120, pgettext_lazy("class of an agency", "tốt")),
    (90, pgettext_lazy("class of an agency", "khá")),
    (60, pgettext_lazy("class of an agency", "trung bình")),
    (0, pgettext_lazy("class of an agency", "yếu")),
)


class Source(StrEnum):
    DOSSIERS = "dossiers"
    RATINGS = "ratings"
    ASSESSMENT = "assessment"


@dataclass(frozen=True)
class Points:
    """The points of one indicator: `number` dossiers, answers or assessments with `total` points together."""

    total: int
    number: int
    source: Source

    @property
    def tenths(self) -> int:
        """The average, in tenths of a point, half up."""
        return average_tenths(self.total, self.number)


@dataclass(frozen=True)
class Score:
    """The score of one agency with all below it. An indicator without data is not in `points`."""

    agency: Agency
    points: dict[int, Points] = field(default_factory=dict)

    @property
    def tenths(self) -> int:
        return sum(points.tenths for points in self.points.values())

    @property
    def out_of(self) -> int:
        """How many points were possible."""
        return 2 * len(self.points)

    @property
    def tenths_of_eighteen(self) -> int | None:
        """The score scaled to all nine indicators, in tenths of a point; None without any data."""
        return average_tenths(18 * self.tenths, 10 * self.out_of) if self.points else None

    @property
    def rank(self) -> object:
        """The class of the agency (xếp loại); "" without any data."""
        reached = self.tenths_of_eighteen
        return "" if reached is None else next(name for least, name in CLASSES if reached >= least)


def average_tenths(total: int, number: int) -> int:
    return (20 * total + number) // (2 * number)


class AwardedPoints(NamedTuple):
    """Points that an agency itself, without those below it, was given for one indicator."""

    agency: int
    indicator: int
    points: Points


def scores(agency: Agency, period: Period) -> list[Score]:
    """The scores of `agency` and of each unit directly below it that has data, for a quarter or a year.

    The units are those on the last day of the period.
    """
    unit_of = units_below(agency, period.last_day)
    below = {unit.pk: unit for unit in unit_of.values() if unit != agency}
    units = [agency, *sorted(below.values(), key=lambda unit: unit.code)]
    awarded = [*_from_dossiers(agency, period), *_from_ratings(agency, period)]
    assessed = _assessed(units, period)
    made = [Score(unit, _summed(awarded, unit_of, unit, agency) | assessed[unit.pk]) for unit in units]
    return [score for score in made if score.points or score.agency is agency]


def _summed(
    awarded: Iterable[AwardedPoints], unit_of: Mapping[int, Agency], unit: Agency, whole: Agency
) -> dict[int, Points]:
    summed: dict[int, Points] = {}
    for agency, indicator, points in awarded:
        if unit in (whole, unit_of[agency]):
            before = summed.get(indicator, Points(0, 0, points.source))
            summed[indicator] = Points(before.total + points.total, before.number + points.number, points.source)
    return dict(sorted(summed.items()))


def _from_dossiers(agency: Agency, period: Period) -> Iterator[AwardedPoints]:
    """From dossiers with a due instant that were decided in the period and not reopened by its end."""
    decided = Spell.objects.closed(period.start, period.end).filter(
        due_at__isnull=False, outcome__in=(Move.APPROVE, Move.DENY)
    )
    early = Q(closed_day__lt=TruncDate("due_at", tzinfo=VIETNAM))
    rows = (
        FigureScope(agency)
        .of(decided, period.last_day)
        .annotate(closed_day=TruncDate("closed_at", tzinfo=VIETNAM))
        .order_by()
        .values_list("agency")
        .annotate(
            Count("pk"),
            early=Count("pk", filter=early),
            punctual=Count("pk", filter=~early & Q(closed_at__lte=F("due_at"))),
        )
    )
    for pk, number, early_ones, punctual in rows:
        yield AwardedPoints(pk, TOTAL_TIME, Points(2 * early_ones + punctual, number, Source.DOSSIERS))


def _from_ratings(agency: Agency, period: Period) -> Iterator[AwardedPoints]:
    answers = Answer.objects.filter(
        ballot__agency__in=Placement.objects.within(agency, period.last_day).values("agency"),
        ballot__cast_on__gte=period.first_day,
        ballot__cast_on__lt=period.day_after,
        question__indicator__isnull=False,
    )
    rows = answers.order_by().values_list("ballot__agency", "question__indicator", "rating")
    for pk, indicator, rating, times in rows.annotate(times=Count("pk")):
        yield AwardedPoints(pk, indicator, Points(POINTS[Rating(rating)] * times, times, Source.RATINGS))


def _assessed(units: Iterable[Agency], period: Period) -> dict[int, dict[int, Points]]:
    """By agency and indicator; for a year, all its quarters together."""
    quarters = {month.own_quarter.quarter for month in period.months}
    rows = Assessment.objects.filter(agency__in=units, year=period.year, quarter__in=quarters)
    summed: dict[int, dict[int, Points]] = defaultdict(dict)
    for agency, indicator, total, number in (
        rows.order_by().values_list("agency", "indicator").annotate(Sum("points"), Count("pk"))
    ):
        summed[agency][indicator] = Points(total, number, Source.ASSESSMENT)
    return summed
