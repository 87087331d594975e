"""What became of each event of a webhook: listed, tried once more by its partner, and started again after a repair."""

from __future__ import annotations

import json
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import pytest
import pytest_django
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from onestop.dossiers import lifecycle
from onestop.dossiers.models import State
from onestop.partners.scopes import ApiScope
from packets.delivery.sender import deliver
from packets.evidence.verify import Examination
from packets.models import Attempt, DeliveryState, Packet, PacketState, Portal
from packets.models.reasons import Reason
from packets.operations import give_up, pause
from packets.queue.outbox import claim
from packets.queue.retries import GIVE_UP_AFTER, RESTS_AFTER
from packets.schemas.check import PING, check
from tests import people
from tests.api.caller import Caller, caller, faults, of, read
from tests.packets.portals import collected, hasten, in_time
from tests.packets.webhooks import SECRET, a_webhook, is_signed, told

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def loopback_is_allowed(settings: pytest_django.Settings) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]


@pytest.fixture
def lgsp() -> Caller:
    return caller()


@pytest.fixture
def webhook(httpserver: HTTPServer) -> Portal:
    answering(httpserver, 204)
    return a_webhook(httpserver.url_for("/su-kien"), since=timezone.now() - timedelta(days=1))


def answering(httpserver: HTTPServer, *statuses: int) -> None:
    """Each of `statuses` in turn, the last for good; what came before is forgotten."""
    left = list(statuses)

    def answer(_request: Request) -> Response:
        return Response("bí mật nội bộ", left.pop(0) if len(left) > 1 else left[0])

    httpserver.clear()
    httpserver.expect_request("/su-kien", method="POST").respond_with_handler(answer)


def sent() -> None:
    """One round of a worker."""
    for portal in Portal.objects.working():
        collected(portal)
        deliver(portal)


