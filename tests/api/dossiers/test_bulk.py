"""Thousands of dossiers in one call: each row has its own fate, told in both languages."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import pytest_django
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from onestop.api.dossiers import bulk
from onestop.catalog.models import Agency
from onestop.dossiers import store
from onestop.dossiers.models import DailySequence, Dossier, Move, State, StatsQueue, Transition
from onestop.partners.models import IdempotentReply, Partner, PartnerActor
from onestop.partners.scopes import ApiScope
from tests import people
from tests.api.contract import errors_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def a_partner(name: str = "LGSP tỉnh Hà Giang") -> Partner:
    partner, _made = Partner.objects.get_or_create(name=name, defaults={"scopes": [ApiScope.DOSSIERS_CREATE]})
    partner.agencies.add(people.province())
    return partner


def a_row(number: int | str = 1, **traits: Any) -> dict[str, Any]:
    usual = {
        "external_id": f"L-{number}",
        "procedure": people.a_procedure().code,
        "agency": people.ward().code,
        "channel": "online",
        "applicant_name": f"Đặng Văn {number}",
        "papers": [{"name": "Tờ khai", "quantity": 1}],
    }
    return {**usual, **traits}


def send(
    body: Any, query: str = "", partner: Partner | None = None, key: str = "", language: str = "vi"
) -> tuple[int, list[Any]]:
    """The status, and the lines of the answer: the last is the summary, or the only one an error."""
    client: Any = APIClient()
    client.force_authenticate(PartnerActor(partner or a_partner(), [ApiScope.DOSSIERS_CREATE]))
    headers = {"Accept-Language": language} | ({"Idempotency-Key": key} if key else {})
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.generic(
        "POST", reverse("api:bulk") + query, sent, content_type="application/x-ndjson", headers=headers
    )
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    lines = [json.loads(line) for line in content.splitlines()]
    if answer.headers["Content-Type"] == "application/x-ndjson":
        for line in lines:
            assert list(errors_in(line, {"$ref": "#/components/schemas/BulkLine"})) == []
    return answer.status_code, lines


def statuses(lines: list[Any]) -> list[str]:
    return [line["status"] for line in lines[:-1]]


def test_each_row_is_created_updated_found_unchanged_or_rejected() -> None:
    assert send([a_row(1), a_row(2)])[1][-1] == {
        "summary": {"created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    }
    status, lines = send([a_row(1), a_row(2, phone="0912"), a_row(3), a_row(4, procedure="9")])
    assert status == 200
    assert statuses(lines) == ["unchanged", "updated", "created", "rejected"]
    assert lines[-1]["summary"] == {"created": 1, "updated": 1, "unchanged": 1, "rejected": 1}
    assert [line["row"] for line in lines[:-1]] == [1, 2, 3, 4]
    second = Dossier.objects.get(external_id="L-2")
    assert (second.phone, str(second.uuid), second.code) == ("0912", lines[1]["uuid"], lines[1]["code"])
    assert list(second.transitions.values_list("move", flat=True)) == [Move.REGISTER, Move.ACCEPT, Move.AMEND]
    assert Transition.objects.filter(partner=a_partner()).count() == Transition.objects.count()


def test_corrections_leave_what_corrections_one_by_one_leave() -> None:
    partner = a_partner()
    changes = {"phone": "0912000111", "applicant_name": "Hoàng Mai", "summary": "Xin sửa"}
    send([a_row(number) for number in (1, 2)])
    assert statuses(send([a_row(1, **changes)])[1]) == ["updated"]
    call: Any = APIClient()
    call.force_authenticate(PartnerActor(partner, [ApiScope.DOSSIERS_CREATE]))
    second = Dossier.objects.get(external_id="L-2")
    assert call.patch(reverse("api:dossier", args=[second.uuid]), changes, format="json").status_code == 200
    bulk, single = Dossier.objects.order_by("external_id")
    own = {"id", "uuid", "code", "external_id", "token", "changed_at", "moved_at", "search"}
    names = [field.attname for field in Dossier._meta.concrete_fields if field.name not in own]
    names.remove("due_at")
    assert [getattr(bulk, name) for name in names if not name.endswith("_at")] == [
        getattr(single, name) for name in names if not name.endswith("_at")
    ]
    assert "mai" in bulk.search
    assert bulk.changed_at > bulk.accepted_at  # type: ignore[operator] # accepted
    one, other = (dossier.transitions.latest("pk") for dossier in (bulk, single))
    kept = [field.attname for field in Transition._meta.concrete_fields if field.name not in ("id", "dossier", "at")]
    assert [getattr(one, name) for name in kept] == [getattr(other, name) for name in kept]
    assert one.at == bulk.moved_at
    assert StatsQueue.objects.filter(dossier=bulk).count() == StatsQueue.objects.filter(dossier=single).count() == 2


def test_a_correction_that_is_refused_leaves_the_others() -> None:
    send([a_row(number) for number in (1, 2, 3)])
    lines = send([a_row(1, phone="1"), a_row(2, phone="0912000111"), a_row(3, identity_no="11111111")])[1]
    assert statuses(lines) == ["rejected", "updated", "rejected"]
    assert list(Dossier.objects.order_by("external_id").values_list("phone", flat=True)) == ["", "0912000111", ""]


def test_many_corrections_cost_as_many_queries_as_a_few() -> None:
    asked = []
    for number in (10, 40):
        send([a_row(f"{number}-{n}") for n in range(number)])
        corrections = [a_row(f"{number}-{n}", phone="0912000111") for n in range(number)]
        with CaptureQueriesContext(connection) as queries:
            assert send(corrections)[1][-1]["summary"]["updated"] == number
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_rejected_row_says_why_in_both_languages() -> None:
    rows = [a_row(1, applicant_name="", colour="red"), a_row(2, agency="H23"), a_row(3, papers=[{"name": 5}])]
    lines = send([*rows, 7])[1]
    assert statuses(lines) == ["rejected"] * 4
    first = {error["field"]: error for error in lines[0]["errors"]}
    assert set(first) == {"applicant_name", "colour"}
    assert first["colour"]["vi"] == "Không có trường này."
    assert [error["field"] for error in lines[1]["errors"]] == ["agency"]
    assert [error["field"] for error in lines[2]["errors"]] == ["papers.0.name"]
    assert (lines[2]["row"], lines[2]["external_id"]) == (3, "L-3")
    for error in (error for line in lines[:-1] for error in line["errors"]):
        assert set(error) == {"code", "detail", "attr", "field", "vi", "en"}
        assert (error["attr"], error["detail"]) == (error["field"], error["vi"])
    english = send([a_row(1, colour="red")], language="en")[1][0]["errors"][0]
    assert english["detail"] == english["en"] != english["vi"]
    assert not Dossier.objects.exists()
    assert not DailySequence.objects.filter(last__gt=0).exists()


def test_lines_that_are_no_json_are_rejected_alone() -> None:
    good = json.dumps(a_row(1)).encode()
    lines = send(good + b'\n{"external_id": \n{"a": 1, "a": 2}\n' + json.dumps(a_row(2)).encode())[1]
    assert statuses(lines) == ["created", "rejected", "rejected", "created"]
    assert lines[1]["errors"][0]["code"] == "parse_error"


def test_a_number_that_comes_twice_is_rejected_the_second_time() -> None:
    lines = send([a_row(1), a_row(1, phone="0912"), a_row(2)])[1]
    assert statuses(lines) == ["created", "rejected", "created"]
    (error,) = lines[1]["errors"]
    assert (error["attr"], error["code"]) == ("external_id", "repeated")
    assert error["detail"] == error["vi"] == "Số này đã có ở dòng 1 của lần gửi này."


def test_a_code_that_is_taken_is_rejected_and_the_rest_goes_on() -> None:
    taken = people.a_dossier().code
    lines = send([a_row(1, code=taken), a_row(2), a_row(3, code="H22-260101-9"), a_row(4, code="H22-260101-9")])[1]
    assert statuses(lines) == ["rejected", "created", "created", "rejected"]
    assert [line["errors"][0]["code"] for line in (lines[0], lines[3])] == ["taken", "repeated"]


def test_what_is_for_good_cannot_be_changed() -> None:
    send([a_row(1)])
    lines = send([a_row(1, agency=people.department().code)])[1]
    assert statuses(lines) == ["rejected"]
    assert [error["field"] for error in lines[0]["errors"]] == ["agency"]


def test_a_dossier_may_be_registered_only_and_an_officer_named() -> None:
    send([a_row(1, accept=False, by={"name": "Nguyễn Thị Lan"})])
    dossier = Dossier.objects.get()
    assert dossier.state == State.REGISTERED
    assert dossier.transitions.get().actor_name == "Nguyễn Thị Lan"


def test_all_or_none() -> None:
    status, lines = send([a_row(1), a_row(2, channel="pigeon"), a_row(3)], "?mode=atomic")
    assert status == 422
    assert [line["row"] for line in lines[:-1]] == [2]
    assert not Dossier.objects.exists()
    status, lines = send([a_row(1), a_row(3)], "?mode=atomic")
    assert (status, statuses(lines)) == (200, ["created", "created"])
    assert Dossier.objects.count() == 2


@pytest.mark.parametrize("query", ["?dry_run=true", "?dry_run=true&mode=atomic"])
def test_a_dry_run_tells_what_would_be_and_keeps_nothing(query: str) -> None:
    lines = send([a_row(1), a_row(2)], query)[1]
    assert statuses(lines) == ["created", "created"]
    assert not Dossier.objects.exists()
    assert not DailySequence.objects.exists()
    # Whoever hands in next gets these codes.
    assert [(line["uuid"], line["code"]) for line in lines[:-1]] == [(None, None)] * 2
    (first,) = send([a_row(1)])[1][:-1]
    assert send([a_row(1, phone="0912")], query)[1][0] == {**first, "status": "updated"}
    assert Dossier.objects.get().phone == ""


def test_dossiers_of_several_chunks_get_numbers_without_gaps() -> None:
    rows = [a_row(number, **({"phone": "x" * 31} if number % 7 == 0 else {})) for number in range(1, 1201)]
    lines = send(rows)[1]
    assert lines[-1]["summary"] == {"created": 1029, "updated": 0, "unchanged": 0, "rejected": 171}
    assert DailySequence.objects.get().last == 1029
    assert send(rows)[1][-1]["summary"]["unchanged"] == 1029


def test_many_agencies_and_procedures_cost_no_more_queries_than_one() -> None:
    """A province's system hands in for all its communes at once."""
    wards = [
        people.an_agency(f"H22.2{n:02}", f"Phường {n}", people.province(), Agency.Level.COMMUNE) for n in range(10)
    ]
    procedures = [people.a_procedure(code=f"1.00{n}") for n in range(5)]
    partner, asked = a_partner(), []
    for many in (False, True):
        choice = (wards, procedures) if many else (wards[:1], procedures[:1])
        rows = [
            a_row(
                f"{many}-{n}", agency=choice[0][n % len(choice[0])].code, procedure=choice[1][n % len(choice[1])].code
            )
            for n in range(20)
        ]
        with CaptureQueriesContext(connection) as queries:
            assert send(rows, partner=partner)[1][-1]["summary"]["created"] == 20
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert {sequence.last for sequence in DailySequence.objects.exclude(identifier="H22.200.00")} == {2}


