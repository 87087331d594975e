"""What an operator does: resends stopped packets or gives them up, pauses and resumes a portal."""

from __future__ import annotations

import copy
import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Coalesce

from onestop.staff.models import User

from .collecting.build import freeze, records
from .collecting.collect import lock_collecting
from .models import DeliveryState, Packet, PacketQuerySet, PacketState, Portal
from .models.kinds import MadeOf, kinds_made_of
from .models.portal_change import PortalChange
from .models.reasons import Reason
from .portals.changes import note
from .queue import db_clock
from .queue.outbox import lock_delivery, release_next

log = logging.getLogger(__name__)

# How many packets a preview builds together.
BATCH = 500


@dataclass
class Resent:
    """How many packets became ready again, and how many are still wrong; those no longer stopped are in neither."""

    back: int = 0
    still_wrong: int = 0


@dataclass
class ResendPreview(Resent):
    """The preview of resending. `unchanged`: how many of `back` have exactly the text that the portal refused."""

    unchanged: int = 0


def resend(packet: Packet) -> bool:
    """Rebuilds a stopped packet from its record and makes it due; False if it was not stopped any more.

    Unchanged content keeps its key, by which a portal that already took it recognises it. Changed content is a new
    message and gets a new key. A packet that is still wrong stays stopped, with its present errors.
    """
    with transaction.atomic():
        lock_delivery(packet.portal)
        locked = Packet.objects.select_for_update(of=("self",)).select_related("portal").get(pk=packet.pk)
        if locked.state != PacketState.STOPPED:
            return False
        before = locked.body
        record = records([locked])[locked.pk]
        freeze(locked, locked.portal, record)
        if locked.body != before and locked.tries:
            locked.key = uuid.uuid4()
            freeze(locked, locked.portal, record)
        locked.first_tried_at = None
        locked.save()
        release_next(locked.portal, [locked.stream], db_clock.now())
    return True


