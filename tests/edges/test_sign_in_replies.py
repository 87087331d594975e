"""What a portal says when it is asked for a token, and what must not end the thread that asked.

A public bug report becomes one line in `LIVES`, `TOKENS` or `NO_TOKENS`.
"""

from __future__ import annotations

import base64
import logging
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import DataError, OperationalError, connection
from django.utils import timezone

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from packets import worker
from packets.collecting.collect import collect
from packets.delivery import sender as delivery
from packets.delivery import unexpected
from packets.delivery.pool import SenderPool
from packets.delivery.settle import settle
from packets.dialects.qd1705.client import PortalClient
from packets.dialects.qd1705.messages import Kind
from packets.dialects.qd1705.oauth import LONGEST, USUAL, lifetime
from packets.models import Attempt, DeliveryState, Packet, Portal
from packets.models.reasons import Reason
from packets.monitoring.health import Health
from tests import people
from tests.packets.delivery.test_sender import sent
from tests.packets.portals import a_portal, collected, hasten

from .receiver import OK, Receiver, Says

SECRET = "bí mật+1 &="

# `expires_in` as it comes, and how long the token is used.
LIVES: list[tuple[Any, timedelta]] = [
    (3600, timedelta(hours=1)),
    (3599.5, timedelta(seconds=3599.5)),
    ("3600", timedelta(hours=1)),
    (" 3600.0 ", timedelta(hours=1)),
    ("3600s", timedelta(hours=1)),
    (5, timedelta(seconds=5)),
    (None, USUAL),
    (0, USUAL),
    ("0", USUAL),
    (-1, USUAL),
    (math.nan, USUAL),
    (-math.inf, USUAL),
    ("never", USUAL),
    ("", USUAL),
    ("Infinity", USUAL),
    (True, USUAL),
    ({}, USUAL),
    ([], USUAL),
    ([3600], timedelta(hours=1)),
    (math.inf, LONGEST),
    (10**400, LONGEST),
    (10**12, LONGEST),
    ("99999999999", LONGEST),
    (86_401, LONGEST),
]


@pytest.mark.parametrize(("expires_in", "lasts"), LIVES)
def test_how_long_a_token_holds(expires_in: Any, lasts: timedelta) -> None:
    assert lifetime(expires_in) == lasts


# Replies that have a token: it is used, and everything is delivered.
TOKENS: list[bytes] = [
    b'{"access_token": "t1", "expires_in": 3600, "token_type": "Bearer"}',
    b'{"access_token": "t1"}',
    b'{"access_token": "t1", "expires_in": 1e400}',
    b'{"access_token": "t1", "expires_in": ' + b"9" * 400 + b"}",
    b'{"access_token": "t1", "expires_in": NaN, "token_type": "mac"}',
    b'{"access_token": "t1", "expires_in": null, "token_type": null}',
    b'{"access_token": "t1", "expires_in": "never", "token_type": 7}',
    b'{"access_token": "t1", "expires_in": -1}',
    b'{"Access_Token": " t1 ", "Expires_In": "3600"}',
    b'{"data": {"access_token": "t1", "expires_in": 0}}',
    b'[{"accessToken": "t1", "expiresIn": 60}]',
    b'"{\\"access_token\\": \\"t1\\", \\"expires_in\\": 5}"',
    b'\xef\xbb\xbf{"access_token": "t1", "expires_in": 3600}',
]
# Those that have none that can be used, and why the packet waits.
NO_TOKENS: list[tuple[int, bytes, Reason]] = [
    (200, b"", Reason.UNREADABLE_REPLY),
    (200, b"null", Reason.UNREADABLE_REPLY),
    (200, b"[" * 50_000, Reason.UNREADABLE_REPLY),
    (200, b'{"expires_in": 3600}', Reason.UNREADABLE_REPLY),
    (200, b'{"access_token": ""}', Reason.UNREADABLE_REPLY),
    (200, b'{"access_token": 12}', Reason.UNREADABLE_REPLY),
    (200, b'{"access_token": "a\\r\\nX-Evil: 1"}', Reason.UNREADABLE_REPLY),
    (200, '{"access_token": "mã"}'.encode(), Reason.UNREADABLE_REPLY),
    (200, b'{"error": "invalid_client", "error_description": "SECRET"}', Reason.LOGIN),
    (400, b'{"error": "invalid_client"}', Reason.LOGIN),
    (401, b"", Reason.LOGIN),
    (403, b'{"error": "access_denied"}', Reason.LOGIN),
    (403, b"<html>", Reason.CONFIGURATION),
    (404, b"", Reason.CONFIGURATION),
    (405, b"", Reason.CONFIGURATION),
    (410, b"", Reason.CONFIGURATION),
    (429, b"", Reason.BUSY),
    (503, b"", Reason.SERVER_ERROR),
    (302, b"", Reason.UNREADABLE_REPLY),
]