def test_more_than_it_takes_is_refused_before_anything_is_stored(
    monkeypatch: pytest.MonkeyPatch, settings: pytest_django.Settings
) -> None:
    monkeypatch.setattr(bulk, "MOST_ROWS", 2)
    assert send([a_row(1), a_row(2), a_row(3)])[0] == 413
    settings.API_BULK_MAX_BYTES = 100
    assert send([a_row(1), a_row(2)])[0] == 413
    assert not Dossier.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b'[{"a": 1},', b"[1 2]"])
def test_a_body_that_cannot_be_read_to_its_end_stores_nothing(body: bytes) -> None:
    assert send(body)[0] == 400


@pytest.mark.parametrize("query", ["?mode=some", "?dry_run=1", "?dryrun=true"])
def test_an_unknown_wish_is_refused(query: str) -> None:
    assert send([a_row()], query)[0] == 400


def test_a_repeated_call_with_its_key_gets_the_same_answer() -> None:
    first, again = send([a_row(1)], key="k-1"), send([a_row(1)], key="k-1")
    assert first == again
    assert statuses(again[1]) == ["created"]
    assert send([a_row(2)], key="k-1")[0] == 422
    assert Dossier.objects.count() == 1


def test_a_call_that_came_to_nothing_may_be_made_again_with_its_key() -> None:
    assert send([a_row(1, channel="pigeon")], "?mode=atomic", key="k")[0] == 422
    assert not IdempotentReply.objects.exists()