def listed(lgsp: Caller, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(lgsp.get(f"webhooks/wh-1/deliveries{query}"))["results"]
    return rows


def one(lgsp: Caller, key: object) -> dict[str, Any]:
    row: dict[str, Any] = read(lgsp.get(f"webhooks/wh-1/deliveries/{key}"))
    return row


def again(lgsp: Caller, key: object) -> dict[str, Any]:
    row: dict[str, Any] = read(lgsp.post(f"webhooks/wh-1/deliveries/{key}/redeliver"))
    return row


# ---- the list


def test_each_event_is_listed_with_how_it_went_and_nothing_that_it_says(
    lgsp: Caller, webhook: Portal, httpserver: HTTPServer
) -> None:
    dossier = people.a_dossier(applicant_name="Nguyễn Văn Kín", phone="0912000111")
    sent()
    answer = lgsp.get("webhooks/wh-1/deliveries")
    accept, register = read(answer)["results"]
    moves = list(dossier.transitions.order_by("pk").values_list("pk", flat=True))
    assert [register["sequence"], accept["sequence"]] == moves
    assert [row["id"] for row in (register, accept)] == [event["id"] for event in told(httpserver)]
    assert (accept["event"], accept["dossier"], accept["state"]) == ("dossier.moved", str(dossier.uuid), "accepted")
    assert (accept["tries"], accept["reason"], accept["due_at"]) == (1, "", None)
    assert accept["settled_at"].endswith("+07:00")
    assert (accept["last_try"]["http_status"], accept["last_try"]["reason"]) == (204, "")
    for word in ("Nguyễn Văn Kín", "0912000111", "bí mật", str(dossier.code)):
        assert word not in answer.content.decode()


def test_one_has_all_its_attempts_the_latest_first(lgsp: Caller, webhook: Portal, httpserver: HTTPServer) -> None:
    people.a_registered_dossier()
    answering(httpserver, 503, 404, 204)
    for _time in range(3):
        sent()
        hasten(webhook)
    (row,) = listed(lgsp)
    answer = lgsp.get(f"webhooks/wh-1/deliveries/{row['id']}")
    detail = read(answer)
    tried = [(attempt["http_status"], attempt["reason"]) for attempt in detail["attempts"]]
    assert tried == [(204, ""), (404, Reason.DECLINED), (503, Reason.SERVER_ERROR)]
    assert [attempt["at"] for attempt in detail["attempts"]] == sorted(
        (attempt["at"] for attempt in detail["attempts"]), reverse=True
    )
    assert all(attempt["milliseconds"] >= 0 for attempt in detail["attempts"])
    assert detail["attempts"][0] == detail["last_try"] == row["last_try"]
    assert {**detail, "attempts": None} == {**row, "attempts": None}
    assert "bí mật" not in answer.content.decode()


def test_the_list_is_narrowed(lgsp: Caller, webhook: Portal, httpserver: HTTPServer) -> None:
    first, second = people.a_registered_dossier(), people.a_dossier()
    answering(httpserver, 410, 204)
    read(lgsp.post("webhooks/wh-1/ping"), 201)
    sent()
    sent()
    by_state = {state: len(listed(lgsp, f"?state={state}")) for state in PacketState.values}
    assert by_state == {"ready": 0, "sending": 0, "accepted": 3, "stopped": 1, "superseded": 0, "given_up": 0}
    assert len(listed(lgsp, "?state=accepted&state=stopped")) == 4
    assert [row["event"] for row in listed(lgsp, "?event=ping")] == ["ping"]
    assert {row["dossier"] for row in listed(lgsp, "?event=dossier.moved")} == {str(first.uuid), str(second.uuid)}
    assert len(listed(lgsp, f"?dossier={second.uuid}")) == 2
    assert listed(lgsp, f"?dossier={uuid4()}") == []
    for query, wrong in (("event=x", "event"), ("state=x", "state"), ("dossier=x", "dossier"), ("kind=x", "kind")):
        assert list(faults(lgsp.get(f"webhooks/wh-1/deliveries?{query}"))) == [wrong]


def test_pages_follow_each_other_without_loss(lgsp: Caller, webhook: Portal) -> None:
    for _number in range(3):
        people.a_dossier()
    sent()
    page = read(lgsp.get("webhooks/wh-1/deliveries?limit=4&count=true"))
    assert page["count"] == 6
    rest = read(lgsp.get(page["next"]))
    ids = [row["id"] for row in page["results"] + rest["results"]]
    assert ids == [str(key) for key in Packet.objects.order_by("-pk").values_list("key", flat=True)]
    assert rest["next"] is None


def test_a_page_takes_the_same_queries_however_long_it_is(lgsp: Caller, webhook: Portal) -> None:
    people.a_dossier()
    sent()
    listed(lgsp)
    with CaptureQueriesContext(connection) as few:
        listed(lgsp)
    for _number in range(4):
        people.a_dossier()
    sent()
    with CaptureQueriesContext(connection) as many:
        assert len(listed(lgsp)) == 10
    assert len(many) == len(few) <= 6


def test_deliveries_of_another_partner_and_packets_of_a_portal_are_not_there(lgsp: Caller, webhook: Portal) -> None:
    other = a_webhook(partner=people.a_partner(name="Một hệ thống khác"), code="wh-2")
    people.a_dossier()
    collected(other)
    foreign = Packet.objects.filter(portal=other).earliest("pk")
    sent()
    assert str(foreign.key) not in {row["id"] for row in listed(lgsp)}
    for code in ("wh-1", "wh-2"):
        assert lgsp.get(f"webhooks/{code}/deliveries/{foreign.key}").status_code == 404
        assert lgsp.post(f"webhooks/{code}/deliveries/{foreign.key}/redeliver").status_code == 404
    assert Packet.objects.get(pk=foreign.pk).state == PacketState.READY


def test_reading_does_not_open_writing(lgsp: Caller, webhook: Portal) -> None:
    people.a_registered_dossier()
    sent()
    key = Packet.objects.get().key
    reader, writer = caller(ApiScope.WEBHOOKS_READ), caller(ApiScope.WEBHOOKS_WRITE)
    read(reader.get(f"webhooks/wh-1/deliveries/{key}"))
    assert reader.post(f"webhooks/wh-1/deliveries/{key}/redeliver").status_code == 403
    assert writer.get("webhooks/wh-1/deliveries").status_code == 403
    read(writer.post(f"webhooks/wh-1/deliveries/{key}/redeliver"))


# ---- a ping


def test_a_ping_is_signed_and_delivered_like_any_event(lgsp: Caller, webhook: Portal, httpserver: HTTPServer) -> None:
    answer = lgsp.post("webhooks/wh-1/ping")
    row = read(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/webhooks/wh-1/deliveries/{row['id']}"
    assert (row["event"], row["state"], row["dossier"], row["attempts"]) == ("ping", "ready", None, [])
    sent()
    ((request, _answer),) = httpserver.log
    assert is_signed(request, SECRET)
    (event,) = told(httpserver)
    assert check(PING, event) == []
    assert (event["id"], event["webhook"]) == (row["id"], "wh-1")
    after = one(lgsp, row["id"])
    assert (after["state"], after["last_try"]["http_status"]) == ("accepted", 204)
    assert list(Examination(webhook).flaws()) == []


def test_a_loop_of_pings_makes_no_second_one_while_one_waits(
    lgsp: Caller, webhook: Portal, httpserver: HTTPServer
) -> None:
    answering(httpserver, 500)
    first = read(lgsp.post("webhooks/wh-1/ping"), 201)
    sent()
    again = read(lgsp.post("webhooks/wh-1/ping"))
    assert again["id"] == first["id"]
    assert Packet.objects.get().due_at <= timezone.now()  # type: ignore[operator] # it waits
    answering(httpserver, 410)
    sent()
    assert one(lgsp, first["id"])["reason"] == Reason.GONE
    answering(httpserver, 204)
    assert read(lgsp.post("webhooks/wh-1/ping"))["state"] == "ready"
    sent()
    assert one(lgsp, first["id"])["state"] == "accepted"
    assert read(lgsp.post("webhooks/wh-1/ping"), 201)["id"] != first["id"]


def test_a_ping_of_a_webhook_that_rests_lets_it_try_at_once(
    lgsp: Caller, webhook: Portal, httpserver: HTTPServer
) -> None:
    answering(httpserver, 500)
    people.a_registered_dossier()
    for _time in range(RESTS_AFTER):
        sent()
        Packet.objects.update(due_at=timezone.now())
    assert claim(webhook, 10).packets == []
    answering(httpserver, 204)
    ping = read(lgsp.post("webhooks/wh-1/ping"), 201)
    sent()
    assert [event["event"] for event in told(httpserver)] == ["dossier.moved", "ping"]
    assert one(lgsp, ping["id"])["state"] == "accepted"


def test_a_ping_waits_while_the_webhook_is_paused(lgsp: Caller, webhook: Portal, httpserver: HTTPServer) -> None:
    read(lgsp.patch("webhooks/wh-1", {"is_active": False}))
    ping = read(lgsp.post("webhooks/wh-1/ping"), 201)
    sent()
    assert httpserver.log == []
    read(lgsp.post("webhooks/wh-1/resume"))
    sent()
    assert one(lgsp, ping["id"])["state"] == "accepted"


def test_nothing_is_sent_to_an_address_that_is_forbidden_by_now(
    lgsp: Caller, webhook: Portal, httpserver: HTTPServer, settings: pytest_django.Settings
) -> None:
    people.a_registered_dossier()
    sent()
    delivered = Packet.objects.get()
    settings.WEBHOOK_NETWORKS = []
    httpserver.clear_log()
    ping = read(lgsp.post("webhooks/wh-1/ping"), 201)
    again(lgsp, delivered.key)
    read(lgsp.post("webhooks/wh-1/resume"))
    sent()
    assert httpserver.log == []
    assert {one(lgsp, key)["reason"] for key in (ping["id"], delivered.key)} == {Reason.FORBIDDEN_ADDRESS}


def test_a_repeated_call_with_its_key_makes_one_ping(lgsp: Caller, webhook: Portal) -> None:
    first = lgsp.post("webhooks/wh-1/ping", Idempotency_Key="k1")
    sent()
    second = lgsp.post("webhooks/wh-1/ping", Idempotency_Key="k1")
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["Location"] == first.headers["Location"]
    assert Packet.objects.count() == 1


# ---- one more time


def test_an_accepted_event_comes_again_with_the_same_id_and_body(
    lgsp: Caller, webhook: Portal, httpserver: HTTPServer
) -> None:
    dossier = people.a_registered_dossier()
    sent()
    lifecycle.accept(dossier, people.lan())
    key = Packet.objects.get().key
    row = again(lgsp, key)
    assert (row["state"], row["tries"], len(row["attempts"])) == ("ready", 1, 1)
    sent()
    first, repeat, accept = httpserver.log
    assert repeat[0].data == first[0].data, "although the dossier has moved on"
    assert repeat[0].headers["webhook-id"] == first[0].headers["webhook-id"] == str(key)
    assert is_signed(repeat[0], SECRET)
    assert json.loads(accept[0].data)["move"] == "accept"
    after = one(lgsp, key)
    assert (after["state"], after["tries"], len(after["attempts"])) == ("accepted", 2, 2)
    assert list(Examination(webhook).flaws()) == []


def test_a_redelivered_event_goes_before_the_later_ones_of_its_dossier(
    lgsp: Caller, webhook: Portal, httpserver: HTTPServer
) -> None:
    dossier = people.a_registered_dossier()
    sent()
    lifecycle.accept(dossier, people.lan())
    collected(webhook)
    again(lgsp, Packet.objects.earliest("pk").key)
    answering(httpserver, 500, 204)
    sent()
    assert [event["move"] for event in told(httpserver)] == ["register"]
    hasten(webhook)
    sent()
    assert [event["move"] for event in told(httpserver)] == ["register", "register", "accept"]


def test_a_stopped_event_goes_again_as_it_was(lgsp: Caller, webhook: Portal, httpserver: HTTPServer) -> None:
    dossier = people.a_registered_dossier()
    answering(httpserver, 410, 204)
    sent()
    lifecycle.accept(dossier, people.lan())
    (row,) = listed(lgsp, "?state=stopped")
    assert (row["reason"], row["due_at"], row["settled_at"]) == (Reason.GONE, None, None)
    assert (again(lgsp, row["id"])["state"], Packet.objects.earliest("pk").reason) == ("ready", "")
    sent()
    first, second, third = told(httpserver)
    assert first == second
    assert third["move"] == "accept"


def test_an_event_that_was_given_up_after_days_has_days_again(
    lgsp: Caller, webhook: Portal, httpserver: HTTPServer
) -> None:
    people.a_registered_dossier()
    answering(httpserver, 500)
    begun = timezone.now()
    with in_time(begun):
        sent()
    with in_time(begun + GIVE_UP_AFTER + (GIVE_UP_AFTER / 100)):
        hasten(webhook)
        sent()
        key = Packet.objects.get().key
        assert Packet.objects.get().reason == Reason.GAVE_UP
        caller_then = caller()
        again(caller_then, key)
        sent()
        assert one(caller_then, key)["state"] == "ready"
        assert one(caller_then, key)["reason"] == Reason.SERVER_ERROR


def test_one_that_waits_for_a_time_goes_at_once_and_one_that_waits_for_another_goes_on_waiting(
    lgsp: Caller, webhook: Portal, httpserver: HTTPServer
) -> None:
    people.a_dossier()
    answering(httpserver, 500)
    sent()
    Packet.objects.filter(due_at__isnull=False).update(due_at=timezone.now() + GIVE_UP_AFTER)
    first, second = Packet.objects.order_by("position")
    assert again(lgsp, second.key)["due_at"] is None
    answering(httpserver, 204)
    sent()
    assert httpserver.log == []
    assert again(lgsp, first.key)["due_at"] is not None
    sent()
    assert [event["move"] for event in told(httpserver)] == ["register", "accept"]


def test_one_on_its_way_is_left_alone(lgsp: Caller, webhook: Portal) -> None:
    people.a_dossier()
    sent()
    lifecycle.start(people.a_dossier(), people.binh())
    first = Packet.objects.earliest("pk")
    Packet.objects.filter(pk=first.pk).update(
        state=PacketState.SENDING, settled_at=None, lease=uuid4(), due_at=timezone.now()
    )
    follower = Packet.objects.filter(stream=first.stream, state=PacketState.ACCEPTED).get()
    for packet in (first, follower):
        path = f"webhooks/wh-1/deliveries/{packet.key}/redeliver"
        assert faults(lgsp.post(path), 409) == {"": "being_sent"}
    assert Packet.objects.get(pk=follower.pk).state == PacketState.ACCEPTED


def test_one_that_an_operator_has_cancelled_is_not_sent(lgsp: Caller, webhook: Portal, httpserver: HTTPServer) -> None:
    people.a_registered_dossier()
    answering(httpserver, 410)
    sent()
    give_up(Packet.objects.get(), people.tu(), "Đối tác không cần nữa")
    path = f"webhooks/wh-1/deliveries/{Packet.objects.get().key}/redeliver"
    assert faults(lgsp.post(path), 409) == {"": "cancelled"}
    read(lgsp.post("webhooks/wh-1/resume"))
    assert Packet.objects.get().state == PacketState.GIVEN_UP


def test_one_that_could_not_be_built_is_built_when_it_is_sent_again(
    lgsp: Caller, webhook: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("packets.dialects.webhook.messages.EVENTS", {})
        people.a_registered_dossier()
        collected(webhook)
    (row,) = listed(lgsp, "?state=stopped")
    assert row["reason"] == Reason.BUILD_FAILED
    read(lgsp.post("webhooks/wh-1/resume"))
    assert [one["id"] for one in listed(lgsp, "?state=stopped")] == [row["id"]], "an error of ours stays to be seen"
    again(lgsp, row["id"])
    sent()
    assert one(lgsp, row["id"])["state"] == "accepted"


# ---- started again


def test_after_a_repair_everything_goes_in_the_order_of_each_dossier(
    lgsp: Caller, webhook: Portal, httpserver: HTTPServer
) -> None:
    dossiers = [people.a_dossier_in(State.RETURNED) for _number in range(3)]
    answering(httpserver, 410, 410, 500)
    sent()
    states = [row["state"] for row in listed(lgsp)]
    assert (states.count("stopped"), states.count("ready")) == (2, len(states) - 2)
    pause(webhook, by="vận hành")
    answering(httpserver, 204)
    row = read(lgsp.post("webhooks/wh-1/resume"))
    assert (row["is_active"], row["waiting"], row["stopped"]) == (True, len(states), 0)
    assert (row["failures"], row["resting_until"]) == (0, None)
    sent()
    came = told(httpserver)
    for dossier in dossiers:
        moves = list(dossier.transitions.order_by("pk").values_list("pk", flat=True))
        assert [event["sequence"] for event in came if event["dossier"]["uuid"] == str(dossier.uuid)] == moves
    assert len(came) == len(states)
    assert not Packet.objects.unsettled().exists()


def test_a_webhook_that_rests_is_started_again(lgsp: Caller, webhook: Portal, httpserver: HTTPServer) -> None:
    people.a_registered_dossier()
    answering(httpserver, 500)
    for _time in range(RESTS_AFTER):
        sent()
        Packet.objects.update(due_at=timezone.now())
    assert read(lgsp.get("webhooks/wh-1"))["resting_until"]
    answering(httpserver, 204)
    sent()
    assert httpserver.log == []
    read(lgsp.post("webhooks/wh-1/resume"))
    sent()
    assert len(httpserver.log) == 1


def test_to_start_again_what_runs_changes_nothing(lgsp: Caller, webhook: Portal, httpserver: HTTPServer) -> None:
    people.a_dossier()
    sent()
    before = list(Packet.objects.values())
    for _time in range(2):
        assert read(lgsp.post("webhooks/wh-1/resume"))["waiting"] == 0
    sent()
    assert list(Packet.objects.values()) == before
    assert len(httpserver.log) == Attempt.objects.count() == 2
    assert DeliveryState.objects.get().failures == 0


def test_another_partner_s_webhook_is_not_started(webhook: Portal) -> None:
    pause(webhook, by="vận hành")
    other = of(people.a_partner(name="Một hệ thống khác"))
    for path in ("resume", "ping", "secret"):
        assert other.post(f"webhooks/wh-1/{path}").status_code == 404
    assert not Portal.objects.get().is_active


@pytest.mark.parametrize("call", ["resume", "ping", "deliveries/{key}/redeliver"])
def test_a_body_that_says_something_is_refused_and_nothing_is_done(lgsp: Caller, webhook: Portal, call: str) -> None:
    people.a_registered_dossier()
    sent()
    pause(webhook, by="vận hành")
    before = list(Packet.objects.values())
    path = f"webhooks/wh-1/{call.format(key=Packet.objects.get().key)}"
    assert faults(lgsp.post(path, {"since": "2026-10-01"})) == {"since": "unknown"}
    assert list(Packet.objects.values()) == before
    assert not Portal.objects.get().is_active
