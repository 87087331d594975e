"""Identity cards as readers type them: number, old number, name, day of birth, sex, address, day of issue.

A new case is one line in `CARDS` or `NO_CARDS`.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onestop.common.input.identity_scans import Card, scanned
from onestop.dossiers.models import Dossier
from tests import people

from .intake_doors import DOORS

NUMBER, OLD, NAME, ADDRESS = "052085570548", "211234567", "Đặng Văn Ước", "Thôn 3, Ea Bar, Đắk Lắk"
BORN = "1985-08-15"
WHOLE = Card(NUMBER, OLD, NAME, BORN, ADDRESS)
WITHOUT_OLD = Card(NUMBER, "", NAME, BORN, ADDRESS)
LINE = f"{NUMBER}|{OLD}|{NAME}|15081985|Nam|{ADDRESS}|10052021"

# What the reader types, and what it says.
CARDS = [
    (LINE, WHOLE),
    (f"{NUMBER}||{NAME}|15081985|Nam|{ADDRESS}|10052021", WITHOUT_OLD),
    (f"{NUMBER}|{NAME}|15081985|Nam|{ADDRESS}|10052021", WITHOUT_OLD),
    (f"{LINE}\r", WHOLE),
    (f"{LINE}\n", WHOLE),
    (f"{LINE}\r\n", WHOLE),
    (f"\ufeff{LINE}\t", WHOLE),
    (f"{LINE}||||||", WHOLE),
    (f"{LINE}|Đặng Văn Cha|Lý Thị Mẹ|{NUMBER}", WHOLE),
    (f" {NUMBER} | {OLD} | Đặng  Văn Ước | 15/08/1985 | Nam | {ADDRESS} | 10/05/2021", WHOLE),
    (f"{NUMBER}|{NUMBER}|{NAME}|15081985|Nữ|{ADDRESS}|10052021", Card(NUMBER, NUMBER, NAME, BORN, ADDRESS)),
    (f"{NUMBER}|{OLD}|{NAME}|15081985|Nam", Card(NUMBER, OLD, NAME, BORN, "")),
    (
        "０５２０８５５７０５４８||Y Ƀlô Niê|01011990|Nam|Buôn Kƀăm|",
        Card(NUMBER, "", "Y Ƀlô Niê", "1990-01-01", "Buôn Kƀăm"),
    ),
]
NO_CARDS = [
    "",
    "052085570548",
    "a|b|c|d|e|f|g",
    "052085570548|x",
    "05208557054|1|A|15081985|Nam|B",
    f"{LINE}{'x' * 1000}",
]


@pytest.mark.parametrize(("line", "card"), CARDS, ids=ascii)
def test_a_card_is_read(line: str, card: Card) -> None:
    assert scanned(line) == card


@pytest.mark.parametrize("line", NO_CARDS, ids=ascii)
def test_what_is_no_card_is_read_as_none(line: str) -> None:
    assert scanned(line) is None


def post(name: str, typed: dict[str, Any], *args: Any) -> Any:
    client = Client()
    client.force_login(people.lan())
    return client.post(reverse(name, args=args), typed)


def at_the_counter(**typed: Any) -> Any:
    usual = {"channel": "direct", "applicant_kind": "citizen", "return_method": "direct"}
    return post("dossiers:receive", usual | {"agency": str(people.ward().pk)} | typed, people.a_procedure().code)


@pytest.mark.django_db
@pytest.mark.parametrize(("line", "card"), CARDS, ids=ascii)
def test_without_scripts_the_form_comes_back_filled_in_and_nothing_is_recorded(line: str, card: Card) -> None:
    answer = at_the_counter(identity_no=line, summary="Khai sinh", receive="")
    assert answer.status_code == 200
    form = answer.context["form"]
    shown = {name: form[name].value() for name in ("identity_no", "applicant_name", "summary")}
    assert shown == {"identity_no": card.number, "applicant_name": card.name, "summary": "Khai sinh"}
    assert (form["address"].value() or "") == card.address
    assert "đã được điền từ thẻ căn cước" in answer.content.decode()
    assert not Dossier.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["the counter", "an amendment", "the admin"])
def test_a_card_in_the_field_of_a_form_that_is_filled_in_is_its_number(door: str) -> None:
    dossier = DOORS[door](applicant_name="Đặng Văn Khác", identity_no=f"{LINE}\r\n")
    assert (dossier.identity_no, dossier.applicant_name) == (NUMBER, "Đặng Văn Khác")


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [NUMBER, OLD])
def test_an_earlier_dossier_is_offered_by_the_number_and_by_the_old_one(kept: str) -> None:
    earlier = people.a_dossier(identity_no=kept, applicant_name="Đặng Văn Trước")
    assert "Đặng Văn Trước" in post("dossiers:earlier-dossier", {"identity_no": LINE}).content.decode()
    asked = {"identity_no": NUMBER, "old_number": OLD}
    assert "Đặng Văn Trước" in post("dossiers:earlier-dossier", asked).content.decode()
    assert at_the_counter(identity_no=LINE, find="").context["earlier"] == earlier


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [NUMBER, OLD])
@pytest.mark.parametrize("line", [LINE, f"{LINE}\r\n", f"{LINE}|||", f"{NUMBER}|{OLD}|{NAME}|15081985|Nam"], ids=ascii)
def test_the_search_finds_by_a_card(line: str, kept: str, caplog: pytest.LogCaptureFixture) -> None:
    people.a_dossier(identity_no="001199099999", applicant_name=NAME)
    dossier = people.a_dossier(identity_no=kept)
    with caplog.at_level(logging.DEBUG):
        answer = post("dossiers:find", {"q": line})
    assert answer["Location"] == reverse("dossiers:detail", args=[dossier.uuid])
    assert not [line for line in caplog.messages if NAME in line]


@pytest.mark.django_db
def test_a_card_that_finds_nothing_leaves_only_its_number_on_the_page() -> None:
    people.a_dossier(applicant_name=NAME)
    answer = post("dossiers:find", {"q": LINE})
    shown = answer.content.decode()
    assert answer.context["dossiers"] == []
    assert f'value="{NUMBER}"' in shown
    assert ADDRESS not in shown
    assert NAME not in shown


@pytest.mark.django_db
def test_the_fields_that_a_reader_types_into_take_a_whole_line() -> None:
    client = Client()
    client.force_login(people.lan())
    page = client.get(reverse("dossiers:receive", args=[people.a_procedure().code])).content.decode()
    for field in ('name="identity_no"', 'id="find"'):
        tag = next(tag for tag in page.split("<input") if field in tag).split(">")[0]
        assert 'maxlength="1000"' in tag
