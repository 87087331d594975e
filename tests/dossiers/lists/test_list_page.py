"""The list of dossiers as people use it, and the due instant in words."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from onestop.dossiers import lifecycle
from onestop.dossiers.lists.views import COUNTED
from onestop.dossiers.models import State
from onestop.dossiers.templatetags.desk import SHAPES, due_in_words
from tests import people
from tests.dossiers.desk_pages import LIST, as_, at, page

pytestmark = pytest.mark.django_db


def test_the_list_shows_what_one_may_see_newest_first() -> None:
    first, second = people.a_dossier(applicant_name="Một"), people.a_dossier(applicant_name="Hai")
    people.a_dossier(agency=people.another_province(), by=people.root(), applicant_name="Người tỉnh khác")
    shown = page(as_(people.lan()), LIST)
    assert second.code is not None
    assert first.code is not None
    assert shown.index(second.code) < shown.index(first.code)
    assert "Người tỉnh khác" not in shown


def test_the_list_takes_no_more_queries_for_more_dossiers() -> None:
    client = as_(people.lan())
    for number in range(30):
        people.a_dossier(applicant_name=f"Người {number}", procedure=people.a_procedure(code=f"1.{number}"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(client, LIST)
    # session, user with its agency, the agencies it sees, dossiers, calendars, lists kept and batches left undone,
    # fields and agencies to choose from, how many dossiers there are, and the number of news
    assert len(queries) == 11
    of_dossiers = [query["sql"] for query in queries if '"dossiers_dossier"' in query["sql"]]
    assert of_dossiers
    # Never all of them: the database stops counting.
    assert not [sql for sql in of_dossiers if "COUNT(" in sql and f"LIMIT {COUNTED + 1}" not in sql]


def test_pages_of_the_list_hold_twenty_five_and_lead_to_each_other() -> None:
    client = as_(people.lan())
    for number in range(26):
        people.a_dossier(applicant_name=f"Người số {number:02}")
    first = page(client, LIST, q="nguoi so")
    assert first.count('class="open code"') == 25
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    assert "q=nguoi+so&amp;page=2" in first
    second = page(client, LIST, q="nguoi so", page="2")
    assert "Người số 00" in second
    assert 'rel="next"' not in second
    assert 'rel="prev"' in second


@pytest.mark.parametrize("number", ["0", "-1", "abc", "9" * 40, "9" * 5000, "٣"])
def test_a_page_number_that_makes_no_sense_breaks_nothing(number: str) -> None:
    assert as_(people.lan()).get(LIST, {"page": number}).status_code == 200


def test_the_search_needs_no_accents_and_takes_words_in_any_order() -> None:
    people.a_dossier(applicant_name="Đặng Văn Ước", summary="khai sinh")
    people.a_dossier(applicant_name="Lý Thị Én")
    shown = page(as_(people.lan()), LIST, q="sinh UOC dang")
    assert "Đặng Văn Ước" in shown
    assert "Lý Thị Én" not in shown


def names(client: Client, **query: str) -> set[str]:
    return {dossier.applicant_name for dossier in client.get(LIST, query).context["dossiers"]}


def test_every_filter_narrows_the_list() -> None:
    other_field = people.a_field("dat-dai", "Đất đai")
    with time_machine.travel(at(2, 9), tick=False):
        people.a_dossier(applicant_name="cũ")
        people.a_dossier_in(State.AWAITING_SUPPLEMENT, applicant_name="chờ")
    with time_machine.travel(at(10, 0), tick=False):  # the first instant of the day
        people.a_dossier(applicant_name="đất", procedure=people.a_procedure(code="1.2", field=other_field))
        people.a_dossier(applicant_name="tổ", agency=people.ward_desk())
        client = as_(people.lan())
        assert names(client) == {"cũ", "chờ", "đất", "tổ"}
        assert names(client, state="5") == {"chờ"}
        assert names(client, field=str(other_field.pk)) == {"đất"}
        assert names(client, agency=str(people.ward_desk().pk)) == {"tổ"}
        assert names(client, agency=str(people.ward().pk)) == {"cũ", "chờ", "đất", "tổ"}
        assert names(client, due="late") == {"cũ"}
        assert names(client, received_from="2026-03-10") == {"đất", "tổ"}
        assert names(client, received_to="2026-03-09") == {"cũ", "chờ"}
        assert names(client, received_from="2026-03-02", received_to="2026-03-02") == {"cũ", "chờ"}


@pytest.mark.parametrize(
    "query",
    [
        {"state": "77"},
        {"field": "9" * 40},
        {"agency": "x"},
        {"received_from": "hôm qua"},
        {"received_to": "9999-12-31"},
        {"received_from": "0001-01-01"},
    ],
)
def test_a_filter_that_makes_no_sense_breaks_nothing(query: dict[str, str]) -> None:
    assert as_(people.lan()).get(LIST, query).status_code == 200


def test_only_ones_own_agencies_are_offered_as_a_filter() -> None:
    people.department()
    people.ward_desk()
    offered = as_(people.lan()).get(LIST).context["filter"].form.fields["agency"].queryset
    assert set(offered) == {people.ward(), people.ward_desk()}


def test_an_empty_list_says_what_to_do() -> None:
    assert "Vui lòng tiếp nhận hồ sơ đầu tiên" in page(as_(people.lan()), LIST)
    assert "khi bộ phận một cửa tiếp nhận" in page(as_(people.binh()), LIST)
    assert "có thể nhập không dấu" in page(as_(people.lan()), LIST, q="xyz")


def test_long_names_stay_whole_in_the_title() -> None:
    name = "Thủ tục " + "rất dài " * 145
    people.a_dossier(procedure=people.a_procedure(code="1.9", name=name.strip()))
    assert f'title="{name.strip()}"' in page(as_(people.lan()), LIST)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(2, 9), "còn 2 ngày làm việc"),
        (at(4, 6), "còn 1 giờ làm việc"),
        (at(4, 9) - timedelta(minutes=5), "còn 5 phút"),
        (at(4, 14), "quá hạn 3 giờ làm việc"),
        (at(9, 9), "quá hạn 3 ngày làm việc"),
    ],
)
def test_the_due_instant_is_told_in_words(moment: datetime, words: str) -> None:
    dossier = people.a_new_dossier()
    lifecycle.receive(dossier, people.lan(), at=at(2, 9))
    with time_machine.travel(moment, tick=False):
        assert due_in_words(dossier) == words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.REGISTERED, "chưa tiếp nhận"),
        (State.AWAITING_PAYMENT, "tạm dừng"),
        (State.RETURNED, "hoàn thành đúng hạn"),
        (State.WITHDRAWN, "đã kết thúc"),
    ],
)
def test_what_has_no_running_clock_says_so(state: State, words: str) -> None:
    assert due_in_words(people.a_dossier_in(state)) == words


def test_no_limit_and_a_late_end_are_told_too() -> None:
    assert due_in_words(people.a_dossier(procedure=people.a_procedure(code="9", limit=None, limit_unit=""))) == (
        "không có hạn"
    )
    late = people.a_new_dossier()
    lifecycle.receive(late, people.lan(), at=at(2, 9))
    lifecycle.approve(late, people.ha(), at=at(5, 9))
    assert due_in_words(late) == "hoàn thành trễ hạn"


def test_every_state_has_a_shape() -> None:
    assert set(SHAPES) == set(State)
