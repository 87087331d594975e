"""A portal that answers byte by byte holds a sender no longer than a whole answer may take."""

import time

import pytest

from packets.models import Attempt, Packet
from packets.models.reasons import Reason
from tests import people
from tests.packets.delivery.test_sender import sent
from tests.packets.portals import a_portal, collected
from tests.practice_portal import Sandbox

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("drip", [{"seconds": 0.2}, {"seconds": 0.2, "length": 100_000}], ids=["head", "body"])
def test_an_answer_that_drips_is_given_up_in_time(
    practice_portal: Sandbox, monkeypatch: pytest.MonkeyPatch, drip: dict[str, float]
) -> None:
    monkeypatch.setattr("packets.dialects.qd1705.client.ANSWER_SECONDS", 1)
    practice_portal.misbehave([{"do": "drip", "times": 1, **drip}])
    people.a_dossier()
    collected(a_portal(practice_portal.address))
    begun = time.monotonic()
    sent(Packet.objects.all()[0].portal)
    assert time.monotonic() - begun < 5
    attempt = Attempt.objects.get()
    assert attempt.reason == Reason.TIMEOUT
    assert 900 <= attempt.milliseconds < 3_000


def test_a_large_packet_has_longer_to_leave_than_its_answer_has_to_come(
    practice_portal: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packets.dialects.qd1705.client.UPLOAD_SECONDS", 30)
    monkeypatch.setattr("packets.dialects.qd1705.client.ANSWER_SECONDS", 1)
    practice_portal.misbehave([{"do": "delay", "seconds": 10}])
    people.a_dossier(files=[people.a_file()])
    portal = a_portal(practice_portal.address)
    collected(portal)
    begun = time.monotonic()
    sent(portal)
    assert time.monotonic() - begun < 5
    assert Attempt.objects.get().reason == Reason.TIMEOUT


def test_a_reply_without_end_is_not_read_to_its_end(practice_portal: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    # Some megabytes are read, for portals that send the packet back; the practice portal drips less than that. The
    # real bound is met by the reply “endless” of tests/edges/test_replies.py.
    monkeypatch.setattr("packets.dialects.qd1705.client.ANSWER_MAX", 64 * 1024)
    practice_portal.misbehave([{"do": "drip", "seconds": 0, "length": 100_000}])
    people.a_dossier()
    portal = a_portal(practice_portal.address)
    collected(portal)
    sent(portal)
    assert Attempt.objects.earliest("pk").reason == Reason.UNREADABLE_REPLY
