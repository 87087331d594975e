"""A dossier is found from any page, in two actions, and its applicant's numbers stand in no address."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onestop.dossiers.models import Dossier
from onestop.staff.models import User
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

FIND = reverse("dossiers:find")


def asked(text: str, person: User | None = None) -> Any:
    client = Client()
    client.force_login(person or people.lan())
    return client.post(FIND, {"q": text})


def leads_to(answer: Any, dossier: Dossier) -> bool:
    return (answer.status_code, answer.get("Location")) == (302, reverse("dossiers:detail", args=[dossier.uuid]))


@pytest.mark.parametrize(
    "how",
    [
        lambda dossier: dossier.code,
        lambda dossier: f"  {dossier.code.lower()} ",
        lambda dossier: f"{settings.PUBLIC_URL}/tra-cuu/{dossier.token}/",
        lambda _dossier: "001199012345",
        lambda _dossier: "001 199 012 345",
        lambda _dossier: "0912000111",
        lambda _dossier: "+84 912 000 111",
        lambda _dossier: "uoc DANG",
        lambda _dossier: "chứng thực di chúc",
    ],
)
def test_one_that_is_meant_is_opened_at_once(how: Any) -> None:
    people.a_dossier(applicant_name="Lý Thị Én", identity_no="001199099999", phone="0912999999")
    dossier = people.a_dossier(
        applicant_name="Đặng Văn Ước", identity_no="001199012345", phone="0912000111", summary="Chứng thực di chúc"
    )
    assert leads_to(asked(how(dossier)), dossier)


def test_several_are_shown_the_newest_first_and_what_was_typed_stays() -> None:
    older, newer = people.a_dossier(phone="0912000111"), people.a_dossier(phone="0912000111")
    answer = asked("0912000111")
    assert answer.context["dossiers"] == [newer, older]
    assert 'value="0912000111"' in answer.content.decode()
    assert answer["Cache-Control"].startswith("max-age=0")


def test_more_than_fit_are_told_to_be_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onestop.dossiers.lists.search.SHOWN", 2)
    for _number in range(3):
        people.a_dossier(applicant_name="Nguyễn Thị Hoa")
    answer = asked("hoa")
    assert (len(answer.context["dossiers"]), answer.context["is_more"]) == (2, True)


@pytest.mark.parametrize("text", ["", "   ", "\0", "zzz", "9" * 400, "/tra-cuu/" + "x" * 20, "H22.101.00-260302-9999"])
def test_nothing_is_found_where_nothing_is_meant_and_it_says_what_helps(text: str) -> None:
    people.a_dossier()
    answer = asked(text)
    assert answer.status_code == 200
    assert answer.context["dossiers"] == []
    assert "số định danh" in answer.content.decode()


@pytest.mark.parametrize("text", ["001199012345", "Ước", "token", "code"])
def test_another_agency_s_is_found_by_nothing(text: str) -> None:
    dossier = people.a_dossier(
        agency=people.department(), by=people.root(), applicant_name="Đặng Văn Ước", identity_no="001199012345"
    )
    text = {"token": f"/tra-cuu/{dossier.token}/", "code": str(dossier.code)}.get(text, text)
    assert asked(text).status_code == 200
    assert leads_to(asked(text, people.minh()), dossier)


def test_a_number_is_never_asked_for_in_an_address() -> None:
    client = Client()
    client.force_login(people.lan())
    assert client.get(FIND, {"q": "001199012345"}).status_code == 405
    page = client.get(reverse("dossiers:home")).content.decode()
    assert f'method="post" action="{FIND}"' in page


def test_it_takes_the_same_few_queries_however_many_are_found() -> None:
    for _number in range(15):
        people.a_dossier(procedure=people.a_procedure(code=f"1.{_number}"))
    client = Client()
    client.force_login(people.lan())
    with CaptureQueriesContext(connection) as queries:
        client.post(FIND, {"q": "khai"})
    # session, user with its agency, the agencies it sees, dossiers, the number of news
    assert len(queries) == 5


def test_the_end_of_a_code_is_looked_for_as_a_code() -> None:
    dossier = people.a_dossier()
    people.a_dossier(phone="2611300001", identity_no="2611300001")
    assert dossier.code is not None
    day_and_number = dossier.code.split("-", 1)[1]
    for text in (day_and_number, f"-{day_and_number}", day_and_number.replace("-", " – ")):
        assert leads_to(asked(text), dossier)
    people.a_dossier(phone=day_and_number.replace("-", ""))
    assert leads_to(asked(day_and_number), dossier)
    assert [found.code for found in Dossier.objects.matching(day_and_number)] == [dossier.code]
