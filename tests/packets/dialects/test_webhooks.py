"""Partners hear of moves by the engine that reports to portals: in order, signed, again until they are taken."""

from __future__ import annotations

import hmac
import json
import re
from collections import Counter
from datetime import datetime, timedelta
from io import StringIO
from ipaddress import ip_network
from typing import Any

import pytest
import pytest_django
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, State, Transition
from onestop.partners.models import Partner
from packets.deliveries import ping
from packets.delivery.sender import Delivered, deliver
from packets.http.signing import new_secret, signed_headers
from packets.models import Attempt, DeliveryState, Packet, PacketState, Portal
from packets.models.reasons import Reason
from packets.monitoring.health import Health
from packets.operations import resend
from packets.queue.outbox import claim
from packets.queue.retries import GIVE_UP_AFTER
from packets.reconcile.coverage import CoverageStatus, forgotten, status_counts
from packets.schemas.check import EVENT, PING, check
from tests import people
from tests.packets.portals import a_portal, an_attempt, as_accepted, collected, hasten, in_time
from tests.packets.webhooks import EARLIER_SECRET, SECRET, a_webhook, is_signed, told
from tests.test_admin import as_

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def loopback_is_allowed(settings: pytest_django.Settings) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]


@pytest.fixture
def webhook(httpserver: HTTPServer) -> Portal:
    """Takes everything, unless a test says otherwise."""
    httpserver.expect_request("/su-kien", method="POST").respond_with_data("nhận rồi")
    return a_webhook(httpserver.url_for("/su-kien"))


def sent(webhook: Portal) -> Delivered:
    """One round, as a worker that has just read its row would do it."""
    return deliver(Portal.objects.get(pk=webhook.pk))


def answering(httpserver: HTTPServer, *statuses: int, **headers: str) -> None:
    """Each of `statuses` in turn, the last for good."""
    left = list(statuses)

    def answer(request: Request) -> Response:
        return Response("…", left.pop(0) if len(left) > 1 else left[0], headers)

    httpserver.clear()
    httpserver.expect_request("/su-kien").respond_with_handler(answer)


def events() -> list[dict[str, Any]]:
    return [json.loads(packet.body) for packet in Packet.objects.filter(kind=EVENT).order_by("position")]


# ---- what is told


def test_every_move_is_an_event_in_order_and_holds_no_personal_data(webhook: Portal, httpserver: HTTPServer) -> None:
    dossier = people.a_dossier_in(State.RETURNED, applicant_name="Đặng Văn Ước", phone="0912000111", summary="Con út")
    collected(webhook)
    sent(webhook)
    moves = list(dossier.transitions.order_by("pk"))
    came = told(httpserver)
    assert [event["sequence"] for event in came] == [move.pk for move in moves]
    assert [(e["move"], e["from_state"], e["to_state"]) for e in came] == [
        (move.move, move.from_state, move.to_state) for move in moves
    ]
    assert [check(EVENT, event) for event in came] == [[]] * len(moves)
    last = came[-1]
    assert last["event"] == "dossier.moved"
    assert last["dossier"] == {
        "uuid": str(dossier.uuid),
        "code": dossier.code,
        "procedure": "1.001193",
        "agency": "H22.101",
        "unit": "H22.101",
        "state": State.RETURNED,
        "due_at": last["dossier"]["due_at"],
    }
    everything = json.dumps(came, ensure_ascii=False)
    for word in ("Đặng Văn Ước", "0912000111", "Con út", "Nguyễn Thị Lan", dossier.token):
        assert word not in everything


def test_the_partner_s_own_number_is_told_to_that_partner_alone(webhook: Portal) -> None:
    partner, other = people.a_partner(), people.a_partner(name="Một hệ thống khác")
    a_dossier = people.a_new_dossier(partner=partner, external_id="LGSP-1")
    lifecycle.register(a_dossier, None)
    another = a_webhook("http://127.0.0.1:9/x", other, code="wh-2")
    for portal in (webhook, another):
        collected(portal)
    (own,), (foreign,) = (
        [json.loads(packet.body) for packet in Packet.objects.filter(portal=portal)] for portal in (webhook, another)
    )
    assert own["dossier"]["external_id"] == "LGSP-1"
    assert "external_id" not in foreign["dossier"]


