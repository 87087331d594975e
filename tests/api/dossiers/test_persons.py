"""Applicant, submitter and commune by API: handed in, corrected, in bulk; a former code is answered with today's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from onestop.catalog.models import Commune
from onestop.dossiers.models import Dossier
from tests import people
from tests.api.caller import a_request, caller, faults, read
from tests.api.dossiers.test_bulk import a_row, send, statuses

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SON = {
    "submitter_name": "Đặng Văn Con",
    "submitter_capacity": "relative",
    "submitter_identity_no": "052 085 570 548",
    "submitter_phone": "+84 905 123 456",
    "submitter_authorisation": "Số 12, ngày 01/03/2026",
}


@pytest.fixture(autouse=True)
def communes() -> None:
    people.two_wards_and_a_commune()


def told_why(answer: Any) -> str:
    detail: str = read(answer, 400)["errors"][0]["detail"]
    return detail


def test_applicant_and_submitter_are_handed_in_and_only_names_come_back() -> None:
    sent = a_request(birth_date="1950", address="12 Lê Lợi", commune_code="21583", **SON)
    told = read(caller().post("dossiers", sent), 201)
    dossier = Dossier.objects.get()
    assert dossier.full_address == "12 Lê Lợi, Phường Quy Nhơn, Tỉnh Gia Lai"
    assert (dossier.birth_date, dossier.submitter_phone) == ("1950", "0905123456")
    assert dossier.submitter_identity_no == "052085570548"
    assert (told["submitter_name"], told["submitter_capacity"]) == ("Đặng Văn Con", "relative")
    hidden = {"birth_date", "commune_code", "commune", "submitter_phone", "submitter_identity_no"}
    assert hidden & set(told) == set()


def test_the_same_again_is_the_same_dossier() -> None:
    sent = a_request(commune_code="21583", birth_date="07/03/1950", **SON)
    assert caller().post("dossiers", sent).status_code == 201
    assert caller().post("dossiers", sent).status_code == 200
    assert caller().post("dossiers", sent | {"birth_date": "1950-03-07"}).status_code == 200
    other = caller().post("dossiers", sent | {"commune_code": "26740"})
    assert faults(other, 400) == {"external_id": "taken"}
    assert "commune_code" in told_why(other)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"commune_code": "99999"}, {"commune_code": "unknown"}),
        ({"commune_code": "26734"}, {"commune_code": "former"}),
        ({"commune_code": "2673456"}, {"commune_code": "max_length"}),
        ({"birth_date": "2999-01-01"}, {"birth_date": "future"}),
        ({"birth_date": "1950-02-30"}, {"birth_date": "invalid"}),
        ({"birth_date": "1950", "applicant_kind": "business"}, {"birth_date": "invalid"}),
        ({"submitter_phone": "0905123456"}, {"submitter_name": "invalid"}),
        ({"submitter_name": "Con"}, {"submitter_capacity": "invalid"}),
        ({"submitter_name": "Con", "submitter_capacity": "friend"}, {"submitter_capacity": "invalid_choice"}),
        ({**SON, "submitter_phone": "không có"}, {"submitter_phone": "not_a_phone"}),
    ],
)
def test_what_is_wrong_is_refused_by_field(wrong: dict[str, str], fault: dict[str, str]) -> None:
    assert faults(caller().post("dossiers", a_request(**wrong)), 400) == fault
    assert not Dossier.objects.exists()
    dossier = people.a_dossier()
    assert faults(caller().patch(f"dossiers/{dossier.uuid}", wrong), 400) == fault


def test_a_former_code_is_answered_with_those_of_today() -> None:
    why = told_why(caller().post("dossiers", a_request(commune_code="26734")))
    assert "Phường Đa Kao, Quận 1" in why
    assert "26740 Phường Sài Gòn, Thành phố Hồ Chí Minh" in why
    assert "26737 Phường Tân Định, Thành phố Hồ Chí Minh" in why


def test_a_commune_that_ended_is_no_longer_handed_in() -> None:
    Commune.objects.filter(code="26740").update(is_active=False)
    assert faults(caller().post("dossiers", a_request(commune_code="26740")), 400) == {"commune_code": "unknown"}


def test_commune_and_submitter_are_corrected_and_taken_away() -> None:
    dossier = people.a_dossier(commune=people.a_commune("21583", "Phường Quy Nhơn", "52"))
    told = read(caller().patch(f"dossiers/{dossier.uuid}", {"commune_code": "26740", **SON}))
    assert told["submitter_name"] == "Đặng Văn Con"
    assert str(Dossier.objects.get().commune) == "Phường Sài Gòn, Thành phố Hồ Chí Minh"
    away = dict.fromkeys(SON, "") | {"commune_code": ""}
    assert read(caller().patch(f"dossiers/{dossier.uuid}", away))["submitter_name"] == ""
    assert Dossier.objects.get().commune is None


def test_a_thousand_rows_look_their_communes_up_together() -> None:
    def queries_of(*codes: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            send([a_row(f"{codes[0]}-{number}", commune_code=code) for number, code in enumerate(codes)])
        return sum(
            "catalog_commune" in query["sql"] and "SELECT" in query["sql"] for query in queries.captured_queries
        )

    status, lines = send([a_row(1, commune_code="21583", **SON), a_row(2, commune_code="26734"), a_row(3)])
    assert (status, statuses(lines)) == (200, ["created", "rejected", "created"])
    assert lines[1]["errors"][0]["attr"] == "commune_code"
    assert lines[1]["errors"][0]["code"] == "former"
    assert Dossier.objects.filter(submitter_name="Đặng Văn Con", commune__code="21583").count() == 1
    many, few = ("21583", "26740", "26737", "99998", "99999"), ("26740", "99997")
    assert queries_of(*many) == queries_of(*few)
    # Also those that are found unchanged.
    assert queries_of(*many) == queries_of(*few)


# ---- communes


def found(query: str) -> list[str]:
    return [row["code"] for row in read(caller().get(f"communes?{query}"))["results"]]


def test_a_commune_is_told_with_its_province() -> None:
    row = {
        "code": "21583",
        "name": "Phường Quy Nhơn",
        "province": "52",
        "province_name": "Tỉnh Gia Lai",
        "is_active": True,
    }
    assert read(caller().get("communes/21583")) == row
    assert read(caller().get("communes?code=21583"))["results"] == [row]
    assert faults(caller().get("communes/99999"), 404) == {"": "not_found"}


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", ["21583", "26737", "26740"]),
        ("province=79", ["26737", "26740"]),
        ("q=quy+nhon", ["21583"]),
        ("q=P.+Da+Kao,+Q.1", ["26737", "26740"]),
        ("former_code=26734", ["26737", "26740"]),
        ("former_code=26740", ["26740"]),
        ("q=khong+dau", []),
        ("is_active=false", []),
    ],
)
def test_communes_are_found_by_province_and_by_names_and_codes_of_today_and_before(
    query: str, codes: list[str]
) -> None:
    assert found(query) == codes


def test_communes_come_in_pages() -> None:
    page = read(caller().get("communes?limit=2"))
    assert [row["code"] for row in page["results"]] == ["21583", "26737"]
    assert [row["code"] for row in read(caller().get(page["next"]))["results"]] == ["26740"]
