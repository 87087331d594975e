import json
import logging
import math
import re
import socket
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from onestop.dossiers import lifecycle
from onestop.dossiers.models import State
from packets.delivery import sender as delivery
from packets.delivery.pool import Job, SendResult, attempt_once
from packets.delivery.sender import deliver
from packets.delivery.settle import settle
from packets.dialects.base import Outgoing
from packets.dialects.qd1705.client import PortalClient
from packets.dialects.qd1705.messages import Kind
from packets.models import Attempt, DeliveryState, Packet, Portal
from packets.models.reasons import Reason
from packets.operations import resend
from packets.queue.outbox import LEASE, claim, is_backing_off
from packets.queue.payload import with_bodies
from packets.queue.retries import GIVE_UP_AFTER, RESTS_AFTER, RETRY_WAITS, wait_before_next
from tests import people
from tests.packets.portals import a_portal, collected, hasten, in_time
from tests.practice_portal import PATHS, Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TOKEN = {"access_token": "t0", "token_type": "Bearer", "expires_in": 3600, "scope": "default"}
DOCUMENT, TRACE = PATHS["document"], PATHS["trace"]


@pytest.fixture
def portal(httpserver: HTTPServer) -> Portal:
    """Signs everybody in; what its four calls answer, each test says."""
    httpserver.expect_request("/token").respond_with_json(TOKEN)
    return a_portal(httpserver.url_for("").rstrip("/"))


def sent(portal: Portal) -> delivery.Delivered:
    """One round of delivering, as a worker that has just read the portal's row would do it."""
    return deliver(Portal.objects.get(pk=portal.pk))


def carried(packet: Packet, until: float = math.inf) -> SendResult:
    """A claimed packet brought to the portal, and nothing written down of it."""
    ((_packet, body),) = with_bodies([packet])
    with closing(PortalClient()) as client:
        (result,) = attempt_once(client, Job(Portal.objects.get(), [Outgoing(packet, body)], "t0", until))
    return result


def claimed(portal: Portal) -> list[Packet]:
    return claim(portal, 10).packets


def the_document() -> Packet:
    return Packet.objects.filter(kind=Kind.DOCUMENT).exclude(state="superseded").get()


def well(httpserver: HTTPServer) -> None:
    httpserver.clear()
    httpserver.expect_request("/token").respond_with_json(TOKEN)
    for path in (DOCUMENT, TRACE):
        httpserver.expect_request(path).respond_with_json({"Status": 0, "Message": "OK"})


# ---- what goes over the wire


def test_what_arrives_is_the_frozen_text_with_the_file_s_content_in_its_place(
    portal: Portal, httpserver: HTTPServer
) -> None:
    well(httpserver)
    content = people.PDF + bytes(range(256)) * 2000
    people.a_dossier(files=[people.a_file(content=content), people.a_file("ảnh.pdf")])
    collected(portal)
    sent(portal)
    arrived = [request for request, _reply in httpserver.log if request.path == DOCUMENT]
    assert len(arrived) == 1
    assert arrived[0].headers["Idempotency-Key"] == str(the_document().key)
    assert arrived[0].headers["Authorization"] == "Bearer t0"
    assert arrived[0].headers["Content-Type"] == "application/json; charset=utf-8"
    packet = json.loads(arrived[0].data)
    assert people.base64_of(content) == packet["Attachments"][0]["Base64"]
    assert [part["IsVerified"] for part in packet["Attachments"]] == [True, True]


def test_words_that_look_like_a_file_s_mark_stay_words(portal: Portal, httpserver: HTTPServer) -> None:
    well(httpserver)
    people.a_dossier(applicant_name="file:00000000-0000-0000-0000-000000000000:1", files=[people.a_file()])
    collected(portal)
    sent(portal)
    packet = json.loads(next(request.data for request, _reply in httpserver.log if request.path == DOCUMENT))
    assert packet["CitizenName"] == "file:00000000-0000-0000-0000-000000000000:1"
    assert packet["Attachments"][0]["Base64"] == people.base64_of(people.PDF)