def test_a_partner_hears_of_what_its_agencies_received_or_work_on_and_of_nothing_else(webhook: Portal) -> None:
    partner = people.a_partner()
    below = people.a_dossier(agency=people.ward_desk())
    elsewhere = people.a_dossier(agency=people.department(), by=people.root())
    # Handed in while it was bound to that agency.
    lost = people.a_new_dossier(agency=people.department(), partner=partner, external_id="LGSP-2")
    lifecycle.receive(lost, None)
    people.a_dossier(is_test=True)
    collected(webhook)
    assert set(Packet.objects.values_list("dossier", flat=True)) == {below.pk}
    lifecycle.hand_over(elsewhere, people.root(), unit=people.ward())
    collected(webhook)
    assert Packet.objects.filter(dossier=elsewhere).count() == elsewhere.transitions.count() == 3
    assert [e["sequence"] for e in events() if e["dossier"]["uuid"] == str(elsewhere.uuid)] == list(
        elsewhere.transitions.order_by("pk").values_list("pk", flat=True)
    )


def test_nothing_of_before_the_subscription_is_told(webhook: Portal) -> None:
    dossier = people.a_dossier()
    Portal.objects.update(since=timezone.now())
    lifecycle.start(dossier, people.binh())
    collected(webhook)
    assert [event["move"] for event in events()] == ["start"]


def test_collecting_twice_makes_nothing_twice_and_what_was_committed_late_comes_before_the_next(
    webhook: Portal,
) -> None:
    dossier = people.a_dossier()
    collected(webhook)
    collected(webhook)
    assert Packet.objects.count() == 2
    late = Packet.objects.get(transition=dossier.transitions.earliest("pk"))
    late.delete()
    lifecycle.start(dossier, people.binh())
    collected(webhook)
    assert [event["move"] for event in events()] == ["register", "accept", "start"]


# ---- signed


def test_each_try_is_signed_anew_under_one_id(webhook: Portal, httpserver: HTTPServer) -> None:
    people.a_registered_dossier()
    collected(webhook)
    answering(httpserver, 500, 200)
    begun = timezone.now()
    with in_time(begun):
        sent(webhook)
        ((first, _),) = httpserver.log
        assert is_signed(first, SECRET)
        assert not is_signed(first, SECRET, first.data + b" ")
        assert not is_signed(first, new_secret())
    with in_time(begun + GIVE_UP_AFTER / 2):
        assert not is_signed(first, SECRET), "two days old"
        hasten(webhook)
        sent(webhook)
        (_, (second, _)) = httpserver.log
        assert is_signed(second, SECRET)
    assert first.data == second.data
    key = str(Packet.objects.get().key)
    assert [first.headers["webhook-id"], second.headers["webhook-id"]] == [key, key]
    assert json.loads(first.data)["id"] == key
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert "Authorization" not in first.headers


def test_a_receiver_of_before_the_standard_gets_the_signature_that_it_knows(
    webhook: Portal, httpserver: HTTPServer
) -> None:
    Portal.objects.update(client_secret=EARLIER_SECRET)
    people.a_registered_dossier()
    collected(webhook)
    sent(webhook)
    ((request, _),) = httpserver.log
    parts = dict(part.split("=", 1) for part in request.headers["Webhook-Signature"].split(","))
    made = hmac.new(EARLIER_SECRET.encode(), f"{parts['t']}.".encode() + request.data, "sha256").hexdigest()
    assert parts["v1"] == made
    assert request.headers["Webhook-Id"] == str(Packet.objects.get().key)


