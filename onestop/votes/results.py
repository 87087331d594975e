"""How agencies were rated on the days [start, end), by the tree of agencies on the last day."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict, Unpack

from django.db.models import Count, QuerySet

from onestop.catalog.models import Agency, AgencyQuerySet, Field, Procedure
from onestop.catalog.placements import units_below
from onestop.common.wording import shares

from .models import Answer, Ballot, QuestionSet, Rating


class Filters(TypedDict, total=False):
    """Filters of ratings; None filters nothing. `agencies`: only ratings of dossiers that one of these received."""

    field: Field | None
    procedure: Procedure | None
    question_set: QuestionSet | None
    agencies: AgencyQuerySet | None


@dataclass(frozen=True)
class VoteCount:
    """How often each rating was given, to one question, or to all (`question` is empty)."""

    question: str
    very_good: int
    good: int
    bad: int

    @property
    def answers(self) -> int:
        return self.very_good + self.good + self.bad

    @property
    def percents(self) -> list[float]:
        """The shares of the three ratings, with a sum of exactly 100; all 0 without answers."""
        return shares([self.very_good, self.good, self.bad])


@dataclass(frozen=True)
class UnitVoteCount:
    """How one unit, with all below it, was rated, all questions together."""

    agency: Agency
    ballots: int
    tally: VoteCount


def tallies(agency: Agency | None, start: date, end: date, **filters: Unpack[Filters]) -> list[VoteCount]:
    """The count of each question for `agency` (None: all) and those below it, in the order of the questions."""
    rows = (
        Answer.objects.filter(ballot__in=_cast(agency, start, end, **filters))
        .values("question_id", "question__content", "rating")
        .annotate(times=Count("pk"))
        .order_by("question__question_set", "question__ordinal", "question_id")
    )
    counted: dict[int, Counter[int]] = {}
    contents: dict[int, str] = {}
    for row in rows:
        contents[row["question_id"]] = row["question__content"]
        counted.setdefault(row["question_id"], Counter())[row["rating"]] = row["times"]
    return [_count(times, contents[question]) for question, times in counted.items()]


def overall(tallied: list[VoteCount]) -> VoteCount:
    """All questions together."""
    times = Counter[int]()
    for tally in tallied:
        times += Counter({Rating.VERY_GOOD: tally.very_good, Rating.GOOD: tally.good, Rating.BAD: tally.bad})
    return _count(times)


def ballots_cast(agency: Agency | None, start: date, end: date, **filters: Unpack[Filters]) -> int:
    """The number of ballots on dossiers of `agency` (None: all) and those below it on the days [start, end)."""
    return _cast(agency, start, end, **filters).count()


def by_unit(agency: Agency | None, start: date, end: date, **filters: Unpack[Filters]) -> list[UnitVoteCount]:
    """The counts of the units with ballots directly below `agency` (None: of the level-1 agencies).

    First `agency` itself, if it received rated dossiers itself.
    """
    ballots = _cast(agency, start, end, **filters)
    answers = Answer.objects.filter(ballot__in=ballots)
    cast_by_agency = ballots.order_by().values_list("agency").annotate(Count("pk"))
    ratings_by_agency = answers.values_list("ballot__agency", "rating").annotate(Count("pk"))
    unit_of = units_below(agency, _last_day(end))
    cast, ratings = Counter[Agency](), defaultdict[Agency, Counter[int]](Counter)
    for pk, times in cast_by_agency:
        cast[unit_of[pk]] += times
    for pk, rating, times in ratings_by_agency:
        ratings[unit_of[pk]][rating] += times
    in_order = sorted(cast, key=lambda unit: (unit != agency, unit.code))
    return [UnitVoteCount(unit, cast[unit], _count(ratings[unit])) for unit in in_order]


def reasons(agency: Agency | None, start: date, end: date, **filters: Unpack[Filters]) -> QuerySet[Answer]:
    """The reasons for the lowest rating, newest day first. A row contains nothing about a dossier or a person."""
    rows = Answer.objects.filter(ballot__in=_cast(agency, start, end, **filters), rating=Rating.BAD)
    return rows.select_related("question", "ballot").order_by("-ballot__cast_on", "pk")


def _cast(
    agency: Agency | None,
    start: date,
    end: date,
    *,
    field: Field | None = None,
    procedure: Procedure | None = None,
    question_set: QuestionSet | None = None,
    agencies: AgencyQuerySet | None = None,
) -> QuerySet[Ballot]:
    rows = Ballot.objects.filter(cast_on__gte=start, cast_on__lt=end)
    if agency is not None:
        rows = rows.of(agency, _last_day(end))
    if field is not None:
        rows = rows.filter(procedure__field=field)
    if procedure is not None:
        rows = rows.filter(procedure=procedure)
    if question_set is not None:
        rows = rows.filter(question_set=question_set)
    if agencies is not None:
        rows = rows.filter(agency__in=agencies.values("pk"))
    return rows


def _count(times: Counter[int], question: str = "") -> VoteCount:
    return VoteCount(question, times[Rating.VERY_GOOD], times[Rating.GOOD], times[Rating.BAD])


def _last_day(end: date) -> date:
    """The day whose tree of agencies is used."""
    return end - timedelta(days=1)
