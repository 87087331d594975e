"""Portals for tests, and what a test says about packets in short."""

from typing import Any

from django.utils import timezone

from packets.collect import Collected, collect
from packets.models import Kind, Packet, PacketState, Portal


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


def collected(portal: Portal) -> Collected:
    return collect(Portal.objects.get(pk=portal.pk))


def hasten(portal: Portal) -> None:
    """Puts the next try of everything, and the end of a rest, into the past."""
    Packet.objects.filter(portal=portal, state=PacketState.READY).update(next_attempt_at=timezone.now())
    Portal.objects.filter(pk=portal.pk).update(failures=0, resting_until=None)


def states(kind: Kind) -> list[str]:
    """The states of all packets of a kind, in the order of their streams."""
    return list(Packet.objects.filter(kind=kind).order_by("stream", "position", "pk").values_list("state", flat=True))
