"""Dossiers by API: handed in once, found exactly, read with an ETag, amended by whoever was first."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Move, State, Transition
from onestop.partners.scopes import ApiScope
from packets.collecting.collect import collect
from packets.models import Packet
from tests import people
from tests.api.caller import Caller, a_request, caller, faults, read
from tests.packets.portals import a_portal

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def received(at: datetime | None = None, **traits: Any) -> Dossier:
    dossier = people.a_new_dossier(**traits)
    lifecycle.receive(dossier, None, at=at)
    return dossier


def codes(answer: Any) -> list[str]:
    return [row["code"] for row in answer["results"]]


# ---- handing in


def test_a_dossier_that_is_handed_in_has_its_code_and_its_due_instant() -> None:
    by = {"name": "Hoàng Yến", "position": "Chuyên viên"}
    answer = caller().post("dossiers", a_request(by=by, papers=[{"name": "Tờ khai"}], summary="Khai sinh"))
    told = read(answer, 201)
    dossier = Dossier.objects.get()
    assert answer.headers["Location"] == f"/api/v1/dossiers/{dossier.uuid}"
    assert (told["code"], told["state"], told["external_id"]) == (dossier.code, State.ACCEPTED, "LGSP-1")
    assert datetime.fromisoformat(told["due_at"]) == dossier.due_at
    assert [paper["name"] for paper in told["papers"]] == ["Tờ khai"]
    register, accept = Transition.objects.all()
    assert (register.partner, register.actor, register.actor_name) == (dossier.partner, None, "Hoàng Yến")
    assert (accept.move, accept.actor_position) == (Move.ACCEPT, "Chuyên viên")


def test_what_identifies_the_applicant_goes_in_and_never_comes_out() -> None:
    private = {"identity_no": "052099001234", "phone": "0912000111", "address": "1 Hùng Vương", "email": "a@b.vn"}
    answer = caller().post("dossiers", a_request(**private))
    assert read(answer, 201)
    assert Dossier.objects.filter(**private).exists()
    dossier = Dossier.objects.get()
    told = answer.content + caller().get(f"dossiers/{dossier.uuid}").content + caller().get("dossiers").content
    for value in (*private.values(), dossier.token):
        assert value.encode() not in told


def test_the_same_dossier_sent_again_is_answered_with_the_first() -> None:
    first = read(caller().post("dossiers", a_request()), 201)
    assert read(caller().post("dossiers", a_request()), 200) == first
    assert Dossier.objects.count() == 1


def test_a_number_that_was_used_for_another_dossier_is_refused_by_field() -> None:
    read(caller().post("dossiers", a_request()), 201)
    assert faults(caller().post("dossiers", a_request(applicant_name="Người khác"))) == {"external_id": "taken"}
    assert Dossier.objects.count() == 1


def test_two_partners_may_use_the_same_number() -> None:
    read(caller().post("dossiers", a_request()), 201)
    read(caller(name="Một hệ thống khác").post("dossiers", a_request()), 201)
    assert Dossier.objects.filter(external_id="LGSP-1").count() == 2


def test_a_code_that_was_given_is_kept_and_given_once() -> None:
    told = read(caller().post("dossiers", a_request(code="H22.101.00-261101-0001")), 201)
    assert told["code"] == "H22.101.00-261101-0001"
    again = caller().post("dossiers", a_request(code="H22.101.00-261101-0001", external_id="LGSP-2"))
    assert faults(again) == {"code": "taken"}
    assert Dossier.objects.count() == 1


def test_a_dossier_may_wait_to_be_accepted() -> None:
    told = read(caller().post("dossiers", a_request(accept=False)), 201)
    assert (told["state"], told["code"], told["moves"][:2]) == (State.REGISTERED, None, ["accept", "refuse"])


def test_every_fault_is_named_by_its_field() -> None:
    body = a_request(
        procedure=5, channel="phone", papers=[{"name": "Tờ khai", "quantity": "1"}, {"naam": "x"}], colour="red"
    )
    del body["applicant_name"]
    assert faults(caller().post("dossiers", body)) == {
        "procedure": "invalid",
        "channel": "invalid_choice",
        "applicant_name": "required",
        "papers.0.quantity": "invalid",
        "papers.1.naam": "unknown",
        "papers.1.name": "required",
        "colour": "unknown",
    }
    assert not Dossier.objects.exists()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"procedure": "9.999999"}, {"procedure": "unknown"}),
        ({"agency": "H99"}, {"agency": "unknown"}),
        ({"received_at": "2026-10-01T08:00:00"}, {"received_at": "no_offset"}),
        ({"received_at": "9999-12-31T23:59:59-14:00"}, {"received_at": "out_of_range"}),
        ({"received_at": 5}, {"received_at": "invalid"}),
        ({"applicant_name": "Đặng\u202eVăn"}, {"applicant_name": "hidden_character"}),
        ({"applicant_name": "   "}, {"applicant_name": "blank"}),
        ({"applicant_name": None}, {"applicant_name": "null"}),
        ({"accept": "true"}, {"accept": "invalid"}),
        ({"fees": [{"name": "Phí", "amount": 2**31}]}, {"fees.0.amount": "max_value"}),
        ({"fees": {"name": "Phí"}}, {"fees": "not_a_list"}),
        ({"email": "không phải thư"}, {"email": "invalid"}),
    ],
)
def test_what_will_not_do_is_refused_and_nothing_is_stored(changes: dict[str, Any], fault: dict[str, str]) -> None:
    assert faults(caller().post("dossiers", a_request(**changes))) == fault
    assert not Dossier.objects.exists()


def test_an_agency_that_the_partner_is_not_bound_to_is_told_like_one_that_is_not_there() -> None:
    people.another_province()
    there = caller().post("dossiers", a_request(agency="H23"))
    nowhere = caller().post("dossiers", a_request(agency="H99"))
    assert read(there, 400) == read(nowhere, 400)


def test_errors_are_vietnamese_and_english_for_who_asks() -> None:
    answer = caller().post("dossiers", a_request(colour="red"))
    assert read(answer, 400)["errors"][0]["detail"] == "Không có trường này."
    assert answer.headers["Content-Language"] == "vi"
    answer = caller().post("dossiers", a_request(colour="red"), Accept_Language="en-GB,en;q=0.9")
    assert read(answer, 400)["errors"][0]["detail"] == "There is no such field."


def test_an_idempotency_key_answers_the_same_call_with_the_same_words() -> None:
    first = caller().post("dossiers", a_request(), Idempotency_Key="k1")
    lifecycle.start(Dossier.objects.get(), None)
    again = caller().post("dossiers", a_request(), Idempotency_Key="k1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Content-Type"] == first.headers["Content-Type"] == "application/json"
    other = caller().post("dossiers", a_request(external_id="LGSP-2"), Idempotency_Key="k1")
    assert faults(other, 422) == {"": "key_reused"}
    assert Dossier.objects.count() == 1


def test_a_call_that_was_refused_leaves_its_key_free() -> None:
    assert faults(caller().post("dossiers", a_request(agency="H99"), Idempotency_Key="k1"))
    read(caller().post("dossiers", a_request(), Idempotency_Key="k1"), 201)


# ---- finding


def test_a_list_holds_what_the_partner_sees_and_nothing_else() -> None:
    own, below = received(), received(agency=people.ward_desk())
    other = received(agency=people.department())
    handed_over = received(agency=people.department())
    lifecycle.hand_over(handed_over, None, unit=people.ward())
    assert codes(read(caller().get("dossiers"))) == [handed_over.code, below.code, own.code]
    for dossier in (own, below, handed_over):
        assert read(caller().get(f"dossiers/{dossier.uuid}"))["code"] == dossier.code
    for stranger in (other.uuid, uuid4()):
        assert read(caller().get(f"dossiers/{stranger}"), 404)["errors"][0]["code"] == "not_found"


def test_a_partner_is_told_its_own_numbers_only() -> None:
    read(caller(name="Một hệ thống khác").post("dossiers", a_request()), 201)
    (row,) = read(caller().get("dossiers"))["results"]
    assert row["external_id"] == ""
    assert read(caller().get("dossiers?external_id=LGSP-1"))["results"] == []


def test_pages_stay_exact_while_dossiers_come_in() -> None:
    dossiers = [received() for _number in range(7)]
    seen, path = [], "dossiers?limit=3&count=true"
    while path:
        page = read(caller().get(path))
        assert (page["count"], page["more"]) == (Dossier.objects.count(), False)
        seen += codes(page)
        path = page["next"]
        received()
    assert seen == [dossier.code for dossier in reversed(dossiers)]


def test_changes_are_told_in_their_order_however_many_share_an_instant() -> None:
    dossiers = [received() for _number in range(7)]
    at = timezone.now()
    Dossier.objects.update(changed_at=at)
    Dossier.objects.filter(pk=dossiers[0].pk).update(changed_at=at + timedelta(seconds=1))
    Dossier.objects.filter(pk=dossiers[1].pk).update(changed_at=at - timedelta(seconds=1))
    seen: list[str] = []
    path = f"dossiers?limit=2&updated_since={at.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}"
    while path:
        page = read(caller().get(path))
        seen += codes(page)
        path = page["next"]
    assert seen == [dossier.code for dossier in (*dossiers[2:], dossiers[0])]


def test_a_list_is_narrowed_by_all_that_the_contract_names() -> None:
    old = received(datetime(2026, 9, 1, 8, tzinfo=VIETNAM))
    started = people.a_dossier_in(State.IN_PROGRESS)
    other = received(agency=people.ward_desk(), procedure=people.a_procedure(code="2.1", name="Khác"))
    narrowed = {
        "state=4": [started],
        "state=2&state=4": [other, started, old],
        f"code={old.code}": [old],
        "procedure=2.1": [other],
        "agency=H22.101.01": [other],
        "agency=H22.101": [other, started, old],
        "agency=H22.001": [],
        "agency=H99": [],
        "procedure=9.9": [],
        "accepted_before=2026-10-01T00:00:00Z": [old],
        "accepted_from=2026-10-01T00:00:00Z": [other, started],
    }
    for query, expected in narrowed.items():
        assert codes(read(caller().get(f"dossiers?{query}"))) == [dossier.code for dossier in expected], query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=²", "limit"),
        ("cursor=xxx", "cursor"),
        ("cursor=WyJ4Il0", "cursor"),
        ("count=yes", "count"),
        ("fields=code,identity_no", "fields"),
        ("state=11", "state"),
        ("code=%00", "code"),
        ("accepted_from=9999-12-31T23:59:59-14:00", "accepted_from"),
        ("colour=red", "colour"),
    ],
)
def test_a_question_that_nobody_understands_is_refused_by_name(query: str, field: str) -> None:
    assert field in faults(caller().get(f"dossiers?{query}"))


def a_cursor(*values: object) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def test_an_offset_that_no_clock_has_is_reckoned_with() -> None:
    """PostgreSQL knows none beyond sixteen hours."""
    early = "2026-10-01T00:00:00+16:36"
    new = read(caller().post("dossiers", a_request(received_at=early)), 201)
    assert new["accepted_at"] == "2026-09-30T14:24:00+07:00"
    since = quote(early)
    for query in (
        f"accepted_from={since}",
        f"updated_since={since}",
        f"updated_since={since}&cursor={a_cursor(early, 0)}",
    ):
        assert codes(read(caller().get(f"dossiers?{query}"))) == [new["code"]], query
    beyond = a_cursor("0001-01-01T00:00:00+16:00", 0)
    assert faults(caller().get(f"dossiers?updated_since={since}&cursor={beyond}")) == {"cursor": "invalid"}


def test_a_list_tells_only_the_fields_that_are_asked_for() -> None:
    dossier = received()
    (row,) = read(caller().get("dossiers?fields=code,state"))["results"]
    assert row == {"code": dossier.code, "state": State.ACCEPTED}
    assert read(caller().get(f"dossiers/{dossier.uuid}?fields=moves"))["moves"]


@pytest.mark.parametrize("number", [3, 60])
@pytest.mark.parametrize("query", ["", "&count=true", "&state=2&procedure=1.001193&agency=H22.101&count=true"])
def test_a_page_takes_the_same_few_queries_however_long_it_is(number: int, query: str) -> None:
    people.a_partner()
    caller().get("dossiers")
    for _number in range(number):
        received()
    asking = caller()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(read(asking.get(f"dossiers?limit=100{query}"))["results"]) == number
    assert len(queries) <= 6, [query["sql"][:90] for query in queries]


# ---- reading and amending


def test_what_has_not_changed_is_not_sent_again() -> None:
    dossier = received()
    for path in (f"dossiers/{dossier.uuid}", "dossiers"):
        tag = caller().get(path).headers["ETag"]
        assert caller().get(path, If_None_Match=tag).status_code == 304
        lifecycle.amend(dossier, None, changes={"summary": path})
        assert caller().get(path, If_None_Match=tag).status_code == 200


def test_whoever_corrects_is_named_or_left_out() -> None:
    dossier = people.a_dossier()
    nameless = {"phone": "0912000333", "by": {"position": "Chuyên viên"}}
    assert faults(caller().patch(f"dossiers/{dossier.uuid}", nameless)) == {"by.name": "required"}
    assert read(caller().patch(f"dossiers/{dossier.uuid}", {}))["uuid"] == str(dossier.uuid)


def test_amending_is_a_move_and_is_reported_anew() -> None:
    dossier = received()
    portal = a_portal()
    collect(portal)
    told = read(caller().patch(f"dossiers/{dossier.uuid}", {"applicant_name": "Đặng Văn Ước Mơ", "phone": "0909"}))
    assert told["applicant_name"] == "Đặng Văn Ước Mơ"
    move = Transition.objects.last()
    assert move is not None
    assert (move.move, move.facts) == (Move.AMEND, {"changed": ["applicant_name", "phone"]})
    collect(portal)
    assert Packet.objects.filter(transition=move).count() == 2


def test_a_change_that_changes_nothing_is_no_move() -> None:
    dossier = received()
    told = read(caller().patch(f"dossiers/{dossier.uuid}", {"applicant_name": dossier.applicant_name}))
    assert told["uuid"] == str(dossier.uuid)
    assert Transition.objects.filter(move=Move.AMEND).count() == 0


@pytest.mark.parametrize("field", ["state", "code", "procedure", "due_at", "agency", "partner"])
def test_what_is_not_for_a_partner_to_change_is_refused_by_name(field: str) -> None:
    dossier = received()
    assert faults(caller().patch(f"dossiers/{dossier.uuid}", {field: "x"})) == {field: "unknown"}


def test_who_has_read_an_older_state_changes_nothing() -> None:
    dossier = received()
    tag = caller().get(f"dossiers/{dossier.uuid}").headers["ETag"]
    lifecycle.start(dossier, None)
    changes: list[Callable[[Caller], HttpResponse]] = [
        lambda call: call.patch(f"dossiers/{dossier.uuid}", {"phone": "0912000333"}, If_Match=tag),
        lambda call: call.post(f"dossiers/{dossier.uuid}/approve", {}, If_Match=tag),
        lambda call: call.upload(f"dossiers/{dossier.uuid}/attachments?name=a.pdf", people.PDF, If_Match=tag),
    ]
    for change in changes:
        assert faults(change(caller()), 412) == {"": "changed"}
    fresh = caller().get(f"dossiers/{dossier.uuid}?fields=code").headers["ETag"]
    answer = caller().patch(f"dossiers/{dossier.uuid}", {"phone": "0912000333"}, If_Match=fresh)
    assert read(answer)
    assert answer.headers["ETag"] == caller().get(f"dossiers/{dossier.uuid}").headers["ETag"] != fresh


# ---- moves


def test_every_move_is_made_by_its_name() -> None:
    supplement = received()
    refused = people.a_registered_dossier()
    path = f"dossiers/{supplement.uuid}"
    call = caller()
    made = [
        ("ask_supplement", {"comment": "Thiếu", "papers": [{"name": "Giấy chứng sinh"}]}, State.AWAITING_SUPPLEMENT),
        ("receive_supplement", {}, State.ACCEPTED),
        ("start", {}, State.IN_PROGRESS),
        ("ask_payment", {"fees": [{"name": "Phí", "amount": 5000}]}, State.AWAITING_PAYMENT),
        ("receive_payment", {"method": "online", "receipt_no": "BL1"}, State.IN_PROGRESS),
        ("extend", {"due_at": "2035-01-01T00:00:00Z", "comment": "Xin lỗi"}, State.IN_PROGRESS),
        ("hand_over", {"unit": "H22.101.01"}, State.IN_PROGRESS),
        ("deny", {"comment": "Không đủ"}, State.COMPLETED),
        ("reopen", {"comment": "Nhầm"}, State.IN_PROGRESS),
        ("approve", {"approver_name": "Phạm Hà"}, State.COMPLETED),
        ("return_result", {"return_method": "post"}, State.RETURNED),
    ]
    people.ward_desk()
    for move, body, state in made:
        assert read(call.post(f"{path}/{move}", body))["state"] == state, move
    for move, state in (("accept", State.ACCEPTED), ("stop", State.STOPPED)):
        assert read(call.post(f"dossiers/{refused.uuid}/{move}", {"comment": "Lý do"}))["state"] == state
    for move, state, dossier in (
        ("refuse", State.REFUSED, people.a_registered_dossier()),
        ("withdraw", State.WITHDRAWN, received()),
    ):
        assert read(call.post(f"dossiers/{dossier.uuid}/{move}", {"comment": "Lý do"}))["state"] == state
    history = read(call.get(f"{path}/history"))["results"]
    assert [step["move"] for step in history] == ["register", "accept", *(move for move, _body, _state in made)]


def test_a_move_that_is_not_possible_now_is_a_conflict_that_says_what_is() -> None:
    dossier = received()
    answer = caller().post(f"dossiers/{dossier.uuid}/return_result")
    assert faults(answer, 409) == {"": "move_refused"}
    assert "Các thao tác hiện có" in read(answer, 409)["errors"][0]["detail"]


def test_reopening_takes_the_scope_of_a_leader() -> None:
    dossier = people.a_dossier_in(State.COMPLETED)
    path = f"dossiers/{dossier.uuid}/reopen"
    assert caller(ApiScope.DOSSIERS_MOVE).post(path, {"comment": "Nhầm"}).status_code == 403
    assert caller(ApiScope.DOSSIERS_MANAGE).post(path, {"comment": "Nhầm"}).status_code == 200


# ---- files


def test_a_file_goes_up_and_comes_down_as_it_was(caller_of_all: Caller) -> None:
    dossier = received()
    answer = caller_of_all.upload(
        f"dossiers/{dossier.uuid}/attachments?name=Gi%E1%BA%A5y%20ch%E1%BB%A9ng%20sinh.pdf", people.PDF
    )
    told = read(answer, 201)
    assert (told["name"], told["size"], told["sha256"]) == (
        "Giấy chứng sinh.pdf",
        len(people.PDF),
        people.sha256_of(people.PDF),
    )
    assert read(caller_of_all.get(f"dossiers/{dossier.uuid}/attachments")) == [told]
    down = caller_of_all.get(answer.headers["Location"].removeprefix("/api/v1/"))
    assert b"".join(down) == people.PDF
    assert "attachment" in down.headers["Content-Disposition"]
    assert down.headers["X-Content-Type-Options"] == "nosniff"


def test_the_same_upload_with_its_key_is_one_file(caller_of_all: Caller) -> None:
    dossier = received()
    path = f"dossiers/{dossier.uuid}/attachments?name=a.pdf"
    first = caller_of_all.upload(path, people.PDF, Idempotency_Key="u1")
    assert caller_of_all.upload(path, people.PDF, Idempotency_Key="u1").content == first.content
    assert faults(caller_of_all.upload(path, people.PDF + b"x", Idempotency_Key="u1"), 422) == {"": "key_reused"}
    assert dossier.attachments.count() == 1


@pytest.fixture
def caller_of_all() -> Caller:
    return caller()
