"""A new dialect is one file that registers itself: nothing else in the house changes for it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from onestop.dossiers import lifecycle
from onestop.dossiers.models import State
from packets import dialects
from packets.dialects.base import Dialect
from packets.evidence.verify import Examination
from packets.models import Attempt, DeliveryState, Packet, Portal
from packets.models.kinds import dialect_choices, kind_choices
from packets.models.reasons import Reason
from packets.reconcile.coverage import forgotten
from tests import people
from tests.packets.delivery.test_sender import sent
from tests.packets.portals import a_portal, collected, hasten

from .toy import Toy
from .toy_batch import ToyBatch

pytestmark = pytest.mark.django_db


@contextmanager
def registered(dialect: Dialect) -> Iterator[None]:
    dialects.register(dialect)
    try:
        yield
    finally:
        dialects.unregister(dialect.code)


@pytest.fixture
def toy(httpserver: HTTPServer) -> Iterator[Portal]:
    with registered(Toy()):
        yield a_portal(httpserver.url_for("").rstrip("/"), dialect="toy")


@pytest.fixture
def batches(httpserver: HTTPServer) -> Iterator[Portal]:
    with registered(ToyBatch()):
        yield a_portal(httpserver.url_for("").rstrip("/"), dialect="toy-batch")


# ---- one packet, one message


def test_a_dialect_that_registers_itself_is_collected_sent_accepted_and_proven(
    toy: Portal, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/notes").respond_with_data("thanks")
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    assert collected(toy).ready == 2
    assert sent(toy).accepted == 2
    requests = [request for request, _reply in httpserver.log]
    assert [json.loads(request.data) for request in requests] == [
        {"of": dossier.code, "says": "accept"},
        {"of": dossier.code, "says": "start"},
    ]
    signed = hmac.new(b"demo-secret", requests[0].data, "sha256").hexdigest()
    assert requests[0].headers["Signature"] == signed
    packet = Packet.objects.earliest("pk")
    assert (packet.state, packet.get_kind_display()) == ("accepted", "giấy nhắn")
    assert list(forgotten(toy)) == []
    assert list(Examination(toy).flaws()) == []


def test_what_its_receiver_refuses_stops_with_its_words_and_what_it_does_not_answer_is_tried_again(
    toy: Portal, httpserver: HTTPServer
) -> None:
    httpserver.expect_oneshot_request("/notes").respond_with_data("who is this?", status=200)
    httpserver.expect_oneshot_request("/notes").respond_with_data("no such code", status=422)
    people.a_dossier()
    collected(toy)
    assert sent(toy).retry == 1
    hasten(toy)
    assert sent(toy).stopped == 1
    packet = Packet.objects.get()
    assert (packet.state, packet.reason, packet.detail) == ("stopped", Reason.REFUSED, "no such code")


def test_a_dialect_is_offered_while_it_is_registered(httpserver: HTTPServer) -> None:
    with registered(Toy()):
        assert ("toy", "giấy nhắn") in dialect_choices()
        assert ("note", "giấy nhắn") in kind_choices()
        portal = a_portal(dialect="toy")
        portal.full_clean()
        with pytest.raises(ValueError, match="registered"):
            dialects.register(Toy())
    assert "toy" not in dict(dialect_choices())
    assert "note" not in dict(kind_choices())
    with pytest.raises(ValidationError):
        portal.full_clean()


def test_an_operator_sees_the_switches_of_a_portal_s_own_dialect_only(toy: Portal) -> None:
    client = Client()
    client.force_login(people.root())
    page = client.get(reverse("admin:packets_portal_change", args=[toy.pk])).content.decode()
    assert 'name="success_field"' in page
    assert "Không dùng." in page
    assert 'name="aliases"' not in page
    usual = client.get(reverse("admin:packets_portal_change", args=[a_portal(code="usual").pk])).content.decode()
    assert 'name="aliases"' in usual
    assert "Để trống: Status theo chuẩn." in usual


# ---- ten packets, one message


def answering(said: Callable[[dict[str, Any]], str | None]) -> Callable[[Request], Response]:
    """A receiver that says of each record what `said` does; None: it does not name the record."""

    def reply(request: Request) -> Response:
        answers = {record["key"]: said(record) for record in json.loads(request.data)}
        return Response(json.dumps({key: words for key, words in answers.items() if words is not None}))

    return reply


def messages(httpserver: HTTPServer, path: str) -> list[list[dict[str, Any]]]:
    return [json.loads(request.data) for request, _reply in httpserver.log if request.path == path]


def test_each_record_of_a_message_has_a_fate_of_its_own(batches: Portal, httpserver: HTTPServer) -> None:
    dossiers = [people.a_dossier() for _number in range(12)]
    fates: dict[str | None, str | None] = {dossier.code: "ok" for dossier in dossiers}
    for dossier in dossiers[4:7]:
        fates[dossier.code] = f"no {dossier.code}"
    for dossier in dossiers[7:10]:
        fates[dossier.code] = None
    httpserver.expect_request("/cards").respond_with_handler(answering(lambda one: fates[one["card"]["code"]]))
    httpserver.expect_request("/steps").respond_with_handler(answering(lambda one: "ok"))
    collected(batches)
    delivered = sent(batches)
    assert (delivered.accepted, delivered.stopped, delivered.retry) == (6 + 6, 3, 3)
    assert sorted(map(len, messages(httpserver, "/cards"))) == [2, 10]

    cards = {packet.dossier_id: packet for packet in Packet.objects.filter(kind="card")}
    assert {cards[dossier.pk].state for dossier in (*dossiers[:4], *dossiers[10:])} == {"accepted"}
    for dossier in dossiers[4:7]:
        refused = cards[dossier.pk]
        assert (refused.state, refused.reason, refused.detail) == ("stopped", Reason.REFUSED, f"no {dossier.code}")
    for dossier in dossiers[7:10]:
        unanswered = cards[dossier.pk]
        assert (unanswered.state, unanswered.unanswered_key) == ("ready", unanswered.key)
    # Each has an attempt with the digest of what was sent for it, and those accepted are links of the chain.
    assert Attempt.objects.filter(packet__kind="card").values("digest").distinct().count() == 12
    assert list(Examination(batches).flaws()) == []

    # The unanswered go again with their keys, without the others.
    fates |= {dossier.code: "ok" for dossier in dossiers[7:10]}
    hasten(batches)
    assert sent(batches).accepted == 3 + 3
    again = messages(httpserver, "/cards")[-1]
    assert {record["key"] for record in again} == {str(cards[dossier.pk].key) for dossier in dossiers[7:10]}


def test_one_message_carries_different_streams_and_a_dossier_s_packets_keep_their_order(
    batches: Portal, httpserver: HTTPServer
) -> None:
    came: list[tuple[str, str]] = []

    def take(record: dict[str, Any]) -> str:
        body = record.get("card") or record["step"]
        came.append((body["code"], body.get("move", "card")))
        return "ok"

    httpserver.expect_request("/cards").respond_with_handler(answering(take))
    httpserver.expect_request("/steps").respond_with_handler(answering(take))
    dossiers = [people.a_dossier() for _number in range(3)]
    collected(batches)
    for dossier in dossiers:
        lifecycle.start(dossier, people.binh())
    collected(batches)
    sent(batches)
    for dossier in dossiers:
        assert [what for code, what in came if code == dossier.code] == ["card", "accept", "start"]


def test_a_message_that_fails_as_a_whole_is_one_failure_of_the_receiver(
    batches: Portal, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/cards").respond_with_data("down", status=503)
    for _number in range(10):
        people.a_dossier()
    collected(batches)
    assert sent(batches).retry == 10
    assert DeliveryState.objects.get().failures == 1


def test_a_record_whose_file_is_missing_stops_and_the_others_of_its_message_go(
    batches: Portal, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/cards").respond_with_handler(answering(lambda one: "ok"))
    httpserver.expect_request("/steps").respond_with_handler(answering(lambda one: "ok"))
    whole, broken = (people.a_dossier(files=[people.a_file()]) for _number in range(2))
    stored = broken.attachments.get().file
    stored.storage.delete(stored.name or "")
    collected(batches)
    sent(batches)
    cards = {packet.dossier_id: packet for packet in Packet.objects.filter(kind="card")}
    assert cards[whole.pk].state == "accepted"
    assert (cards[broken.pk].state, cards[broken.pk].reason) == ("stopped", Reason.FILE_MISSING)
    ((record,),) = messages(httpserver, "/cards")
    assert record["card"]["scans"] == [people.base64_of(people.PDF)]