def test_the_manual_s_own_example_tells_ours_from_others() -> None:
    manual = (settings.BASE_DIR / "docs/webhooks.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", manual, re.DOTALL)
    found: dict[str, Any] = {}
    exec(example, found)  # noqa: S102 our own page
    is_ours, body, now = found["is_ours"], b'{"a": 1}', timezone.now()

    def signed(secrets: list[str], at: datetime = now) -> dict[str, str]:
        return signed_headers(secrets, "id-1", at, body)

    other, ours = new_secret(), signed([SECRET])
    assert is_ours(SECRET, ours, body)
    assert is_ours(SECRET, signed([other, SECRET]), body)
    for secret, headers, content in (
        (other, ours, body),
        (SECRET, ours, body + b" "),
        (SECRET, signed([SECRET], now - timedelta(seconds=302)), body),
        (SECRET, ours | {"webhook-timestamp": str(int(now.timestamp()) - 1)}, body),
        (SECRET, ours | {"webhook-id": "id-2"}, body),
        (SECRET, ours | {"webhook-signature": "v1,"}, body),
        (SECRET, {}, body),
    ):
        assert not is_ours(secret, headers, content)


def test_a_ping_has_a_schema_too() -> None:
    a_ping = {"id": "5b2c7a90-6d0f-4e8b-9a55-0c1d2e3f4a5b", "event": "ping", "at": "2026-10-01T08:00:00+07:00"}
    assert [error.rule for error in check(PING, a_ping)] == ["required"]
    assert check(PING, a_ping | {"webhook": "wh-1"}) == []


def test_the_manual_s_event_is_one() -> None:
    manual = (settings.BASE_DIR / "docs/webhooks.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", manual, re.DOTALL)
    assert check(EVENT, json.loads(example)) == []
    assert {fault.path for fault in check(EVENT, json.loads(example) | {"at": "hôm qua", "to_state": 11})} == {
        "at",
        "to_state",
    }


# ---- again, and in order


def test_what_is_not_taken_holds_back_the_next_of_its_dossier_and_of_no_other(
    webhook: Portal, httpserver: HTTPServer
) -> None:
    first, second = people.a_registered_dossier(), people.a_registered_dossier()
    lifecycle.accept(first, people.lan())
    refused = str(first.uuid)

    def answer(request: Request) -> Response:
        return Response("", 503 if json.loads(request.data)["dossier"]["uuid"] == refused else 204)

    httpserver.clear()
    httpserver.expect_request("/su-kien").respond_with_handler(answer)
    collected(webhook)
    sent(webhook)
    assert Counter((e["dossier"]["uuid"], e["move"]) for e in told(httpserver)) == {
        (refused, "register"): 1,
        (str(second.uuid), "register"): 1,
    }
    answering(httpserver, 200)
    hasten(webhook)
    sent(webhook)
    assert [event["move"] for event in told(httpserver)] == ["register", "accept"]
    assert not Packet.objects.unsettled().exists()


@pytest.mark.parametrize("status", [301, 302, 400, 401, 403, 404, 408, 409, 429, 500, 503])
def test_all_but_2xx_and_410_is_tried_again(webhook: Portal, httpserver: HTTPServer, status: int) -> None:
    people.a_registered_dossier()
    collected(webhook)
    answering(httpserver, status, 200, Location=httpserver.url_for("/noi-khac"))
    assert sent(webhook).retry == 1
    assert len(httpserver.log) == 1
    assert Packet.objects.get().state == PacketState.READY
    hasten(webhook)
    assert sent(webhook).accepted == 1


@pytest.mark.parametrize("body", ["", "không phải JSON", '{"Status": 500}', "x" * 3_000_000])
@pytest.mark.parametrize("status", [200, 202])
def test_any_2xx_is_success_whatever_it_says(webhook: Portal, httpserver: HTTPServer, status: int, body: str) -> None:
    people.a_registered_dossier()
    collected(webhook)
    httpserver.clear()
    httpserver.expect_request("/su-kien").respond_with_data(body, status)
    assert sent(webhook).accepted == 1
    assert len(Attempt.objects.get().reply) <= 300


def test_410_stops_the_packet_until_somebody_resends_it(webhook: Portal, httpserver: HTTPServer) -> None:
    people.a_registered_dossier()
    collected(webhook)
    answering(httpserver, 410, 200)
    assert sent(webhook).stopped == 1
    packet = Packet.objects.get()
    assert (packet.state, packet.reason) == ("stopped", Reason.GONE)
    assert resend(packet)
    assert sent(webhook).accepted == 1
    assert {request.headers["webhook-id"] for request, _answer in httpserver.log} == {str(packet.key)}


