"""Ratings are tallied by agency, with all below it, and by day."""

from __future__ import annotations

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from onestop.catalog.models import Agency
from onestop.votes.ballots import cast
from onestop.votes.models import QuestionSet, Rating
from onestop.votes.results import Tally, ballots_cast, tallies
from tests import people

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1), date(2026, 11, 1)
SPEED, MANNERS = "Đúng hẹn?", "Thái độ?"


def a_set(name: str, *contents: str) -> QuestionSet:
    question_set, made = QuestionSet.objects.get_or_create(name=name)
    # Written last to first, so that the order of the answers is the ordinals' and no accident of the rows.
    for ordinal in range(len(contents), 0, -1) if made else ():
        question_set.questions.create(ordinal=ordinal, content=contents[ordinal - 1])
    return question_set


def rate(agency: Agency, speed: Rating, manners: Rating, on: date = date(2026, 10, 15)) -> None:
    dossier = people.a_dossier(agency=agency, by=people.root())
    answers = {ordinal: {"rating": rating, "reason": "x"} for ordinal, rating in enumerate((speed, manners), 1)}
    cast(dossier, a_set("Khảo sát", SPEED, MANNERS), answers, on=on)  # type: ignore[arg-type] # a literal of its shape


def test_each_question_has_its_own_tally_in_the_order_of_the_questions() -> None:
    rate(people.ward(), Rating.VERY_GOOD, Rating.BAD)
    rate(people.ward(), Rating.VERY_GOOD, Rating.GOOD)
    rate(people.ward(), Rating.GOOD, Rating.BAD)
    assert tallies(people.ward(), *OCTOBER) == [Tally(SPEED, 2, 1, 0), Tally(MANNERS, 0, 1, 2)]
    assert [tally.answers for tally in tallies(people.ward(), *OCTOBER)] == [3, 3]
    assert ballots_cast(people.ward(), *OCTOBER) == 3


def test_questions_alike_in_two_sets_are_tallied_apart() -> None:
    rate(people.ward(), Rating.GOOD, Rating.GOOD)
    cast(
        people.a_dossier(),
        a_set("Khảo sát khác", SPEED),
        {1: {"rating": Rating.BAD, "reason": "x"}},
        on=date(2026, 10, 2),
    )
    assert tallies(people.ward(), *OCTOBER) == [
        Tally(SPEED, 0, 1, 0),
        Tally(MANNERS, 0, 1, 0),
        Tally(SPEED, 0, 0, 1),
    ]


def test_an_agency_is_rated_for_itself_and_all_below_it_and_for_nobody_else() -> None:
    for agency in (people.ward_desk(), people.ward(), people.department(), people.another_province()):
        rate(agency, Rating.GOOD, Rating.GOOD)
    counts = {
        agency.code: (ballots_cast(agency, *OCTOBER), tallies(agency, *OCTOBER)[0].good)
        for agency in (people.ward_desk(), people.ward(), people.province(), people.another_province())
    }
    assert counts == {"H22.101.01": (1, 1), "H22.101": (2, 2), "H22": (3, 3), "H23": (1, 1)}


def test_the_first_day_counts_and_the_day_after_the_last_does_not() -> None:
    for day in (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 1)):
        rate(people.ward(), Rating.GOOD, Rating.GOOD, on=day)
    assert ballots_cast(people.ward(), *OCTOBER) == 2
    assert tallies(people.ward(), *OCTOBER)[0].answers == 2


def test_without_ballots_there_is_nothing_to_tally() -> None:
    a_set("Khảo sát", SPEED, MANNERS)
    assert tallies(people.ward(), *OCTOBER) == []
    assert ballots_cast(people.ward(), *OCTOBER) == 0


def test_a_tally_takes_one_query_however_many_ballots(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(3):
        rate(people.ward(), Rating.GOOD, Rating.GOOD)
    ward = people.ward()
    with django_assert_num_queries(1):
        tallies(ward, *OCTOBER)
