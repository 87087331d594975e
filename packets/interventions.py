"""What a person does for the packets: puts stopped ones back on their way, pauses a portal and lets it go on."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min

from onestop.dossiers.models import Dossier

from . import clock
from .collect import take_turn
from .dialects.qd1705 import dossiers_to_report
from .freeze import Source, freeze
from .models import Channel, Kind, Packet, PacketQuerySet, PacketState, Portal
from .outbox import lock_heads, raise_heads

log = logging.getLogger(__name__)


@dataclass
class Resent:
    """How many went back on their way, how many are still wrong; who was not stopped any more is in neither."""

    back: int = 0
    still_wrong: int = 0


def resend(packet: Packet) -> bool:
    """Builds a stopped packet anew from its record and makes it due; False if it was not stopped any more.

    The key stays as long as the content does: a portal that already took it recognises it. Changed content is a
    message of its own and gets a new key. What is still wrong leaves the packet stopped, with what is.
    """
    with transaction.atomic():
        lock_heads(packet.portal, [packet.stream])
        locked = Packet.objects.select_for_update(of=("self",)).select_related("portal").get(pk=packet.pk)
        if locked.state != PacketState.STOPPED:
            return False
        before = locked.body
        freeze(locked, locked.portal, _source(locked))
        if locked.body != before and locked.tries:
            locked.key = uuid.uuid4()
            freeze(locked, locked.portal, _source(locked))
        locked.first_tried_at = None
        locked.save()
        raise_heads(locked.portal, [locked.stream], clock.now())
    return True


def resend_all(
    packets: PacketQuerySet,
    *,
    by: object,
    most: int | None = None,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Resent:
    """Resends the stopped ones among `packets`, oldest first, at most `most`, each on its own; logs who wanted it."""
    resent = Resent()
    stopped = (
        packets.filter(state=PacketState.STOPPED).select_related(None).order_by("pk").only("pk", "portal", "stream")
    )
    for packet in stopped[:most]:
        if resend(packet):
            packet.refresh_from_db(fields=["state"])
            resent.still_wrong += packet.state == PacketState.STOPPED
            resent.back += packet.state != PacketState.STOPPED
        on_progress(1)
    log.info("resend back=%s still_wrong=%s by=%s", resent.back, resent.still_wrong, by)
    return resent


def put_back(portal: Portal, stream: str, lost: Collection[int]) -> int:
    """Makes accepted packets of a stream wait again that the portal does not have; returns how many do.

    They go with the key and the text they were accepted with: a portal that has them after all recognises them. The
    stream's document goes first, for a portal must know a dossier before its steps. Nothing changes while a packet
    of the stream is on its way, lest an older document overtakes it.
    """
    with transaction.atomic():
        take_turn(portal)
        lock_heads(portal, [stream])
        now, of_stream = clock.now(), Packet.objects.filter(portal=portal, stream=stream)
        if of_stream.unsettled().filter(state=PacketState.SENDING).exists():
            return 0
        accepted = of_stream.filter(pk__in=lost, state=PacketState.ACCEPTED).needed_at_portal()
        number = Packet.objects.filter(pk__in=list(accepted.values_list("pk", flat=True))).update(
            state=PacketState.READY, settled_at=None, first_tried_at=None, put_back_at=now
        )
        if not number:
            return 0
        unsettled = of_stream.unsettled()
        first = unsettled.aggregate(first=Min("position"))["first"]
        unsettled.filter(kind=Kind.DOCUMENT, position__gt=first).update(position=first - 1)
        # Whichever had its turn may now have others before it.
        unsettled.filter(state=PacketState.READY).update(due_at=None)
        raise_heads(portal, [stream], now)
    log.info("portal=%s stream=%s put_back=%s", portal.code, stream, number)
    return number


def pause(portal: Portal, *, by: object) -> None:
    """Nothing more is collected for `portal` or sent to it; what is due keeps waiting."""
    Portal.objects.filter(pk=portal.pk).update(is_active=False)
    log.info("portal=%s paused by=%s", portal.code, by)


def resume(portal: Portal, *, by: object) -> None:
    """Collects and sends again. Who resumes has seen to what was wrong, so the portal's rest ends too."""
    Portal.objects.filter(pk=portal.pk).update(is_active=True)
    Channel.objects.filter(portal=portal).update(failures=0, rests=0, resting_until=None)
    log.info("portal=%s resumed by=%s", portal.code, by)


def _source(packet: Packet) -> Source:
    if packet.kind == Kind.DOCUMENT and packet.dossier_id is not None:
        return dossiers_to_report(Dossier.objects.all()).get(pk=packet.dossier_id)
    source = packet.transition or packet.publication
    if source is None:
        raise ValueError("the table's own constraint forbids a packet without source")
    return source