def test_an_event_that_changed_before_it_is_resent_is_another_message(webhook: Portal, httpserver: HTTPServer) -> None:
    dossier = people.a_registered_dossier()
    collected(webhook)
    answering(httpserver, 410, 200)
    sent(webhook)
    before = Packet.objects.get()
    lifecycle.accept(dossier, people.lan())
    assert resend(before)
    sent(webhook)
    first, second = told(httpserver)
    assert first["id"] == str(before.key) != second["id"]
    assert Packet.objects.get().key == Attempt.objects.get(outcome="accepted").key
    assert second["dossier"]["code"] == dossier.code


# ---- who gets nothing


def test_nothing_is_collected_for_or_sent_to_a_partner_that_is_switched_off(
    webhook: Portal, httpserver: HTTPServer
) -> None:
    people.a_registered_dossier()
    collected(webhook)
    Partner.objects.update(is_active=False)
    assert Portal.objects.working().count() == 0
    assert claim(webhook, 10).packets == []
    call_command("sync_packets", stdout=StringIO(), stderr=StringIO())
    assert httpserver.log == []
    assert Packet.objects.get().state == PacketState.READY
    assert (
        "bị ngắt"
        in Health.of(Portal.objects.select_related("delivery").get(), Packet.objects.all(), timezone.now()).in_words()
    )
    Partner.objects.update(is_active=True)
    call_command("sync_packets", stdout=StringIO())
    assert len(httpserver.log) == 1


def test_one_that_was_paused_or_given_up_gets_nothing(webhook: Portal) -> None:
    people.a_registered_dossier()
    collected(webhook)
    for change in ({"is_active": False}, {"is_active": True, "ended_at": timezone.now()}):
        Portal.objects.update(**change)
        assert claim(webhook, 10).packets == []
        assert not Portal.objects.working()