def test_a_token_is_fetched_once_for_many_packets(portal: Portal, httpserver: HTTPServer) -> None:
    well(httpserver)
    people.a_dossier_in(State.RETURNED)
    collected(portal)
    assert sent(portal).accepted == 4
    assert len([1 for request, _reply in httpserver.log if request.path == "/token"]) == 1


def test_a_token_that_is_refused_is_renewed_once(portal: Portal, httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request(DOCUMENT).respond_with_data(status=401)
    httpserver.expect_oneshot_request(DOCUMENT).respond_with_json({"Status": 0})
    httpserver.expect_request(TRACE).respond_with_json({"Status": 0})
    people.a_dossier()
    collected(portal)
    assert sent(portal).accepted == 2
    assert len([1 for request, _reply in httpserver.log if request.path == "/token"]) == 2


@pytest.mark.parametrize(
    "reply",
    [
        Response(status=204),
        Response(b"  ", status=200),
        Response(b'{"Message": "xong"}', status=200),
        Response(b'{"Status": 200, "Message": "xong"}', status=201),
    ],
    ids=["no content", "blank", "no status", "status 200"],
)
def test_these_answers_mean_that_it_was_taken(portal: Portal, httpserver: HTTPServer, reply: Response) -> None:
    httpserver.expect_request(DOCUMENT).respond_with_response(reply)
    httpserver.expect_request(TRACE).respond_with_json({"Status": 0})
    people.a_dossier()
    collected(portal)
    sent(portal)
    assert the_document().state == "accepted"


# ---- what may go wrong


def answers(status: int, body: str = "", **headers: str) -> Callable[[HTTPServer], None]:
    def prepare(httpserver: HTTPServer) -> None:
        httpserver.expect_request(DOCUMENT).respond_with_data(body, status=status, headers=headers)

    return prepare


@pytest.mark.parametrize(
    ("prepare", "reason", "state"),
    [
        (answers(500, "lỗi"), Reason.SERVER_ERROR, "ready"),
        (answers(503), Reason.SERVER_ERROR, "ready"),
        (answers(429), Reason.BUSY, "ready"),
        (answers(408), Reason.TIMEOUT, "ready"),
        (answers(401), Reason.LOGIN, "ready"),
        (answers(302, "", Location="https://example.com/"), Reason.UNREADABLE_REPLY, "ready"),
        (answers(200, "<html>proxy</html>"), Reason.UNREADABLE_REPLY, "ready"),
        (answers(200, "[1]"), Reason.UNREADABLE_REPLY, "ready"),
        (answers(200, "{}"), Reason.UNREADABLE_REPLY, "ready"),
        (answers(200, '{"Status": 500, "Message": "he thong ban"}'), Reason.SERVER_ERROR, "ready"),
        (answers(200, '{"Status": 2, "Message": "sai ma thu tuc"}'), Reason.REFUSED, "stopped"),
        (answers(400, '{"Status": 400, "Message": "DocCode"}'), Reason.REFUSED, "stopped"),
        (answers(404), Reason.CONFIGURATION, "ready"),
        (answers(409, "Hồ sơ đã tồn tại"), Reason.ALREADY_HELD, "stopped"),
    ],
)
def test_a_failure_has_a_clear_reason_everywhere_and_ends_with_delivery(
    portal: Portal,
    httpserver: HTTPServer,
    caplog: pytest.LogCaptureFixture,
    prepare: Callable[[HTTPServer], None],
    reason: Reason,
    state: str,
) -> None:
    prepare(httpserver)
    people.a_dossier()
    collected(portal)
    with caplog.at_level(logging.WARNING):
        sent(portal)
    document = the_document()
    # A token that is refused is renewed once, at once.
    expected = [Reason.TOKEN, Reason.LOGIN] if reason == Reason.LOGIN else [reason]
    assert (document.state, document.reason, document.tries) == (state, reason, len(expected))
    attempts = document.attempts.order_by("pk")
    assert [attempt.reason for attempt in attempts] == expected
    attempt = attempts[len(expected) - 1]
    assert attempt.outcome == ("stopped" if state == "stopped" else "retry")
    assert f"reason={reason}" in caplog.text
    assert Packet.objects.get(kind=Kind.TRACE).tries == 0

    well(httpserver)
    key = document.key
    if state == "stopped":
        resend(document)
    hasten(portal)
    assert sent(portal).accepted == 2
    document.refresh_from_db()
    assert (document.state, document.reason, document.key) == ("accepted", "", key)


def test_a_portal_where_nobody_listens_is_unreachable(portal: Portal) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        Portal.objects.update(base_url=f"http://127.0.0.1:{reserved.getsockname()[1]}")
        people.a_dossier()
        collected(portal)
        sent(portal)
    assert the_document().reason == Reason.UNREACHABLE


def test_a_host_that_does_not_exist_is_called_that(portal: Portal) -> None:
    Portal.objects.update(token_url="http://no-such-host.invalid/token")
    people.a_dossier()
    collected(portal)
    sent(portal)
    assert the_document().reason == Reason.UNKNOWN_HOST


def test_a_portal_that_does_not_answer_in_time(
    portal: Portal, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        Portal.objects.update(base_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr("packets.dialects.qd1705.client.READ_SECONDS", 0.2)
        people.a_dossier()
        collected(portal)
        sent(portal)
    assert the_document().reason == Reason.TIMEOUT


def test_a_wrong_secret_is_the_portal_s_matter_and_mending_it_is_enough(practice_portal: Sandbox) -> None:
    portal = a_portal(practice_portal.address, client_secret="sai")
    people.a_dossier()
    collected(portal)
    sent(portal)
    assert (the_document().state, the_document().reason) == ("ready", Reason.LOGIN)
    assert "mã bí mật" in DeliveryState.objects.get().last_failure
    Portal.objects.get().save()
    mended = Portal.objects.get()
    mended.client_secret = "demo-secret"
    mended.save()
    hasten(mended)
    assert sent(mended).accepted == 2


@pytest.mark.parametrize("reply", [b"", b"OK", b"{}", b'{"access_token": ""}', b'{"expires_in": 3600}'])
def test_a_token_reply_that_is_none(httpserver: HTTPServer, reply: bytes) -> None:
    httpserver.expect_request("/token").respond_with_data(reply)
    portal = a_portal(httpserver.url_for("").rstrip("/"))
    people.a_dossier()
    collected(portal)
    sent(portal)
    assert the_document().reason == Reason.UNREADABLE_REPLY


def test_an_error_of_our_own_while_sending_is_a_try_like_others_and_logged_without_values(
    portal: Portal, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    number = "052190001234"

    def stumble(*_given: object) -> None:
        raise ValueError(number)

    monkeypatch.setattr(PortalClient, "send", stumble)
    people.a_dossier()
    collected(portal)
    assert sent(portal).retry == 1
    assert (the_document().state, the_document().reason) == ("ready", Reason.INTERNAL)
    assert "stumble" in caplog.text
    assert number not in caplog.text


def test_what_a_portal_echoes_of_a_person_is_not_kept(portal: Portal, httpserver: HTTPServer) -> None:
    answers(400, "Số định danh 052190001234, điện thoại 0905000111 không hợp lệ")(httpserver)
    people.a_dossier(identity_no="052190001234", phone="0905000111")
    collected(portal)
    sent(portal)
    document = the_document()
    for kept in (document.detail, document.attempts.get().reply):
        assert "không hợp lệ" in kept
        assert "052190001234" not in kept
        assert "0905000111" not in kept


def test_a_secret_and_a_token_never_reach_a_log_or_a_row(
    practice_portal: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    portal = a_portal(practice_portal.address)
    people.a_dossier(applicant_name="Lý Thị Én", identity_no="052190001234", phone="0905000111")
    collected(portal)
    with caplog.at_level(logging.DEBUG):
        sent(portal)
    assert the_document().state == "accepted"
    for secret in ("demo-secret", "Bearer", "Lý Thị Én", "052190001234", "0905000111"):
        assert secret not in "".join(
            record.getMessage() for record in caplog.records if record.name != "httpcore2.http11"
        )


# ---- files


def test_a_file_that_is_gone_or_changed_stops_the_packet_before_anything_is_sent(
    portal: Portal, httpserver: HTTPServer
) -> None:
    well(httpserver)
    dossier = people.a_dossier(files=[people.a_file()])
    stored = dossier.attachments.get().file
    collected(portal)
    good = stored.read()
    stored.close()
    with open(stored.path, "wb") as file:
        file.write(good.replace(b"noi dung", b"khac roi"))
    sent(portal)
    assert (the_document().state, the_document().reason) == ("stopped", Reason.FILE_CHANGED)
    stored.storage.delete(stored.name or "")
    resend(the_document())
    sent(portal)
    assert (the_document().state, the_document().reason) == ("stopped", Reason.FILE_MISSING)
    assert not [request for request, _reply in httpserver.log if request.path == DOCUMENT]
    with open(stored.path, "wb") as file:
        file.write(good)
    resend(the_document())
    assert sent(portal).accepted == 2


# ---- order, leases, rests


def test_a_stopped_packet_holds_back_the_later_ones_of_its_dossier_and_no_other_s(
    portal: Portal, httpserver: HTTPServer
) -> None:
    stubborn = people.a_dossier()

    def refuse_one(request: Request) -> Response:
        wrong = json.loads(request.data)["DocCode"] == stubborn.code
        return Response(status=400 if wrong else 200)

    httpserver.expect_request(DOCUMENT).respond_with_handler(refuse_one)
    httpserver.expect_request(TRACE).respond_with_json({"Status": 0})
    other = people.a_dossier()
    collected(portal)
    sent(portal)
    states = dict(Packet.objects.filter(kind=Kind.TRACE).values_list("dossier", "state"))
    assert states == {stubborn.pk: "ready", other.pk: "accepted"}
    stopped = Packet.objects.get(state="stopped")
    assert [packet.dossier for packet in Packet.objects.held_back_by(stopped)] == [stubborn]


def test_every_try_of_a_packet_is_a_row_with_the_same_key(portal: Portal, httpserver: HTTPServer) -> None:
    answers(500)(httpserver)
    people.a_dossier()
    collected(portal)
    for _try in range(3):
        sent(portal)
        hasten(portal)
    keys = {request.headers["Idempotency-Key"] for request, _reply in httpserver.log if request.path == DOCUMENT}
    assert keys == {str(the_document().key)}
    assert Attempt.objects.count() == the_document().tries == 3


def test_a_claimed_packet_is_nobody_else_s_until_its_lease_has_run_out(portal: Portal, httpserver: HTTPServer) -> None:
    well(httpserver)
    people.a_dossier()
    collected(portal)
    (mine,) = claimed(portal)
    assert claimed(portal) == []
    with in_time(timezone.now() + LEASE + timedelta(seconds=1)):
        (theirs,) = claimed(portal)
        assert (theirs.pk, theirs.key) == (mine.pk, mine.key)
        # The first worker was not dead, only slow: what it learned is kept, but the packet is not its own any more.
        settle(portal, [carried(mine)])
        assert the_document().state == "sending"
        settle(portal, [carried(theirs)])
        assert the_document().state == "accepted"
    assert [attempt.number for attempt in the_document().attempts.order_by("pk")] == [None, 1]


def test_who_stood_still_for_longer_than_the_lease_does_not_send_any_more(
    portal: Portal, httpserver: HTTPServer
) -> None:
    """A newer document may have been accepted meanwhile: the older one would undo it."""
    well(httpserver)
    people.a_dossier()
    collected(portal)
    (mine,) = claimed(portal)
    settle(portal, [carried(mine, until=time.monotonic() - 1)])
    assert (the_document().state, the_document().reason) == ("ready", Reason.LEASE_EXPIRED)
    assert not [request for request, _reply in httpserver.log if request.path == DOCUMENT]
    assert DeliveryState.objects.get().failures == 0
    hasten(portal)
    assert sent(portal).accepted == 2


def test_an_answer_that_comes_after_the_lease_ran_out_does_not_settle_what_another_is_sending(portal: Portal) -> None:
    people.a_dossier()
    collected(portal)
    (mine,) = claimed(portal)
    with in_time(timezone.now() + LEASE + timedelta(seconds=1)):
        (theirs,) = claimed(portal)
        answer = Attempt(packet=mine, portal=portal, key=mine.key, at=timezone.now(), milliseconds=1)
        settle(portal, [SendResult(mine, answer)])
    theirs.refresh_from_db()
    assert (theirs.state, theirs.tries) == ("sending", 0)
    assert theirs.attempts.get() == answer


def test_a_portal_that_keeps_failing_is_left_alone_and_then_tried_with_one_packet(
    portal: Portal, httpserver: HTTPServer
) -> None:
    answers(500)(httpserver)
    for _number in range(RESTS_AFTER + 3):
        people.a_dossier()
    collected(portal)
    assert sent(portal).retry == RESTS_AFTER + 3
    assert is_backing_off(DeliveryState.objects.get(), timezone.now())
    assert sent(portal).retry == 0
    with in_time(timezone.now() + timedelta(minutes=2)):
        assert sent(portal).retry == 1
        assert is_backing_off(DeliveryState.objects.get(), timezone.now())
    well(httpserver)
    with in_time(timezone.now() + timedelta(hours=1)):
        assert sent(portal).accepted == 2 * (RESTS_AFTER + 3)
        delivery = DeliveryState.objects.get()
        assert (delivery.failures, delivery.rests, delivery.last_failure) == (0, 0, "")


def test_a_portal_s_own_wish_to_wait_is_granted(portal: Portal, httpserver: HTTPServer) -> None:
    httpserver.expect_request(DOCUMENT).respond_with_data(status=429, headers={"Retry-After": "600"})
    people.a_dossier()
    collected(portal)
    before = timezone.now()
    sent(portal)
    due_at, resting_until = the_document().due_at, DeliveryState.objects.get().resting_until
    assert due_at is not None
    assert resting_until is not None
    assert min(due_at, resting_until) >= before + timedelta(seconds=600)


def test_waits_grow_by_the_table_and_no_packet_is_given_up_within_72_hours(
    portal: Portal, httpserver: HTTPServer
) -> None:
    for tries, longest in enumerate([*RETRY_WAITS, RETRY_WAITS[-1]], start=1):
        drawn = [wait_before_next(tries, None) for _draw in range(200)]
        assert timedelta() <= min(drawn) < longest / 4
        assert longest * 0.75 < max(drawn) <= longest
    assert timedelta(hours=72) <= GIVE_UP_AFTER

    answers(500)(httpserver)
    people.a_dossier()
    collected(portal)
    now = timezone.now()
    for hours in (0, 72, 95):
        with in_time(now + timedelta(hours=hours)):
            hasten(portal)
            sent(portal)
            assert the_document().state == "ready"
    with in_time(now + GIVE_UP_AFTER + timedelta(minutes=1)):
        hasten(portal)
        sent(portal)
        assert (the_document().state, the_document().reason) == ("stopped", Reason.GAVE_UP)


def test_the_manual_has_the_same_table_and_names_every_reason() -> None:
    manual = (Path(__file__).parents[3] / "docs/delivery.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d)(?: and every later one)? \| ([^|]+) \| ([^|,]+)", manual, re.MULTILINE)
    total = timedelta()
    for number, (row, wait) in enumerate(zip(rows, RETRY_WAITS, strict=True), start=1):
        total += wait
        assert [part.strip() for part in row] == [str(number), in_short(wait), in_short(total)]
    assert f"**{GIVE_UP_AFTER // timedelta(hours=1)} hours**" in manual
    assert [reason for reason in Reason if f"`{reason}`" not in manual] == []


def in_short(span: timedelta) -> str:
    minutes, seconds = divmod(span.seconds, 60)
    return " ".join([f"{minutes} min"] * bool(minutes) + [f"{seconds} s"] * bool(seconds))


def test_a_document_that_is_collected_while_the_older_is_on_its_way_comes_after_it(
    portal: Portal, httpserver: HTTPServer
) -> None:
    well(httpserver)
    dossier = people.a_dossier()
    collected(portal)
    (older,) = claimed(portal)
    lifecycle.start(dossier, people.binh())
    collected(portal)
    settle(portal, [carried(older)])
    sent(portal)
    arrived = [
        (request.path, json.loads(request.data)["Status"])
        for request, _r in httpserver.log
        if request.path != "/token"
    ]
    assert arrived == [(DOCUMENT, 1), (TRACE, 1), (DOCUMENT, 1), (TRACE, 1)]
