"""Reading by API: closed to strangers, each sees their own dossiers, and no list takes more queries than another."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from onestop.catalog.models import Agency, Field
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, State
from onestop.staff.models import User
from onestop.statistics.periods import VIETNAM
from tests import people

pytestmark = pytest.mark.django_db

RESOURCES = ["agencies", "fields", "procedures", "dossiers"]


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def listed(resource: str, person: User | None = None, **filters: Any) -> list[dict[str, Any]]:
    answer = as_(person or people.lan()).get(f"/api/v1/{resource}/?{urlencode(filters, doseq=True)}")
    assert answer.status_code == 200, answer.content.decode()
    body = answer.json()
    assert body["count"] == len(body["results"])
    return list(body["results"])


def codes(rows: list[dict[str, Any]]) -> set[str]:
    return {row["code"] for row in rows}


def refused(path: str, person: User | None = None) -> Mapping[str, Any]:
    answer = as_(person or people.lan()).get(path)
    assert answer.status_code == 400
    return dict(answer.json())


def received(at: datetime | None = None, **traits: Any) -> Dossier:
    dossier = people.a_new_dossier(**traits)
    lifecycle.receive(dossier, None, at=at)
    return dossier


# ---- who may read


@pytest.mark.parametrize("resource", RESOURCES)
def test_strangers_read_nothing(resource: str) -> None:
    assert Client().get(f"/api/v1/{resource}/").status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("resource", RESOURCES)
def test_nothing_is_written_by_api(resource: str, method: str) -> None:
    client = as_(people.root())
    assert getattr(client, method)(f"/api/v1/{resource}/").status_code == 405
    key = str(received().uuid) if resource == "dossiers" else "H22"
    assert getattr(client, method)(f"/api/v1/{resource}/{key}/").status_code == 405


def test_a_dossier_outside_ones_agency_is_neither_listed_nor_found() -> None:
    own = received(agency=people.ward_desk())
    other = received(agency=people.department())
    client = as_(people.lan())
    assert codes(listed("dossiers")) == {own.code}
    assert client.get(f"/api/v1/dossiers/{own.uuid}/").status_code == 200
    assert client.get(f"/api/v1/dossiers/{other.uuid}/").status_code == 404
    assert client.get(f"/api/v1/dossiers/{uuid.uuid4()}/").status_code == 404
    assert client.get("/api/v1/dossiers/1/").status_code == 404
    assert codes(listed("dossiers", people.tu())) == {own.code, other.code}


def test_a_dossier_handed_over_is_seen_at_both_ends() -> None:
    dossier = received()
    lifecycle.hand_over(dossier, None, unit=people.department())
    assert codes(listed("dossiers", people.lan())) == codes(listed("dossiers", people.minh())) == {dossier.code}


def test_a_filter_opens_no_other_agencys_dossiers() -> None:
    people.ward()
    received(agency=people.another_province())
    assert listed("dossiers", agency="H23") == []


# ---- what is read


def test_a_dossier_tells_where_it_stands_and_nothing_that_identifies_or_opens_it() -> None:
    accepted = datetime(2026, 10, 1, 8, tzinfo=VIETNAM)
    dossier = received(accepted, identity_no="052099001234", phone="0909", address="1 Hùng Vương", email="a@b.vn")
    answer = as_(people.lan()).get(f"/api/v1/dossiers/{dossier.uuid}/")
    assert answer.json() == {
        "uuid": str(dossier.uuid),
        "code": dossier.code,
        "procedure": "1.001193",
        "agency": "H22.101",
        "unit": "H22.101",
        "state": State.ACCEPTED,
        "channel": "direct",
        "from_portal": False,
        "is_test": False,
        "applicant_kind": "citizen",
        "applicant_name": "Đặng Văn Ước",
        "summary": "",
        "registered_at": "2026-10-01T08:00:00+07:00",
        "accepted_at": "2026-10-01T08:00:00+07:00",
        "due_at": "2026-10-05T08:00:00+07:00",
        "decided_at": None,
        "approved": None,
        "returned_at": None,
        "finished_at": None,
        "moved_at": "2026-10-01T08:00:00+07:00",
    }


def test_a_procedure_comes_with_its_papers_and_fees() -> None:
    people.a_procedure_with_papers_and_fees()
    (procedure,) = listed("procedures", code="2.000488")
    assert procedure == as_(people.lan()).get("/api/v1/procedures/2.000488/").json()
    assert (procedure["field"], procedure["promulgator"]) == ("hotich", None)
    assert (procedure["limit"], procedure["limit_unit"]) == ("2.00", "working_days")
    assert [paper["name"] for paper in procedure["papers"]] == ["Tờ khai theo mẫu", "Bản sao giấy tờ tùy thân"]
    assert [fee["amount"] for fee in procedure["fees"]] == [200_000, 100_000, None]


def test_agencies_and_fields_are_read_by_their_codes() -> None:
    people.a_field("G15-TP07", "Hộ tịch")
    client = as_(people.lan())
    assert client.get("/api/v1/fields/G15-TP07/").json() == {"code": "G15-TP07", "name": "Hộ tịch"}
    agency = {"code": "H22.101", "name": people.ward().name, "parent": "H22", "level": "commune", "is_active": True}
    assert client.get("/api/v1/agencies/H22.101/").json() == agency
    assert client.get("/api/v1/agencies/H99/").status_code == 404
    assert client.get("/api/v1/agencies/%00/").status_code == 404


# ---- what a list is narrowed to


def test_dossiers_are_narrowed_by_state_code_and_procedure() -> None:
    accepted, started = received(), people.a_dossier_in(State.IN_PROGRESS)
    other = received(procedure=people.a_procedure(code="2.1", name="Khác"))
    assert codes(listed("dossiers", state=4)) == {started.code}
    assert codes(listed("dossiers", state=[2, 4])) == {accepted.code, started.code, other.code}
    assert codes(listed("dossiers", code=accepted.code)) == {accepted.code}
    assert codes(listed("dossiers", procedure="2.1")) == {other.code}
    assert listed("dossiers", procedure="2.1", state=4) == []


def test_dossiers_are_narrowed_to_an_agency_with_all_below_it() -> None:
    ward, desk = received(), received(agency=people.ward_desk())
    received(agency=people.department())
    assert codes(listed("dossiers", people.tu(), agency="H22.101")) == {ward.code, desk.code}
    assert codes(listed("dossiers", people.tu(), agency="H22.101.01")) == {desk.code}


def test_dossiers_are_narrowed_to_a_stretch_of_acceptance_with_its_start_and_without_its_end() -> None:
    days = [received(datetime(2026, 10, day, tzinfo=VIETNAM)) for day in (1, 2, 3)]
    people.a_registered_dossier()
    first, end = "2026-10-01T00:00:00+07:00", "2026-10-02T17:00:00Z"
    assert codes(listed("dossiers", accepted_from=first, accepted_before=end)) == {days[0].code, days[1].code}
    assert codes(listed("dossiers", accepted_from="2026-10-03T00:00:00")) == {days[2].code}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "11"),
        ("state", "x"),
        ("procedure", "không có"),
        ("agency", "H99"),
        ("code", "\x00"),
        ("accepted_from", "hôm qua"),
        ("accepted_from", "0001-01-01T00:00:00+14:00"),
        ("accepted_before", "9999-12-31T23:59:59-14:00"),
        ("accepted_from", "0001-01-01T00:00:00"),
    ],
)
def test_what_no_filter_understands_is_refused_by_name(name: str, value: str) -> None:
    assert set(refused(f"/api/v1/dossiers/?{urlencode({name: value})}")) == {name}


def test_catalogues_are_narrowed_by_what_they_belong_to() -> None:
    people.ward_desk()
    people.a_procedure()
    people.a_procedure(code="2.1", name="Khác", is_active=False)
    assert codes(listed("agencies", parent="H22")) == {"H22.101"}
    assert codes(listed("agencies", level="commune")) == {"H22.101", "H22.101.01"}
    assert codes(listed("procedures", field="hotich", is_active="true")) == {"1.001193"}
    assert codes(listed("fields", code="hotich")) == {"hotich"}
    assert set(refused("/api/v1/procedures/?field=x")) == {"field"}


# ---- pages


def test_a_page_has_at_most_200_rows_whatever_is_asked_for() -> None:
    Field.objects.bulk_create(Field(code=f"F{number:03}", name="Tên chung") for number in reversed(range(201)))
    client = as_(people.lan())
    first = client.get("/api/v1/fields/?limit=100000000000000000000").json()
    rest = client.get(first["next"]).json()
    assert (len(first["results"]), len(rest["results"]), first["count"]) == (200, 1, 201)
    assert [row["code"] for row in (*first["results"], *rest["results"])] == [f"F{number:03}" for number in range(201)]
    assert client.get(f"/api/v1/fields/?offset={10**20}").json()["results"] == []


def a_dossier_of_its_own(number: int) -> None:
    """Shares agency, unit and procedure with no other, so that each would take its own queries if any did."""
    ward = people.an_agency(f"H22.{500 + number}", f"Phường {number}", people.province(), Agency.Level.COMMUNE)
    field = people.a_field(f"F{number}", f"Lĩnh vực {number}")
    procedure = people.a_procedure(code=f"3.{number}", field=field, promulgator=people.province())
    procedure.papers.create(ordinal=1, name="Tờ khai")
    procedure.fees.create(ordinal=1, name="Lệ phí")
    procedure.results.create(ordinal=1, name="Giấy")
    lifecycle.receive(people.a_new_dossier(agency=ward, procedure=procedure), None)


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_long_list_takes_as_many_queries_as_a_short_one(resource: str) -> None:
    client = as_(people.tu())

    def queries() -> tuple[int, int]:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            rows = client.get(f"/api/v1/{resource}/").json()["results"]
        return len(rows), len(captured)

    a_dossier_of_its_own(1)
    few, queries_for_few = queries()
    for number in range(2, 8):
        a_dossier_of_its_own(number)
    many, queries_for_many = queries()
    assert many == few + 6
    assert queries_for_many == queries_for_few <= 8