def test_a_webhook_has_a_partner_and_no_portal_has_one() -> None:
    for traits in ({"dialect": "webhook"}, {"partner": people.a_partner()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            a_portal(**traits)


# ---- with the rest of the house


def test_portals_hear_what_they_heard_and_nothing_is_forgotten(webhook: Portal, httpserver: HTTPServer) -> None:
    portal = a_portal()
    people.a_dossier()
    for one in (portal, webhook):
        collected(one)
    kinds = Counter(Packet.objects.values_list("portal__code", "kind"))
    assert kinds == {("practice", "document"): 1, ("practice", "trace"): 1, ("wh-1", "event"): 2}
    sent(webhook)
    assert +status_counts(webhook) == Counter({("event", CoverageStatus.ACCEPTED): 2})
    assert not list(forgotten(webhook))
    said = StringIO()
    call_command("reconcile", portal="wh-1", stdout=said)
    assert "sự kiện" in said.getvalue()
    assert "tiến trình" not in said.getvalue()
    call_command("verify_evidence", portal="wh-1", stdout=said)
    assert "2 mắt xích, 0 lỗi" in said.getvalue()


def test_a_move_without_its_event_is_found_and_made_up_for(webhook: Portal) -> None:
    people.a_dossier()
    collected(webhook)
    Packet.objects.earliest("pk").delete()
    assert (CoverageStatus.MISSING, EVENT) in [(one.what, one.kind) for one in forgotten(webhook)]
    call_command("reconcile", portal="wh-1", resend=True, stdout=StringIO())
    assert Packet.objects.count() == 2


def test_it_is_seen_by_those_who_see_an_agency_of_its_partner(webhook: Portal) -> None:
    far = people.a_person("hai", people.tu().role, people.another_province())  # type: ignore[arg-type] # a role by value
    assert webhook in Portal.objects.visible_to(people.tu())
    assert webhook in Portal.objects.visible_to(people.ha())
    assert webhook in Portal.objects.visible_to(people.root())
    assert webhook not in Portal.objects.visible_to(people.minh())
    assert webhook not in Portal.objects.visible_to(far)
    Portal.objects.update(ended_at=timezone.now())
    assert not Portal.objects.visible_to(people.root())


def test_the_operators_screens_and_figures_show_it(webhook: Portal, httpserver: HTTPServer) -> None:
    dossier = people.a_dossier()
    collected(webhook)
    answering(httpserver, 404)
    sent(webhook)
    client = as_(people.tu())
    assert "wh-1" in client.get(reverse("packets:overview")).content.decode()
    assert "sự kiện" in client.get(reverse("packets:list"), {"kind": "event"}).content.decode().lower()
    packet = Packet.objects.earliest("position")
    page = client.get(reverse("packets:detail", args=[packet.pk])).content.decode()
    assert str(Reason.DECLINED.label) in page.lower()
    assert "dossier.moved" in page
    assert client.get(reverse("packets:dossier", args=[dossier.uuid])).status_code == 200
    measured = as_(people.tu()).get(reverse("metrics")).content.decode()
    assert 'onestop_packets{portal="wh-1",state="ready"}' in measured
    assert DeliveryState.objects.get().failures == 1


def test_an_operator_sees_a_webhook_in_the_admin_and_neither_its_secret_nor_changes_its_address(
    webhook: Portal,
) -> None:
    client, page = as_(people.root()), reverse("admin:packets_portal_change", args=[webhook.pk])
    shown = client.get(page).content.decode()
    assert SECRET not in shown
    assert 'name="base_url"' not in shown
    assert 'value="webhook"' not in client.get(reverse("admin:packets_portal_add")).content.decode()
    inline = {"delivery-TOTAL_FORMS": "0", "delivery-INITIAL_FORMS": "0"}
    fields = {"name": "Thông báo", "is_active": "", "rate_seconds": "1", "base_url": "https://ke-xau.example/"}
    answer = client.post(page, fields | inline)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    after = Portal.objects.get()
    assert (after.name, after.is_active, after.base_url) == ("Thông báo", False, webhook.base_url)
    assert after.client_secret == SECRET


def test_a_ping_has_its_place_on_the_screens_and_in_the_commands(webhook: Portal, httpserver: HTTPServer) -> None:
    packet, _is_new = ping(webhook)
    answering(httpserver, 410, 204)
    sent(webhook)
    client = as_(people.root())
    for place in (reverse("packets:list") + "?kind=ping", reverse("packets:detail", args=[packet.pk])):
        assert str(webhook) in client.get(place).content.decode(), place
    for place in ("admin:packets_packet_changelist", "packets:overview", "packets:resend-found"):
        assert client.get(reverse(place)).status_code == 200, place
    assert client.get(reverse("admin:packets_packet_change", args=[packet.pk])).status_code == 200
    # It is about no dossier and no figures of an agency.
    assert as_(people.tu()).get(reverse("packets:detail", args=[packet.pk])).status_code == 404
    before = Packet.objects.get()
    call_command("resend_packets", "--kind", "ping", stdout=StringIO(), verbosity=0)
    assert (Packet.objects.get().key, Packet.objects.get().body) == (before.key, before.body)
    sent(webhook)
    said = StringIO()
    call_command("reconcile", portal="wh-1", stdout=said)
    call_command("verify_evidence", portal="wh-1", stdout=said)
    assert "kiểm tra kết nối" in said.getvalue()
    assert "1 mắt xích, 0 lỗi" in said.getvalue()


def test_a_packet_of_nothing_is_a_ping() -> None:
    portal = a_portal()
    with pytest.raises(IntegrityError), transaction.atomic():
        Packet.objects.create(portal=portal, kind="trace", stream="x", position=0)


def test_operators_see_which_webhooks_are_for_tests(webhook: Portal) -> None:
    client = as_(people.tu())
    assert "Đối tác thử" not in client.get(reverse("packets:overview")).content.decode()
    Partner.objects.update(is_test=True)
    assert "Đối tác thử" in client.get(reverse("packets:overview")).content.decode()


def test_a_move_is_reported_once_whatever_becomes_of_visibility(webhook: Portal) -> None:
    dossier = people.a_dossier()
    collected(webhook)
    as_accepted(Packet.objects.all())
    Dossier.objects.update(unit=people.department(), agency=people.department())
    assert not list(forgotten(webhook))
    Dossier.objects.update(unit=people.ward())
    collected(webhook)
    assert Packet.objects.count() == Transition.objects.filter(dossier=dossier).count()
    assert an_attempt(Packet.objects.earliest("pk"))
