"""`sync_packets --drain`: what is left, why, and until when; and waiting for it."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from packets.models import Packet, PacketState, Portal
from packets.queue import db_clock
from tests import people
from tests.packets.portals import a_portal, collected
from tests.packets.webhooks import a_webhook
from tests.practice_portal import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def drained(*words: str) -> tuple[str, str]:
    """What a drain said, and what it failed with; "" if it did not."""
    out = StringIO()
    try:
        call_command("sync_packets", "--drain", *words, stdout=out, stderr=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def left_by_a_killed_worker(portal: Portal, seconds: float) -> None:
    """The first packet is under way, under a lease that nobody renews."""
    people.a_dossier()
    collected(portal)
    until = db_clock.now() + timedelta(seconds=seconds)
    Packet.objects.filter(kind="document").update(state=PacketState.SENDING, lease=uuid.uuid4(), due_at=until)


def asks_to_come_back(seconds: int, times: int) -> Callable[[Request], Response]:
    """A portal that asks the first few to come back in so many seconds, and then takes everything."""
    answers = iter([Response("", 429, headers={"Retry-After": str(seconds)})] * times)

    def answer(request: Request) -> Response:
        if request.path == "/token":
            return Response('{"access_token": "t", "expires_in": 3600}', content_type="application/json")
        return next(answers, Response(""))

    return answer


@pytest.fixture
def busy(httpserver: HTTPServer) -> Callable[[int, int], Portal]:
    def portal(seconds: int, times: int) -> Portal:
        httpserver.expect_request(re.compile("/.*")).respond_with_handler(asks_to_come_back(seconds, times))
        return a_portal(httpserver.url_for("")[:-1])

    return portal


def test_a_portal_that_rests_is_named_with_the_number_and_the_time(busy: Callable[[int, int], Portal]) -> None:
    portal = busy(600, 99)
    people.a_dossier()
    _said, failed = drained()
    portal.delivery.refresh_from_db()
    assert portal.delivery.resting_until is not None
    until = f"{timezone.localtime(portal.delivery.resting_until):%H:%M:%S %d/%m/%Y}"
    assert "Còn 2 gói chưa được nhận:" in failed
    assert "practice: 1 gói chờ vì cổng được để yên (Cổng đang quá tải) đến " + until in failed
    assert "practice: 1 gói chờ gói trước" in failed


def test_a_lease_that_runs_is_named_with_its_end(practice_portal: Sandbox) -> None:
    left_by_a_killed_worker(a_portal(practice_portal.address), 90)
    ends = timezone.localtime(Packet.objects.get(kind="document").due_at)
    _said, failed = drained()
    assert "practice: 1 gói đang ở một tiến trình khác (còn chạy, hoặc đã bị ngắt), " in failed
    assert f"được giữ đến {ends:%H:%M:%S}" in failed


def test_waiting_for_a_lease_takes_over_what_the_killed_worker_left(practice_portal: Sandbox) -> None:
    left_by_a_killed_worker(a_portal(practice_portal.address), 2)
    said, failed = drained("--wait", "60")
    assert failed == ""
    assert "được giữ đến" in said
    assert "Mọi gói đã được nhận." in said
    assert len(practice_portal.held("trace")) == 1


def test_waiting_for_a_rest_keeps_it_to_its_end(busy: Callable[[int, int], Portal]) -> None:
    busy(2, 1)
    people.a_dossier()
    began = time.monotonic()
    said, failed = drained("--wait", "60")
    assert failed == ""
    assert "để yên" in said
    assert time.monotonic() - began >= 2


def test_waiting_ends_when_its_time_is_over(busy: Callable[[int, int], Portal]) -> None:
    busy(600, 99)
    people.a_dossier()
    began = time.monotonic()
    _said, failed = drained("--wait", "2")
    assert 2 <= time.monotonic() - began < 30
    assert "để yên" in failed


def test_nobody_waits_for_what_takes_a_person() -> None:
    people.a_dossier()
    portal = a_portal(require_attachment=True)
    collected(portal)
    began = time.monotonic()
    _said, failed = drained("--wait", "60")
    assert time.monotonic() - began < 30
    assert "1 gói đã dừng, cần người xử lý: Cổng bắt buộc có tệp đính kèm" in failed


@pytest.mark.parametrize("named", [(), ("--portal", "practice")])
def test_a_paused_portal_that_holds_packets_is_no_success(named: tuple[str, ...]) -> None:
    portal = a_portal()
    people.a_dossier()
    collected(portal)
    Portal.objects.update(is_active=False)
    _said, failed = drained(*named)
    assert "practice: 1 gói chờ vì cổng đang tạm dừng" in failed


def test_what_a_partner_has_paused_for_itself_fails_no_drain() -> None:
    webhook = a_webhook("http://127.0.0.1:9/")
    people.a_dossier()
    collected(webhook)
    Portal.objects.update(is_active=False)
    assert drained()[1] == ""


@pytest.mark.parametrize("words", [("--wait", "5"), ("--drain", "--wait", "-1"), ("--loop", "--wait", "5")])
def test_waiting_goes_with_a_drain_and_a_time(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="--wait"):
        call_command("sync_packets", *words)
