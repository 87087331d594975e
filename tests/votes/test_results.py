"""Ratings are tallied by agency, with all below it, and by day."""

from __future__ import annotations

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from onestop.catalog.models import Agency, Procedure
from onestop.votes.ballots import cast
from onestop.votes.models import QuestionSet, Rating
from onestop.votes.results import Filters, VoteCount, ballots_cast, by_unit, overall, reasons, tallies
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

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
    assert tallies(people.ward(), *OCTOBER) == [VoteCount(SPEED, 2, 1, 0), VoteCount(MANNERS, 0, 1, 2)]
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
        VoteCount(SPEED, 0, 1, 0),
        VoteCount(MANNERS, 0, 1, 0),
        VoteCount(SPEED, 0, 0, 1),
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


# ---- narrowed, by unit, and why


def rate_about(procedure: Procedure, name: str = "Khảo sát") -> None:
    answers = {1: {"rating": Rating.BAD, "reason": procedure.name}}
    dossier = people.a_dossier(procedure=procedure)
    cast(dossier, a_set(name, SPEED), answers, on=date(2026, 10, 15))  # type: ignore[arg-type] # a literal of its shape


def test_results_are_narrowed_to_a_procedure_a_field_and_a_question_set() -> None:
    birth = people.a_procedure()
    record = people.a_procedure(code="2.000488", name="Lý lịch", field=people.a_field("tuphap", "Tư pháp"))
    rate_about(birth)
    rate_about(record)
    rate_about(record, "Khảo sát khác")
    other = QuestionSet.objects.get(name="Khảo sát khác")
    narrowed: list[tuple[Filters, int]] = [
        ({}, 3),
        ({"procedure": record}, 2),
        ({"field": birth.field}, 1),
        ({"question_set": other}, 1),
        ({"procedure": birth, "question_set": other}, 0),
        ({"procedure": None, "field": None}, 3),
    ]
    for filters, number in narrowed:
        assert ballots_cast(people.ward(), *OCTOBER, **filters) == number
        assert sum(tally.bad for tally in tallies(people.ward(), *OCTOBER, **filters)) == number
        assert reasons(people.ward(), *OCTOBER, **filters).count() == number
        assert sum(unit.ballots for unit in by_unit(people.ward(), *OCTOBER, **filters)) == number


def test_a_unit_is_rated_with_all_below_it_and_an_agency_s_own_dossiers_stand_first() -> None:
    for agency in (people.province(), people.department(), people.ward(), people.ward_desk()):
        rate(agency, Rating.GOOD, Rating.BAD)
    rate(people.another_province(), Rating.GOOD, Rating.GOOD)
    units = by_unit(people.province(), *OCTOBER)
    assert [(unit.agency.code, unit.ballots, unit.tally.good, unit.tally.bad) for unit in units] == [
        ("H22", 1, 1, 1),
        ("H22.001", 1, 1, 1),
        ("H22.101", 2, 2, 2),
    ]
    assert [(unit.agency.code, unit.ballots) for unit in by_unit(None, *OCTOBER)] == [("H22", 4), ("H23", 1)]


def test_a_unit_that_nobody_rated_is_not_listed() -> None:
    people.department()
    rate(people.ward_desk(), Rating.GOOD, Rating.GOOD)
    assert [unit.agency.code for unit in by_unit(people.province(), *OCTOBER)] == ["H22.101"]


def test_all_questions_together_are_the_sums_of_each() -> None:
    rate(people.ward(), Rating.VERY_GOOD, Rating.BAD)
    rate(people.ward(), Rating.VERY_GOOD, Rating.GOOD)
    assert overall(tallies(people.ward(), *OCTOBER)) == VoteCount("", 2, 1, 1)
    assert overall([]) == VoteCount("", 0, 0, 0)


def test_the_three_percents_add_to_exactly_a_hundred_and_are_nought_without_answers() -> None:
    assert VoteCount("", 1, 1, 1).percents == [33.4, 33.3, 33.3]
    assert VoteCount("", 1, 2, 3).percents == [16.7, 33.3, 50.0]
    assert VoteCount("", 0, 0, 0).percents == [0.0, 0.0, 0.0]
    assert VoteCount("", 0, 0, 7).percents == [0.0, 0.0, 100.0]


def test_reasons_come_newest_day_first_and_only_of_the_lowest_rating() -> None:
    for day in (date(2026, 10, 5), date(2026, 10, 20), date(2026, 10, 12)):
        rate(people.ward(), Rating.GOOD, Rating.BAD, on=day)
    found = reasons(people.ward(), *OCTOBER)
    assert [answer.ballot.cast_on.day for answer in found] == [20, 12, 5]
    assert {answer.question.content for answer in found} == {MANNERS}
