"""The results as staff read them: their own agency's and those below, narrowed as they like."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from onestop.catalog.models import Agency
from onestop.staff.models import User
from onestop.votes.ballots import cast
from onestop.votes.filters import this_quarter
from onestop.votes.models import Ballot, QuestionSet, Rating
from tests import people

from .test_ballots import a_question_set, given

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

AT = "2036-11-15T03:00:00Z"
# Who asks with their agency, four lists of choices, what the three tables are made of, a page of reasons.
QUERIES = 11


def a_ballot(agency: Agency, *ratings: int, on: date = date(2036, 10, 20), reason: str = "Chờ lâu") -> Ballot:
    question_set = QuestionSet.objects.first() or a_question_set()
    dossier = people.a_dossier(agency=agency, by=people.root())
    return cast(dossier, question_set, given(*ratings, reason=reason), on=on)


def shown(person: User, **asked: str | int) -> Any:
    client = Client()
    with time_machine.travel(AT, tick=False):
        client.force_login(person)
        answer = client.get(reverse("votes:results"), asked)
    assert answer.status_code == 200
    return answer


def test_nobody_sees_it_without_signing_in() -> None:
    assert Client().get(reverse("votes:results")).status_code == 302


@pytest.mark.parametrize("person", [people.lan, people.binh, people.ha, people.tu, people.thanh])
def test_any_member_of_staff_sees_it(person: Callable[[], User]) -> None:
    assert "Kết quả đánh giá" in shown(person()).content.decode()


def test_one_sees_ones_own_agency_and_those_below_and_no_other() -> None:
    for agency in (people.ward(), people.ward_desk(), people.department(), people.another_province()):
        a_ballot(agency, 1, 2)
    assert shown(people.lan()).context["ballots"] == 2
    assert shown(people.thanh()).context["ballots"] == 3
    assert shown(people.root()).context["ballots"] == 4
    assert shown(people.lan(), agency=people.ward_desk().pk).context["ballots"] == 1
    refused = shown(people.lan(), agency=people.department().pk)
    assert "ballots" not in refused.context
    assert "agency" in refused.context["form"].errors


def test_this_quarter_is_shown_unless_other_days_are_asked_for_and_both_days_count() -> None:
    for day in (date(2036, 9, 30), date(2036, 10, 1), date(2036, 12, 31), date(2037, 1, 1)):
        a_ballot(people.ward(), 1, 1, on=day)
    assert shown(people.lan()).context["ballots"] == 2
    one_day = {"cast_from": "2036-10-01", "cast_to": "2036-10-01"}
    assert shown(people.lan(), **one_day).context["ballots"] == 1


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 1, 1), "2026-01-01", "2026-03-31"),
        (date(2028, 3, 31), "2028-01-01", "2028-03-31"),
        (date(2026, 6, 30), "2026-04-01", "2026-06-30"),
        (date(2026, 12, 31), "2026-10-01", "2026-12-31"),
    ],
)
def test_a_quarter_has_three_whole_months(today: date, first: str, last: str) -> None:
    assert this_quarter(today) == {"cast_from": first, "cast_to": last}


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"cast_from": "mai"}, "cast_from"),
        ({"cast_from": "2036-12-02", "cast_to": "2036-12-01"}, "cast_to"),
        ({"cast_to": "9999-12-31"}, "cast_to"),
        ({"procedure": "x"}, "procedure"),
        ({"question_set": "0"}, "question_set"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(asked: dict[str, str], fault: str) -> None:
    assert fault in shown(people.lan(), **asked).context["form"].errors


def test_each_question_shows_counts_and_percents_that_add_to_a_hundred() -> None:
    for ratings in ((1, 1), (2, 1), (3, 3)):
        a_ballot(people.ward(), *ratings)
    page = shown(people.lan()).content.decode()
    assert re.findall(r">(\d+) <small>\((\d+,\d) %\)", page)[:6] == [
        ("1", "33,4"),
        ("1", "33,3"),
        ("1", "33,3"),
        ("2", "66,7"),
        ("0", "0,0"),
        ("1", "33,3"),
    ]


def test_units_are_listed_with_a_way_further_down() -> None:
    a_ballot(people.ward_desk(), 1, 1)
    page = shown(people.thanh(), cast_from="2036-10-01").content.decode()
    assert f'href="?cast_from=2036-10-01&amp;agency={people.ward().pk}"' in page


def test_reasons_are_paged_newest_first_and_name_neither_dossier_nor_person() -> None:
    for day in range(1, 28):
        a_ballot(people.ward(), 1, Rating.BAD, on=date(2036, 10, day), reason=f"lý do ngày {day}.")
    first, second = shown(people.lan()), shown(people.lan(), page=2)
    found = [re.findall(r"lý do ngày (\d+)\.", answer.content.decode()) for answer in (first, second)]
    assert found == [[str(day) for day in range(27, 2, -1)], ["2", "1"]]
    assert "Đặng Văn Ước" not in first.content.decode()
    assert "H22.101.00" not in first.content.decode()


def test_what_was_typed_as_a_reason_is_shown_as_text() -> None:
    a_ballot(people.ward(), 1, Rating.BAD, reason="<script>x</script>")
    page = shown(people.lan()).content.decode()
    assert "&lt;script&gt;x" in page
    assert "<script" not in page.replace("<script src=", "")


def test_a_period_without_ballots_says_so() -> None:
    assert "Không có phiếu đánh giá nào" in shown(people.lan()).content.decode()


def test_only_what_was_rated_within_ones_own_agencies_is_offered() -> None:
    a_ballot(people.another_province(), 1, 1)
    people.a_procedure(code="2.000488", name="Lý lịch")
    form = shown(people.lan()).context["form"]
    assert [list(form.fields[name].queryset) for name in ("field", "procedure", "question_set")] == [[], [], []]
    assert len(shown(people.root()).context["form"].fields["procedure"].queryset) == 1


def test_it_takes_the_same_few_queries_however_much_there_is(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = Client()
    for agency in (people.ward(), people.ward_desk(), people.department(), people.province()):
        for _time in range(3):
            a_ballot(agency, 1, Rating.BAD)
    with time_machine.travel(AT, tick=False):
        client.force_login(people.thanh())
        with django_assert_num_queries(QUERIES):
            client.get(reverse("votes:results"))