def resend_all(
    packets: PacketQuerySet,
    *,
    by: object,
    most: int | None = None,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Resent:
    """Resends the stopped ones among `packets`, oldest first, at most `most`, each on its own; logs `by`."""
    resent = Resent()
    for packet in _stopped(packets).only("pk", "portal", "stream")[:most]:
        if resend(packet):
            packet.refresh_from_db(fields=["state"])
            resent.still_wrong += packet.state == PacketState.STOPPED
            resent.back += packet.state != PacketState.STOPPED
        on_progress(1)
    log.info("resend back=%s still_wrong=%s by=%s", resent.back, resent.still_wrong, by)
    return resent


def preview_resend(
    packets: PacketQuerySet, *, most: int | None = None, on_progress: Callable[[int], object] = lambda done: None
) -> dict[Reason, ResendPreview]:
    """The outcome that `resend_all` would have, by the reason why packets are stopped now. Saves nothing."""
    previews: dict[Reason, ResendPreview] = defaultdict(ResendPreview)
    keys = list(_stopped(packets).values_list("pk", flat=True)[:most])
    for start in range(0, len(keys), BATCH):
        batch = list(Packet.objects.filter(pk__in=keys[start : start + BATCH]).select_related("portal"))
        for packet, rebuilt in zip(batch, rebuilt_copies(batch), strict=True):
            fate, goes = previews[Reason(packet.reason)], rebuilt.state != PacketState.STOPPED
            fate.back += goes
            fate.still_wrong += not goes
            fate.unchanged += goes and is_refused_as_it_is(packet, rebuilt)
        on_progress(len(batch))
    return dict(previews)


def rebuilt_copies(packets: Collection[Packet]) -> list[Packet]:
    """A copy of each of `packets` as it would be if it were resent now. Saves nothing."""
    built_of = records(packets)
    copies = [copy.copy(packet) for packet in packets]
    for packet in copies:
        freeze(packet, packet.portal, built_of[packet.pk])
    return copies


def is_refused_as_it_is(packet: Packet, rebuilt: Packet) -> bool:
    """Whether resending would send the portal exactly the text that it has refused."""
    return packet.reason in (Reason.REFUSED, Reason.ALREADY_HELD) and packet.body == rebuilt.body


def give_up(packet: Packet, by: User, because: str) -> bool:
    """Settles a stopped packet that must never be sent; False if it was not stopped any more.

    The packets that it held back become due. It cannot be undone. Raises ValueError if `because` is blank.
    """
    if not (because := because.strip()):
        raise ValueError("say why the packet is given up")
    with transaction.atomic():
        lock_delivery(packet.portal)
        now = db_clock.now()
        stopped = Packet.objects.filter(pk=packet.pk, state=PacketState.STOPPED)
        settled = {"state": PacketState.GIVEN_UP, "settled_at": now, "given_up_by": by, "given_up_because": because}
        if not stopped.update(**settled):
            return False
        release_next(packet.portal, [packet.stream], now)
    log.info("portal=%s packet=%s kind=%s given_up by=%s", packet.portal.code, packet.pk, packet.kind, by.pk)
    return True


def put_back(portal: Portal, stream: str, lost: Collection[int]) -> int:
    """Makes accepted packets of a stream, which the portal does not have, wait again; returns their number.

    They keep the key and the text with which they were accepted, so a portal that has them after all recognises them.
    The whole dossier goes first, because a portal must have a dossier before its steps. Nothing changes while a packet
    of the stream is on its way, because an older state of the dossier could overtake it.
    """
    with transaction.atomic():
        lock_collecting(portal)
        lock_delivery(portal)
        now, of_stream = db_clock.now(), Packet.objects.filter(portal=portal, stream=stream)
        if of_stream.unsettled().filter(state=PacketState.SENDING).exists():
            return 0
        accepted = of_stream.filter(pk__in=lost, state=PacketState.ACCEPTED).needed_at_portal()
        number = Packet.objects.filter(pk__in=list(accepted.values_list("pk", flat=True))).update(
            state=PacketState.READY,
            settled_at=None,
            first_tried_at=None,
            put_back_at=now,
            # The portal took it once; whether it still has it is unknown.
            unanswered_key=Coalesce("unanswered_key", "key"),
        )
        if not number:
            return 0
        unsettled = of_stream.unsettled()
        first = unsettled.aggregate(first=Min("position"))["first"]
        unsettled.filter(kind__in=kinds_made_of(MadeOf.DOSSIER), position__gt=first).update(position=first - 1)
        # A packet that was due may now have others before it.
        unsettled.filter(state=PacketState.READY).update(due_at=None)
        release_next(portal, [stream], now)
    log.info("portal=%s stream=%s put_back=%s", portal.code, stream, number)
    return number


def pause(portal: Portal, *, by: object) -> None:
    """Stops collecting for `portal` and sending to it; what is due keeps waiting."""
    with transaction.atomic():
        if Portal.objects.filter(pk=portal.pk, is_active=True).update(is_active=False):
            note(portal, PortalChange.Act.PAUSED, by)
    log.info("portal=%s paused by=%s", portal.code, by)


def resume(portal: Portal, *, by: object) -> None:
    """Starts collecting and sending again. The user has handled the problem, so the portal's rest ends too."""
    with transaction.atomic():
        if Portal.objects.filter(pk=portal.pk, is_active=False).update(is_active=True):
            note(portal, PortalChange.Act.RESUMED, by)
        DeliveryState.objects.filter(portal=portal).update(failures=0, rests=0, resting_until=None)
    log.info("portal=%s resumed by=%s", portal.code, by)


def _stopped(packets: PacketQuerySet) -> PacketQuerySet:
    """The stopped ones, oldest first."""
    return packets.unsettled().filter(state=PacketState.STOPPED).select_related(None).order_by("pk")
