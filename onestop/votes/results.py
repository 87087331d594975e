"""How an agency was rated over a stretch of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from onestop.catalog.models import Agency

from .models import Answer, Ballot, Rating


@dataclass(frozen=True)
class Tally:
    """How often each rating was given; to one question, or (`question` empty) to all."""

    question: str
    very_good: int
    good: int
    bad: int

    @property
    def answers(self) -> int:
        return self.very_good + self.good + self.bad


def tallies(agency: Agency, start: date, end: date) -> list[Tally]:
    """One per question asked of `agency` or below it on the days [start, end), in the questions' order."""
    rows = (
        Answer.objects.filter(
            ballot__agency__path__startswith=agency.path, ballot__cast_on__gte=start, ballot__cast_on__lt=end
        )
        .values("question_id", "question__content", "rating")
        .annotate(times=Count("pk"))
        .order_by("question__question_set", "question__ordinal", "question_id")
    )
    counted: dict[int, dict[int, int]] = {}
    contents: dict[int, str] = {}
    for row in rows:
        contents[row["question_id"]] = row["question__content"]
        counted.setdefault(row["question_id"], {})[row["rating"]] = row["times"]
    return [
        Tally(
            contents[question],
            times.get(Rating.VERY_GOOD, 0),
            times.get(Rating.GOOD, 0),
            times.get(Rating.BAD, 0),
        )
        for question, times in counted.items()
    ]


def ballots_cast(agency: Agency, start: date, end: date) -> int:
    """How many ballots were cast on dossiers of `agency` and below it on the days [start, end)."""
    return Ballot.objects.of(agency).filter(cast_on__gte=start, cast_on__lt=end).count()