def test_another_partners_numbers_are_its_own() -> None:
    send([a_row(1)])
    other = a_partner("Bộ Tư pháp")
    assert statuses(send([a_row(1)], partner=other)[1]) == ["created"]


def test_a_code_that_is_handed_in_is_passed_over_by_the_other_rows_of_its_chunk() -> None:
    (first,) = send([a_row(1)])[1][:-1]
    following = first["code"][:-4] + "0002"
    _status, lines = send([a_row(2), a_row(3, code=following), a_row(4)])
    assert statuses(lines) == ["created"] * 3
    assert [line["code"][-4:] for line in lines[:-1]] == ["0003", "0002", "0004"]


@pytest.mark.parametrize(("query", "status"), [("", 200), ("?mode=atomic", 422)])
def test_a_row_that_the_database_does_not_take_is_answered_too(
    query: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disturbed(*_given: Any) -> None:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(store, "insert", disturbed)
    answered, lines = send([a_row(1)], query)
    assert answered == status
    assert statuses(lines) == ["rejected"]
    assert [(error["field"], error["code"]) for error in lines[0]["errors"]] == [(None, "busy")]
    assert lines[-1]["summary"]["rejected"] == 1


@pytest.mark.django_db(transaction=True)
def test_two_bulks_with_the_same_rows_at_the_same_time_make_each_dossier_once() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the tests' SQLite lives in memory and lets no two threads write: the PostgreSQL half shows this")
    partner = a_partner()
    rows = [a_row(number) for number in range(40)]
    start = Barrier(2)

    def sent() -> list[Any]:
        try:
            start.wait(timeout=30)
            return send(rows, partner=partner)[1]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        one, other = (future.result() for future in [threads.submit(sent), threads.submit(sent)])
    assert sorted(map(str, [one[-1]["summary"]["created"], other[-1]["summary"]["created"]])) == ["0", "40"]
    assert [line["code"] for line in one[:-1]] == [line["code"] for line in other[:-1]]
    assert Dossier.objects.count() == 40