@pytest.fixture(autouse=True)
def no_wait_is_drawn_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what waits may be tried again within the round that put it off."""
    monkeypatch.setattr("packets.delivery.settle.wait_before_next", lambda _tries, _asked: timedelta(minutes=1))


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def portal(db: None, receiver: Receiver) -> Iterator[Portal]:
    with receiver.listening() as address:
        portal = a_portal(address, most_in_flight=2, client_id="mã:1", client_secret=SECRET)
        people.a_dossier()
        collected(portal)
        yield portal


def under_way() -> int:
    return Packet.objects.filter(state="sending").count()


@pytest.mark.parametrize("body", TOKENS)
def test_a_token_is_used_whatever_is_said_of_it(receiver: Receiver, portal: Portal, body: bytes) -> None:
    receiver.token = Says(body=body)
    assert sent(portal).accepted == 2
    assert {came.headers["authorization"] for came in receiver.came if came.path != "/token"} == {"Bearer t1"}
    until = DeliveryState.objects.get().token_until
    assert until is not None
    assert timezone.now() < until < timezone.now() + LONGEST


@pytest.mark.parametrize(("status", "body", "reason"), NO_TOKENS)
def test_without_a_token_packets_wait_with_a_reason(
    receiver: Receiver, portal: Portal, status: int, body: bytes, reason: Reason
) -> None:
    receiver.token = Says(status, body)
    assert sent(portal).retry == 1
    packet = Packet.objects.get(kind=Kind.DOCUMENT)
    assert (packet.state, packet.reason, packet.attempts.get().digest) == ("ready", reason, "")
    assert "SECRET" not in packet.detail
    assert DeliveryState.objects.get().last_failure
    receiver.token = Receiver().token
    hasten(portal)
    assert sent(portal).accepted == 2


def test_the_secret_goes_in_the_form_or_as_basic(receiver: Receiver, portal: Portal) -> None:
    """RFC 6749 §2.3.1: both parts are form-encoded before they are joined."""
    sent(portal)
    (asked,) = receiver.sent("/token")
    assert parse_qs(asked.form.decode())["client_secret"] == [SECRET]
    assert "authorization" not in asked.headers

    Portal.objects.update(token_auth="basic")
    DeliveryState.objects.update(token="")
    lifecycle.start(Dossier.objects.get(), people.binh())
    collected(portal)
    assert sent(portal).accepted == 2
    _first, asked = receiver.sent("/token")
    scheme, _blank, pair = asked.headers["authorization"].partition(" ")
    expected = "m%C3%A3%3A1:b%C3%AD+m%E1%BA%ADt%2B1+%26%3D"
    assert (scheme, base64.b64decode(pair).decode()) == ("Basic", expected)
    assert parse_qs(asked.form.decode()) == {"grant_type": ["client_credentials"]}


# ---- no error of our own ends a thread without a reason


BREAKS: list[tuple[str, str]] = [
    ("the token", "packets.delivery.sender.valid_token"),
    ("the bodies", "packets.delivery.sender.with_bodies"),
    ("the repeats", "packets.delivery.sender.proven_by_already_exists"),
]


# What an error may have stumbled over. It must not come into a log.
NUMBER = "052190001234"


def breaking(*_given: object, **_more: object) -> Any:
    raise OverflowError(NUMBER)


@pytest.mark.parametrize(("what", "where"), BREAKS, ids=[what for what, _where in BREAKS])
def test_what_cannot_be_sent_for_an_error_of_our_own_waits_with_that_reason(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, what: str, where: str
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(where, breaking)
        assert sent(portal).retry == 1
    packet = Packet.objects.get(kind=Kind.DOCUMENT)
    assert (packet.state, packet.reason, packet.detail) == ("ready", Reason.INTERNAL, "OverflowError")
    assert str(Reason.INTERNAL.label) in DeliveryState.objects.get().last_failure
    health = Health.of(Portal.objects.select_related("delivery").get(), Packet.objects.all(), timezone.now())
    assert health.light == "amber"
    assert "breaking" in caplog.text
    assert NUMBER not in caplog.text
    hasten(portal)
    assert sent(portal).accepted == 2


def test_a_thread_of_the_crew_that_gets_no_client_lands_what_it_was_given(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        # The sender gets its own, its threads get none.
        clients = [PortalClient()]
        broken.setattr("packets.dialects.qd1705.PortalClient", lambda _tls: clients.pop() if clients else breaking())
        assert sent(portal).retry == 1
    assert (under_way(), Packet.objects.get(kind=Kind.DOCUMENT).reason) == (0, Reason.INTERNAL)
    hasten(portal)
    assert sent(portal).accepted == 2


def test_an_answer_that_cannot_be_written_down_keeps_no_other_from_it(
    receiver: Receiver, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The packet is sent again with its key, so the portal knows it."""
    people.a_dossier()
    collected(portal)
    stubborn = Packet.objects.filter(kind=Kind.DOCUMENT).order_by("pk")[0].pk

    def settling(to: Portal, landings: list[Any]) -> None:
        if any(landing.packet.pk == stubborn and landing.failure is None for landing in landings):
            raise DataError(NUMBER)
        settle(to, landings)

    with monkeypatch.context() as broken:
        broken.setattr(delivery, "settle", settling)
        sent(portal)
    states = dict(Packet.objects.filter(kind=Kind.DOCUMENT).values_list("pk", "state"))
    assert sorted(states.values()) == ["accepted", "ready"]
    packet = Packet.objects.get(pk=stubborn)
    assert (packet.reason, packet.unanswered_key) == (Reason.INTERNAL, packet.key)
    hasten(portal)
    receiver.will_say(replace(OK, body=b'{"Status": 7, "Message": "da ton tai"}'))
    sent(portal)
    assert Packet.objects.filter(state="accepted").count() == 4


