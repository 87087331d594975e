"""Three days without the portal, by a clock that is set forward: the engine's real figures, in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
import time_machine
from django.utils import timezone

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from packets.collecting.collect import collect
from packets.delivery.sender import PortalSender
from packets.models import DeliveryState, Packet, PacketState, Portal
from packets.queue.retries import LONGEST_REST, RETRY_WAITS
from packets.sandbox.store import Arrival, Ledger
from tests import people
from tests.packets.portals import a_portal
from tests.practice_portal import Sandbox

from . import oracle

BEGIN = datetime(2026, 4, 30, 8, tzinfo=UTC)
OUTAGE = timedelta(hours=72)
DOSSIERS = 20


@pytest.fixture
def hand() -> Iterator[time_machine.Traveller]:
    """Sets the clock of the office and of all who share the outbox; it does not go by itself."""
    with time_machine.travel(BEGIN, tick=False) as hand, patch("packets.queue.db_clock.now", timezone.now):
        yield hand


def ledger(folder: Path) -> list[Arrival]:
    store = Ledger(folder / "sandbox.sqlite3")
    try:
        return store.after(0, -1, bodies=True)
    finally:
        store.close()


def work_until(end: datetime, portal: Portal, hand: time_machine.Traveller) -> None:
    """A worker from now until `end`, or until nothing is left: it looks whenever something may be due."""
    with PortalSender(portal) as courier:
        while timezone.now() < end:
            collect(portal)
            courier.deliver()
            if not Packet.objects.unsettled().exists():
                return
            hand.move_to(min(end, next_look(portal)))


def next_look(portal: Portal) -> datetime:
    """When the earliest packet is due, or later if the portal rests until then; at least a second from now."""
    due_at = Packet.objects.filter(due_at__isnull=False).earliest("due_at").due_at or timezone.now()
    resting_until = DeliveryState.objects.get(portal=portal).resting_until or due_at
    return max(due_at, resting_until, timezone.now() + timedelta(seconds=1))


@pytest.mark.django_db
def test_an_outage_of_72_hours_costs_few_requests_and_stops_nothing(
    practice_portal: Sandbox, hand: time_machine.Traveller, tmp_path: Path
) -> None:
    portal = a_portal(practice_portal.address)
    practice_portal.misbehave([{"do": "down"}])
    for _number in range(DOSSIERS):
        people.a_dossier()
    for hour in range(0, 72, 6):
        # The office goes on working.
        lifecycle.start(Dossier.objects.order_by("pk")[hour // 6], None)
        people.a_dossier()
        work_until(BEGIN + timedelta(hours=hour + 6), portal, hand)
    assert timezone.now() == BEGIN + OUTAGE
    assert set(Packet.objects.unsettled().values_list("state", flat=True)) == {PacketState.READY}
    # Each that had its turn at once, and then one whenever a rest was over.
    in_vain = len(ledger(tmp_path))
    assert in_vain <= DOSSIERS + OUTAGE / LONGEST_REST + 10

    practice_portal.behave()
    work_until(BEGIN + OUTAGE + LONGEST_REST + RETRY_WAITS[-1] + timedelta(seconds=2), portal, hand)
    assert not Packet.objects.unsettled().exists()
    arrivals = ledger(tmp_path)
    assert list(oracle.of_the_portal(arrivals)) == []
    assert list(oracle.of_our_own(portal, arrivals, interruptions=0)) == []
