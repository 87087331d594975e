"""The list of dossiers: its columns, the lists kept by name, and the files of exactly what it shows."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.http import FileResponse, QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from onestop.dossiers import lifecycle
from onestop.dossiers.lists import views
from onestop.dossiers.lists.columns import COLUMNS, USUAL
from onestop.dossiers.lists.filters import SORTS
from onestop.dossiers.lists.saved import MOST_SAVED, narrowing
from onestop.dossiers.models import Dossier, State
from onestop.staff.models import SavedList, User
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LIST = "/dossiers/"


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def headings(client: Client) -> list[str]:
    return [column.name for column in client.get(LIST).context["columns"]]


def choose(client: Client, *columns: str, query: str = "") -> Any:
    return client.post(reverse("dossiers:choose-columns"), {"columns": columns, "query": query})


# ---- columns


def test_whoever_has_chosen_no_columns_sees_the_usual_ones() -> None:
    assert headings(as_(people.lan())) == ["code", *USUAL]


def test_the_columns_chosen_are_this_person_s_alone_and_stay() -> None:
    people.a_dossier(phone="0905123456")
    client = as_(people.lan())
    answer = choose(client, "state", "phone", query="state=2&page=3")
    assert answer.url == "/dossiers/?state=2"
    assert headings(client) == ["code", "state", "phone"]
    assert "0905 123 456" in client.get(LIST).content.decode()
    assert headings(as_(people.ha())) == ["code", *(name for name in USUAL if name != "unit")]


def test_no_column_chosen_brings_the_usual_ones_back() -> None:
    client = as_(people.lan())
    choose(client, "phone")
    choose(client)
    assert headings(client) == ["code", *USUAL]


def test_a_column_that_does_not_exist_changes_nothing() -> None:
    client = as_(people.lan())
    choose(client, "phone")
    choose(client, "phone", "identity_no")
    assert headings(client) == ["code", "phone"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_column_tells_something_of_a_dossier(language: str) -> None:
    son = {"submitter_name": "Đặng Văn Con", "submitter_capacity": "relative"}
    traits = {"summary": "Khai sinh", "phone": "0905", "address": "12 Hùng Vương", **son}
    dossier = people.a_dossier_in(State.RETURNED, **traits)
    dossier.officer = people.binh()
    with translation.override(language):
        for column in COLUMNS:
            assert column.text(dossier).strip(" ·"), column.name


# ---- lists kept by name


def keep(client: Client, name: str, query: str) -> Any:
    return client.post(reverse("dossiers:keep-list"), {"name": name, "query": query}, follow=True)


def test_a_list_is_kept_under_a_name_and_leads_back_to_the_same_dossiers() -> None:
    people.a_dossier(applicant_name="Một")
    people.a_registered_dossier(applicant_name="Hai")
    client = as_(people.lan())
    shown = keep(client, "Chờ tiếp nhận", "state=1&page=2&q=").content.decode()
    assert "Đã lưu danh sách “Chờ tiếp nhận”" in shown
    assert 'href="/dossiers/?state=1" aria-current="page">Chờ tiếp nhận' in shown
    kept = SavedList.objects.get()
    found = client.get(f"{LIST}?{kept.query}").context["dossiers"]
    assert [dossier.applicant_name for dossier in found] == ["Hai"]


def test_the_same_name_keeps_the_list_anew() -> None:
    client = as_(people.lan())
    keep(client, "Của tôi", "state=1")
    keep(client, "Của tôi", "state=2")
    assert [kept.query for kept in SavedList.objects.all()] == ["state=2"]


def test_a_kept_list_is_shown_to_nobody_else_and_dropped_by_nobody_else() -> None:
    keep(as_(people.lan()), "Của Lan", "state=1")
    kept, other = SavedList.objects.get(), as_(people.ha())
    assert "Của Lan" not in other.get(LIST).content.decode()
    assert other.post(reverse("dossiers:drop-list", args=[kept.pk])).status_code == 404
    assert SavedList.objects.exists()
    as_(people.lan()).post(reverse("dossiers:drop-list", args=[kept.pk]))
    assert not SavedList.objects.exists()


@pytest.mark.parametrize(
    ("name", "query", "told"),
    [
        ("", "state=1", "cần một tên"),
        ("x" * 61, "state=1", "cần một tên"),
        ("a\u202eb", "state=1", "cần một tên"),
        ("Tất cả", "", "vui lòng lọc danh sách"),
        ("Tất cả", "page=2&lạ=1", "vui lòng lọc danh sách"),
    ],
)
def test_what_cannot_be_kept_says_why(name: str, query: str, told: str) -> None:
    assert told in keep(as_(people.lan()), name, query).content.decode()
    assert not SavedList.objects.exists()


def test_nobody_keeps_lists_without_end() -> None:
    client = as_(people.lan())
    for number in range(MOST_SAVED):
        keep(client, f"Số {number}", "state=1")
    assert "vui lòng xóa bớt" in keep(client, "Một nữa", "state=1").content.decode()
    assert "Đã lưu" in keep(client, "Số 0", "state=2").content.decode()
    assert SavedList.objects.count() == MOST_SAVED


def test_narrowing_keeps_what_filters_and_drops_the_rest() -> None:
    assert narrowing(QueryDict("page=4&state=2&q=+&csrfmiddlewaretoken=x&agency=7")) == "state=2&agency=7"


# ---- files


def downloaded(client: Client, address: str) -> bytes:
    answer: object = client.get(address)
    assert isinstance(answer, FileResponse)
    return answer.getvalue()


def table(client: Client, ending: str, query: str = "") -> list[list[str]]:
    content = downloaded(client, f"/dossiers.{ending}?{query}")
    if ending == "csv":
        return list(csv.reader(StringIO(content.decode("utf-8-sig"))))
    rows = load_workbook(BytesIO(content)).active.iter_rows(min_row=4, values_only=True)  # type: ignore[union-attr]
    return [[_as_text(value) for value in row] for row in rows]


def _as_text(value: object) -> str:
    return value.isoformat(" ") if isinstance(value, datetime) else str(value or "")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_holds_exactly_what_is_shown(ending: str) -> None:
    for number in range(30):
        people.a_dossier(applicant_name=f"Người số {number:02}", summary="=1+1", phone="0905123456")
    people.a_registered_dossier(applicant_name="Chưa nhận")
    people.a_dossier(agency=people.another_province(), by=people.root(), applicant_name="Tỉnh khác")
    client = as_(people.lan())
    choose(client, "applicant", "phone", "state")
    shown = [
        dossier for page in (1, 2) for dossier in client.get(LIST, {"state": 2, "page": page}).context["dossiers"]
    ]
    heading, *rows = table(client, ending, "state=2&page=2")
    assert heading == ["Mã hồ sơ", "Chủ hồ sơ", "Mã thủ tục", "Thủ tục", "Trạng thái", "Điện thoại"]
    assert [row[:2] for row in rows] == [[dossier.code, dossier.applicant_name] for dossier in shown]
    assert len(rows) == 30
    assert {row[5] for row in rows} == {"0905123456"}


def test_the_order_of_a_file_is_the_order_of_the_page() -> None:
    for limit in (5, 2, 9):
        people.a_dossier(applicant_name=f"Hạn {limit}", procedure=people.a_procedure(code=f"1.{limit}", limit=limit))
    client = as_(people.lan())
    shown = [dossier.code for dossier in client.get(LIST, {"due": "pressing"}).context["dossiers"]]
    assert [row[0] for row in table(client, "csv", "due=pressing")[1:]] == shown


def test_what_citizens_typed_becomes_no_formula() -> None:
    people.a_dossier(applicant_name="=cmd()", summary="=1+1")
    client = as_(people.lan())
    choose(client, "applicant", "summary")
    assert table(client, "csv")[1][1] == "'=cmd()"
    sheet = load_workbook(BytesIO(downloaded(client, "/dossiers.xlsx"))).active
    assert sheet is not None
    assert sheet["B5"].data_type == "s"


def test_a_file_that_would_be_too_long_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_ROWS", 1)
    people.a_dossier()
    people.a_dossier()
    answer = as_(people.lan()).get("/dossiers.csv")
    assert answer.status_code == 400
    assert "Vui lòng lọc hẹp hơn" in answer.content.decode()


def test_a_file_of_a_filter_that_makes_no_sense_is_no_file() -> None:
    answer = as_(people.lan()).get("/dossiers.xlsx", {"received_from": "hôm qua"})
    assert answer.status_code == 400
    assert "has-error" in answer.content.decode()


# ---- order, number, days


def test_the_officers_work_is_listed_by_urgency_and_what_has_no_date_last() -> None:
    now = timezone.now()
    dossiers = [people.a_dossier(officer=people.binh()) for _number in range(3)]
    for dossier, due in zip(dossiers, (now + timedelta(days=3), None, now - timedelta(days=1)), strict=True):
        Dossier.objects.filter(pk=dossier.pk).update(due_at=due)
    listed = as_(people.binh()).get(LIST, {"turn": "office"}).context["dossiers"]
    assert list(listed) == [dossiers[2], dossiers[0], dossiers[1]]


def test_reversed_days_are_an_error_of_the_last_day() -> None:
    answer = as_(people.lan()).get(LIST, {"received_from": "2026-03-05", "received_to": "2026-03-01"})
    assert answer.context["filter"].form.errors == {"received_to": ["Ngày cuối không được trước ngày đầu."]}
    assert "Ngày cuối không được trước ngày đầu." in answer.content.decode()


def test_the_list_says_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onestop.dossiers.lists.views.PAGE_SIZES", (2,))
    monkeypatch.setattr("onestop.dossiers.lists.views.COUNTED", 4)
    client = as_(people.lan())
    for number in range(5):
        people.a_dossier()
        page = client.get(LIST).content.decode()
        assert ("Hơn 4 hồ sơ" if number == 4 else f"{number + 1} hồ sơ") in page


def test_one_s_own_unit_is_named_only_beside_another() -> None:
    dossier = people.a_dossier()
    assert "unit" not in headings(as_(people.lan()))
    lifecycle.hand_over(dossier, people.ha(), unit=people.ward_desk())
    assert "unit" in headings(as_(people.lan()))


def test_whoever_chose_the_unit_s_column_sees_it() -> None:
    people.a_dossier()
    client = as_(people.lan())
    choose(client, "state", "unit")
    assert headings(client) == ["code", "state", "unit"]


# ---- sorted, in pages of a chosen length, in groups


@pytest.mark.parametrize("sort", SORTS)
def test_the_heads_sort_the_list_in_both_directions(sort: str) -> None:
    now = timezone.now()
    dossiers = [people.a_dossier() for _number in range(3)]
    for dossier, days in zip(dossiers, (2, None, 1), strict=True):
        at = None if days is None else now + timedelta(days=days)
        moved = now + timedelta(days=days or 0)
        Dossier.objects.filter(pk=dossier.pk).update(due_at=at, accepted_at=at, changed_at=moved)
    expected = {"code": [0, 1, 2], "moved": [1, 2, 0]}.get(sort, [2, 0, 1])
    client = as_(people.lan())
    up, down = (list(client.get(LIST, {"sort": order}).context["dossiers"]) for order in (sort, f"-{sort}"))
    assert [dossiers.index(dossier) for dossier in up] == expected
    assert down == up[::-1]


def test_a_head_leads_to_its_order_and_back_and_keeps_the_filters() -> None:
    people.a_dossier()
    client = as_(people.lan())
    assert "?state=2&amp;sort=due" in client.get(LIST, {"state": "2", "page": "1"}).content.decode()
    page = client.get(LIST, {"state": "2", "sort": "due"}).content.decode()
    assert "?state=2&amp;sort=-due" in page
    assert page.count("aria-sort=") == 1
    assert 'aria-sort="ascending"' in page


def test_the_order_chosen_holds_against_that_of_a_filter_and_in_the_file() -> None:
    first, second = people.a_dossier(), people.a_dossier()
    Dossier.objects.filter(pk=second.pk).update(due_at=first.due_at)
    client = as_(people.lan())
    query = {"turn": "office", "sort": "-code"}
    assert list(client.get(LIST, query).context["dossiers"]) == [second, first]
    rows = list(csv.reader(StringIO(client.get("/dossiers.csv", query).getvalue().decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [second.code, first.code]


def test_an_order_that_there_is_not_is_an_error_of_the_filter() -> None:
    assert "sort" in as_(people.lan()).get(LIST, {"sort": "phone"}).context["filter"].form.errors


def test_a_page_may_be_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onestop.dossiers.lists.views.PAGE_SIZES", (2, 4))
    for _number in range(5):
        people.a_dossier()
    client = as_(people.lan())
    for rows, shown in (("", 2), ("4", 4), ("3", 2), ("x", 2)):
        page = client.get(LIST, {"rows": rows})
        assert len(page.context["dossiers"]) == shown
    assert [dossier.pk for dossier in client.get(LIST, {"rows": "4", "page": "2"}).context["dossiers"]] == [
        Dossier.objects.earliest("pk").pk
    ]


def test_a_list_in_the_order_of_due_dates_is_in_groups() -> None:
    for days in (-1, 2, 30):
        Dossier.objects.filter(pk=people.a_dossier().pk).update(due_at=timezone.now() + timedelta(days=days))
    client = as_(people.binh())
    groups = client.get(LIST, {"turn": "office"}).context["groups"]
    assert [(str(title), len(dossiers)) for title, dossiers in groups] == [
        ("Quá hạn", 1),
        ("3 ngày tới", 1),
        ("Sau đó", 1),
    ]
    for query in ({}, {"turn": "office", "sort": "code"}):
        ((title, dossiers),) = client.get(LIST, query).context["groups"]
        assert (title, len(dossiers)) == ("", 3)


def test_what_comes_next_is_one_click_away_for_whom_may() -> None:
    dossier = people.a_dossier()
    start = reverse("dossiers:move", args=[dossier.uuid, "start"])
    assert start in as_(people.binh()).get(LIST).content.decode()
    assert start not in as_(people.lan()).get(LIST).content.decode()


def test_all_of_a_list_are_chosen_by_their_number() -> None:
    for _number in range(3):
        people.a_dossier()
    assert "Chọn tất cả 3 hồ sơ" in as_(people.binh()).get(LIST).content.decode()