def test_a_sender_that_an_error_ends_leaves_a_reason_and_another_try(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Here it cannot even be equipped."""
    monkeypatch.setattr(worker, "AFTER_ERROR_SECONDS", 0.0)
    stop = Event()
    rounds: list[object] = []

    class Once(worker.Sender):
        def __post_init__(self) -> None:
            self._idle_since = float("inf")
            self._run()

        def _send_until_idle(self) -> None:
            rounds.append(None)
            if len(rounds) == 2:
                stop.set()
            super()._send_until_idle()

    monkeypatch.setattr(SenderPool, "__post_init__", breaking)
    monkeypatch.setattr(connection, "close", lambda: None)
    Once(portal, stop)
    assert len(rounds) == 2
    packet = Packet.objects.get(kind=Kind.DOCUMENT)
    assert (packet.state, packet.reason) == ("ready", Reason.INTERNAL)
    assert NUMBER not in caplog.text


@pytest.mark.django_db
def test_an_error_with_one_portal_s_records_holds_up_neither_the_others_nor_the_worker(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = a_portal(code="one"), a_portal(code="two")
    people.a_dossier()

    def collecting(portal: Portal, **more: Any) -> Any:
        return breaking() if portal == first else collect(portal, **more)

    monkeypatch.setattr(worker, "collect", collecting)
    monkeypatch.setattr(worker, "catch_up", breaking)
    with caplog.at_level(logging.ERROR):
        worker.Worker(Event(), lambda: [first, second], delivers=False)._round()
    assert Packet.objects.filter(portal=second).count() == 2
    assert "OverflowError" in DeliveryState.objects.get(portal=first).last_failure
    assert DeliveryState.objects.get(portal=second).last_failure == ""
    assert NUMBER not in caplog.text


@pytest.mark.django_db
def test_a_database_that_is_away_is_no_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    portal = a_portal()

    def away(*_given: object, **_more: object) -> Any:
        raise OperationalError

    monkeypatch.setattr(worker, "collect", away)
    with pytest.raises(OperationalError):
        worker.Worker(Event(), lambda: [portal], delivers=False)._round()
    assert DeliveryState.objects.get().last_failure == ""


@pytest.mark.django_db
def test_even_the_last_resort_raises_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    portal = a_portal()
    monkeypatch.setattr(unexpected, "claim", breaking)
    unexpected.put_off(portal, ValueError(NUMBER))
    assert "OverflowError" in DeliveryState.objects.get().last_failure
    assert NUMBER not in caplog.text
    assert not Attempt.objects.exists()
