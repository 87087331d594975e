"""The points of TT 01/2018: averages to one decimal from dossiers, ballots and assessments, and the class earned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from onestop.catalog.models import Agency
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from onestop.statistics.counting.incremental import catch_up
from onestop.statistics.models import Assessment
from onestop.statistics.periods import Period
from onestop.statistics.scoring import TOTAL_TIME, Points, Score, Source, average_tenths, scores
from onestop.votes.ballots import cast
from onestop.votes.models import Indicator, QuestionSet, Rating
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Q4 = Period(2026, quarter=4)


@pytest.fixture(autouse=True)
def _after_new_year() -> Iterator[None]:
    with time_machine.travel(datetime(2027, 1, 5, 9, tzinfo=VIETNAM), tick=False):
        yield


def decided(day: int, hour: int = 8, agency: Agency | None = None) -> Dossier:
    """Received on Thursday, the first of October, and due on Monday the fifth, 8:00."""
    dossier = people.a_new_dossier(agency=agency or people.ward())
    lifecycle.receive(dossier, None, at=datetime(2026, 10, 1, 8, tzinfo=VIETNAM))
    lifecycle.approve(dossier, None, at=datetime(2026, 10, day, hour, tzinfo=VIETNAM))
    return dossier


def rated(*ratings: Rating, indicator: Indicator | None = Indicator.ATTITUDE, on: date = date(2026, 10, 20)) -> None:
    questions, _made = QuestionSet.objects.get_or_create(name=f"Khảo sát {indicator}")
    questions.questions.get_or_create(ordinal=1, defaults={"content": "Thái độ?", "indicator": indicator})
    for rating in ratings:
        cast(people.a_dossier(), questions, {1: {"rating": rating, "reason": "x"}}, on=on)


def score_of(agency: Agency, period: Period = Q4) -> Score:
    catch_up()
    return next(score for score in scores(people.province(), period) if score.agency == agency)


def test_before_the_day_two_points_on_the_day_one_and_later_none() -> None:
    decided(2)
    decided(5, 7)
    decided(5, 8)
    decided(5, 9)
    assert score_of(people.ward()).points == {TOTAL_TIME: Points(4, 4, Source.DOSSIERS)}


def test_what_had_no_limit_was_not_decided_or_is_no_more_counts_for_nothing() -> None:
    lifecycle.reopen(decided(2), people.root(), comment="x", at=datetime(2026, 10, 3, tzinfo=VIETNAM))
    withdrawn, without = people.a_new_dossier(), people.a_new_dossier(procedure=without_limit())
    for dossier in (withdrawn, without):
        lifecycle.receive(dossier, None, at=datetime(2026, 10, 1, 8, tzinfo=VIETNAM))
    lifecycle.withdraw(withdrawn, None, comment="x", at=datetime(2026, 10, 2, 8, tzinfo=VIETNAM))
    lifecycle.approve(without, None, at=datetime(2026, 10, 2, 8, tzinfo=VIETNAM))
    assert score_of(people.province()).points == {}


def without_limit() -> object:
    return people.a_procedure(code="2.4", limit=None, limit_unit="")


def test_ratings_feed_the_indicator_of_their_question_in_the_quarter_in_which_they_were_given() -> None:
    decided(2)
    rated(Rating.VERY_GOOD, Rating.GOOD, Rating.BAD)
    rated(Rating.VERY_GOOD, on=date(2027, 1, 1))
    rated(Rating.BAD, indicator=None)
    assert score_of(people.ward()).points[Indicator.ATTITUDE] == Points(3, 3, Source.RATINGS)


def test_what_assessors_gave_goes_before_what_citizens_answered_and_holds_for_that_agency_alone() -> None:
    rated(Rating.BAD)
    Assessment.objects.create(
        agency=people.ward(), year=2026, quarter=4, indicator=Indicator.ATTITUDE, points=2, basis="Biên bản số 4"
    )
    assert score_of(people.ward()).points[Indicator.ATTITUDE] == Points(2, 1, Source.ASSESSMENT)
    assert score_of(people.province()).points[Indicator.ATTITUDE] == Points(0, 1, Source.RATINGS)


def test_a_year_takes_all_its_quarters_together() -> None:
    for quarter, points in ((1, 2), (4, 1)):
        Assessment.objects.create(
            agency=people.ward(), year=2026, quarter=quarter, indicator=Indicator.DESK, points=points, basis="x"
        )
    assert score_of(people.ward(), Period(2026)).points[Indicator.DESK] == Points(3, 2, Source.ASSESSMENT)
    assert score_of(people.ward()).points[Indicator.DESK] == Points(1, 1, Source.ASSESSMENT)


@pytest.mark.parametrize(("total", "number", "tenths"), [(3, 2, 15), (1, 3, 3), (5, 4, 13), (1, 40, 0), (1, 20, 1)])
def test_averages_have_one_decimal_half_up(total: int, number: int, tenths: int) -> None:
    assert average_tenths(total, number) == tenths


def a_score(*totals: int) -> Score:
    return Score(Agency(), {place: Points(total, 10, Source.RATINGS) for place, total in enumerate(totals, 1)})


@pytest.mark.parametrize(
    ("totals", "tenths", "rank"),
    [
        ([20] * 9, 180, "xuất sắc"),
        ([20] * 6 + [10] * 3, 150, "xuất sắc"),
        ([20] * 5 + [16] * 3 + [1], 149, "tốt"),
        ([20] * 6 + [0] * 3, 120, "tốt"),
        ([10] * 9, 90, "khá"),
        ([10] * 6 + [0] * 3, 60, "trung bình"),
        ([10] * 5 + [9] + [0] * 3, 59, "yếu"),
        ([0] * 9, 0, "yếu"),
    ],
)
def test_the_class_goes_by_the_sum_of_the_averages(totals: list[int], tenths: int, rank: str) -> None:
    assert (a_score(*totals).tenths, a_score(*totals).rank) == (tenths, rank)


def test_what_nothing_is_known_of_is_left_out_of_what_could_be_had() -> None:
    half = a_score(20, 10)
    assert (half.tenths, half.out_of, half.tenths_of_eighteen, half.rank) == (30, 4, 135, "tốt")
    nothing = a_score()
    assert (nothing.tenths, nothing.out_of, nothing.tenths_of_eighteen, nothing.rank) == (0, 0, None, "")


def test_an_agency_comes_first_then_its_units_of_which_anything_is_known() -> None:
    decided(2, agency=people.ward_desk())
    people.department()
    catch_up()
    assert [score.agency for score in scores(people.province(), Q4)] == [people.province(), people.ward()]


def test_scores_take_few_queries_however_many_units(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for agency in (people.ward(), people.department()):
        decided(2, agency=agency)
    catch_up()
    province = people.province()
    with django_assert_num_queries(4):
        scores(province, Q4)


def test_points_outside_nought_to_two_and_quarters_outside_the_year_are_refused() -> None:
    for wrong in ({"points": 3}, {"quarter": 5}, {"quarter": 0}):
        traits = {"year": 2026, "quarter": 4, "indicator": 5, "points": 1, "basis": "x", **wrong}
        assessment = Assessment(agency=people.ward(), **traits)
        with pytest.raises(ValidationError):
            assessment.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            assessment.save()


def test_a_leader_gives_points_to_her_own_agencies_only() -> None:
    client = Client()
    client.force_login(people.ha())
    typed = {"year": "2026", "quarter": "4", "indicator": "5", "points": "2", "basis": "Biên bản"}
    address = reverse("admin:statistics_assessment_add")
    assert client.post(address, {**typed, "agency": people.department().pk}).status_code == 200
    assert not Assessment.objects.exists()
    assert client.post(address, {**typed, "agency": people.ward_desk().pk}).status_code == 302
    assert Assessment.objects.get().agency == people.ward_desk()
