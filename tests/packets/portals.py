"""Portals for tests, and what a test says about packets in short."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import time_machine
from django.utils import timezone

from packets.collecting.collect import Collected, collect
from packets.dialects.qd1705.messages import Kind
from packets.models import Attempt, DeliveryState, Packet, PacketQuerySet, PacketState, Portal
from packets.queue import db_clock


def a_portal(address: str = "http://127.0.0.1:9", **traits: Any) -> Portal:
    """One that is told everything from the beginning; nobody listens at its usual address."""
    usual = {
        "code": "practice",
        "base_url": address,
        "token_url": f"{address}/token",
        "client_id": "demo",
        "client_secret": "demo-secret",
    }
    return Portal.objects.create(**{**usual, **traits})


def is_faring(portal: Portal, **state: Any) -> None:
    """Says how sending to `portal` goes, as a worker would have noted it."""
    DeliveryState.objects.filter(portal=portal).update(**state)


def collected(portal: Portal) -> Collected:
    return collect(Portal.objects.get(pk=portal.pk))


def hasten(portal: Portal) -> None:
    """Puts the next try of everything that has its turn, and the end of a rest, into the past."""
    waiting = Packet.objects.filter(portal=portal, state=PacketState.READY, due_at__isnull=False)
    waiting.update(due_at=db_clock.now() - timedelta(seconds=1))
    is_faring(portal, failures=0, rests=0, resting_until=None)


def an_attempt(packet: Packet, **traits: Any) -> Attempt:
    """A try that the portal put off, unless `traits` say otherwise."""
    now = timezone.now()
    usual = {"at": now, "recorded_at": now, "milliseconds": 1234, "outcome": "retry", "reason": "busy"}
    return Attempt.objects.create(packet=packet, portal=packet.portal, key=packet.key, **{**usual, **traits})


def as_accepted(packets: PacketQuerySet) -> None:
    """As if a worker had delivered them."""
    packets.update(state=PacketState.ACCEPTED, settled_at=timezone.now(), due_at=None, lease=None)


@contextmanager
def in_time(moment: datetime) -> Iterator[None]:
    """As if it were `moment`, for the office and for the clock that workers share."""
    with time_machine.travel(moment), patch("packets.queue.db_clock.now", timezone.now):
        yield


def states(kind: Kind) -> list[str]:
    """The states of all packets of a kind, in the order of their streams."""
    return list(Packet.objects.filter(kind=kind).order_by("stream", "position", "pk").values_list("state", flat=True))
