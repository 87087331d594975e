"""What a partner does with the deliveries of its webhook: asks for a ping, sends one again, starts all again.

A delivery is a packet, and its attempts are the packet's. It keeps its key and its text however often it is sent, so
that the receiver recognises it. A person has looked into the problem, so each of these acts ends the webhook's rest.
"""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from onestop.common.notify import announce
from onestop.rest.errors import Conflict

from . import dialects
from .collecting.build import freeze
from .collecting.collect import lock_collecting
from .models import DeliveryState, Packet, PacketQuerySet, PacketState, Portal
from .models.reasons import Reason
from .operations import put_back, resend, resume
from .queue import db_clock
from .queue.outbox import lock_delivery, make_due_now, release_next

# Packets that have stopped for these were never sent. Their text must be built again.
NOT_BUILT: Final = (Reason.INVALID, Reason.BUILD_FAILED)


@transaction.atomic
def ping(webhook: Portal) -> tuple[Packet, bool]:
    """A test event for the webhook, and whether it is a new one.

    While one is not settled, that one is sent again: a loop of calls makes no second request to a receiver.
    """
    _lock(webhook)
    kind, now = dialects.for_partners().kind_of_test.code, db_clock.now()
    waiting = Packet.objects.unsettled().filter(portal=webhook, kind=kind).first()
    if waiting is not None:
        if waiting.state != PacketState.SENDING:
            redeliver(waiting)
        return waiting, False
    packet = Packet(portal=webhook, kind=kind, position=0, collected_at=now)
    packet.stream = f"{kind}/{packet.key}"
    freeze(packet, webhook, webhook)
    packet.save()
    release_next(webhook, [packet.stream], now)
    _end_rest(webhook)
    return packet, True


@transaction.atomic
def redeliver(packet: Packet) -> None:
    """Sends a delivery again, in its place in the order of its dossier.

    One that waits for a time is due now; one that waits for an earlier one keeps waiting. Raises Conflict if an event
    of the dossier is on its way, or if an operator has cancelled this one.
    """
    webhook = packet.portal
    _lock(webhook)
    state = Packet.objects.values_list("state", flat=True).get(pk=packet.pk)
    if state in (PacketState.GIVEN_UP, PacketState.SUPERSEDED):
        raise Conflict(_("Quản trị tích hợp đã hủy thông báo này; thông báo không được gửi nữa."), "cancelled")
    if state == PacketState.SENDING or (
        state == PacketState.ACCEPTED and not put_back(webhook, packet.stream, [packet.pk])
    ):
        raise Conflict(_("Một thông báo của hồ sơ này đang được gửi; vui lòng thử lại sau ít giây."), "being_sent")
    if state == PacketState.STOPPED and not _revive(Packet.objects.filter(pk=packet.pk)):
        resend(packet)
    now = db_clock.now()
    release_next(webhook, [packet.stream], now)
    Packet.objects.filter(pk=packet.pk, state=PacketState.READY, due_at__gt=now).update(due_at=now)
    _end_rest(webhook)


@transaction.atomic
def start_again(webhook: Portal, *, by: object) -> None:
    """Sends to a webhook again that is paused, rests or has stopped deliveries: all that waits is due, in its order.

    Deliveries that could not be built stay stopped: that is an error of this software.
    """
    lock_collecting(webhook)
    resume(webhook, by=by)
    lock_delivery(webhook)
    _revive(Packet.objects.filter(portal=webhook))
    release_next(webhook, None, db_clock.now())
    make_due_now(webhook)
    announce()


def _lock(webhook: Portal) -> None:
    """Locks in the order in which the collector locks."""
    lock_collecting(webhook)
    lock_delivery(webhook)


def _revive(packets: PacketQuerySet) -> int:
    """Makes the stopped ones among `packets` wait again as they are; returns their number."""
    stopped = packets.unsettled().filter(state=PacketState.STOPPED).exclude(reason__in=NOT_BUILT)
    # The days after which an event is given up count from its next try.
    return stopped.update(state=PacketState.READY, reason="", detail="", due_at=None, first_tried_at=None)


def _end_rest(webhook: Portal) -> None:
    """Lets one packet try whether the receiver works; if it does, the others follow."""
    DeliveryState.objects.filter(portal=webhook).update(resting_until=None)
    announce()
