"""What a person does for the packets: puts stopped ones back on their way, pauses a portal and lets it go on."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from onestop.dossiers.models import Dossier

from . import clock
from .dialects.qd1705 import dossiers_to_report
from .freeze import Source, freeze
from .models import Channel, Kind, Packet, PacketQuerySet, PacketState, Portal
from .outbox import lock_channel, raise_heads

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
        lock_channel(packet.portal)
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
