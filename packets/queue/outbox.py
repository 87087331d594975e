"""The outbox: which packets a worker may claim, for how long, and which is next in each stream.

Of each stream (a dossier's packets for one portal) only the first unsettled packet is ever due. A worker that claims,
settles or adds packets of a portal locks its delivery state until that is committed. Without the lock, two workers
would not see each other's changes, and a packet that both consider blocked by another would wait for ever.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from packets.models import Attempt, DeliveryState, Packet, PacketQuerySet, PacketState, Portal

from . import db_clock
from .retries import RESTS_AFTER

# How long a claim holds unless it is renewed. After a crash, a worker's packets are free again after this time.
LEASE = timedelta(minutes=2)


@dataclass(frozen=True)
class Claimed:
    """Packets leased to the caller alone, and the portal with its present configuration.

    `token`: the one in use, "" if there is none. `throttled`: more is due, but the portal's bounds leave no room yet.
    """

    portal: Portal
    packets: list[Packet] = field(default_factory=list)
    token: str = ""
    throttled: bool = False
    # The time until which the leases surely hold, by time.monotonic().
    until: float = 0.0


def something_is_due(portal: Portal) -> bool:
    """Whether a packet is due. Without a lock: it is checked every second, also when nothing happens."""
    return Packet.objects.filter(portal=portal).due(db_clock.now()).exists()


def claim(portal: Portal, most: int, exclude: Collection[int] = ()) -> Claimed:
    """Leases up to `most` packets that are due; none while the portal is paused or rests.

    `exclude`: keys of packets that the caller is still sending. It must not claim them again, even if their leases ran
    out while it could not renew them.
    """
    with transaction.atomic():
        delivery, begun, now = lock_delivery(portal), time.monotonic(), db_clock.now()
        if not delivery.portal.is_working or is_backing_off(delivery, now):
            return Claimed(delivery.portal)
        room = _room(delivery, now, most)
        if room <= 0:
            return Claimed(delivery.portal, throttled=something_is_due(portal))
        due = Packet.objects.filter(portal=portal).due(now).exclude(pk__in=exclude).order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",), no_key=True)
        packets = list(due[:room])
        lease, until = uuid.uuid4(), now + LEASE
        Packet.objects.filter(pk__in=[packet.pk for packet in packets]).update(
            state=PacketState.SENDING, lease=lease, due_at=until
        )
        _doubt([packet for packet in packets if packet.state == PacketState.SENDING])
    for packet in packets:
        packet.state, packet.lease, packet.due_at = PacketState.SENDING, lease, until
    return Claimed(delivery.portal, packets, token_in_use(delivery, now), until=begun + LEASE.total_seconds())


def _doubt(expired: Collection[Packet]) -> None:
    """Marks packets whose lease has run out: they may have been sent, and the answer is unknown."""
    doubtful = [packet for packet in expired if packet.unanswered_key is None]
    if doubtful:
        Packet.objects.filter(pk__in=[packet.pk for packet in doubtful]).update(unanswered_key=F("key"))
    for packet in doubtful:
        packet.unanswered_key = packet.key


def lock_delivery(portal: Portal) -> DeliveryState:
    """Locks the portal's delivery state until this transaction ends; its `portal` has the present configuration."""
    deliveries = DeliveryState.objects.select_related("portal__partner").select_for_update(of=("self",), no_key=True)
    return deliveries.get(portal=portal)


def token_in_use(delivery: DeliveryState, now: datetime) -> str:
    """The token that all workers use; "" if there is none, or it is about to run out."""
    return delivery.token if delivery.token_until is not None and delivery.token_until > now else ""


def is_backing_off(delivery: DeliveryState, now: datetime) -> bool:
    return delivery.resting_until is not None and delivery.resting_until > now


def _room(delivery: DeliveryState, now: datetime, most: int) -> int:
    """How many more packets, up to `most`, may be under way to the portal, all workers together.

    A request counts against the rate from its claim until a whole window after its answer was recorded. It reached the
    portal at some time in between. So no window at the portal ever holds more requests than the limit, however slow
    the network or this machine is. Requests of a worker that was killed count until their leases end.
    """
    portal = delivery.portal
    under_way = Packet.objects.filter(portal=portal, state=PacketState.SENDING, due_at__gt=now).unsettled().count()
    bounds = [most]
    if delivery.failures >= RESTS_AFTER:
        bounds.append(1 - under_way)
    if portal.most_in_flight is not None:
        bounds.append(portal.most_in_flight - under_way)
    if portal.rate_limit is not None:
        window = now - timedelta(seconds=portal.rate_seconds)
        just_sent = Attempt.objects.filter(portal=portal, recorded_at__gt=window).count()
        bounds.append(portal.rate_limit - under_way - just_sent)
    return min(bounds)


def renew(packets: Collection[Packet]) -> float:
    """Extends leases of this worker, except those that another took over. Returns the new `Claimed.until`."""
    begun = time.monotonic()
    _leased(packets).update(due_at=db_clock.now() + LEASE)
    return begun + LEASE.total_seconds()


def release(packets: Collection[Packet]) -> None:
    """Makes packets that were claimed and not tried ready again."""
    _leased(packets).update(state=PacketState.READY, lease=None, due_at=db_clock.now())


def _leased(packets: Collection[Packet]) -> PacketQuerySet:
    """Those of `packets` that still have the lease under which they were claimed."""
    return Packet.objects.filter(
        pk__in=[packet.pk for packet in packets],
        lease__in={packet.lease for packet in packets},
        state=PacketState.SENDING,
    )


def make_due_now(portal: Portal) -> None:
    """Makes every packet with a set time due now, and ends the portal's rest, because a person asked for it."""
    now = db_clock.now()
    Packet.objects.filter(portal=portal, state=PacketState.READY, due_at__gt=now).update(due_at=now)
    DeliveryState.objects.filter(portal=portal).update(failures=0, rests=0, resting_until=None)


# ---- the order within a stream


def release_next(portal: Portal, streams: Collection[str] | None, now: datetime) -> None:
    """Makes due the packets that have become the first of their stream and wait for nothing else.

    `streams` None: of all streams. Needs the lock of the portal's delivery state.
    """
    waiting = Packet.objects.filter(portal=portal, state=PacketState.READY, due_at=None)
    if streams is not None:
        waiting = waiting.filter(stream__in=streams)
    waiting.first_of_stream().update(due_at=now)
