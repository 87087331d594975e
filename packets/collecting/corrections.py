"""Corrects packets that some receivers misread, such as by a date that they take for the next month.

The dialect knows which packets those are (`Dialect.misread`). For each one that a portal took, one packet follows with
the same figures in the present form. The new packet names the old one (`Packet.corrects`), so each correction is made
once, however many workers collect.
"""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef
from django.utils import timezone

from packets import dialects
from packets.models import OPEN_STATES, Packet, PacketQuerySet, PacketState, Portal

from .build import freeze


def misread(portal: Portal) -> PacketQuerySet:
    """Packets of figures for `portal` that receivers misread, as its dialect says."""
    # With the condition of the index `one_packet_per_publication`: few of all packets are in it.
    return dialects.of(portal).misread(Packet.objects.filter(portal=portal, publication__isnull=False, corrects=None))


def to_be_corrected(portal: Portal) -> PacketQuerySet:
    """The misread packets that `portal` took, without a correction and without a later revision."""
    sent = (PacketState.ACCEPTED, *OPEN_STATES)
    revised = Packet.objects.revisions_of_outer().filter(state__in=sent)
    corrected = Packet.objects.filter(corrects=OuterRef("pk"))
    taken = misread(portal).filter(~Exists(revised), ~Exists(corrected), state=PacketState.ACCEPTED)
    if agencies := list(portal.agencies.all()):
        taken = taken.filter(publication__agency__in=agencies)
    return taken


def has_corrections(portal: Portal) -> bool:
    """Whether a correction is due. Without a lock, because every sweep asks this."""
    return to_be_corrected(portal).exists() or misread(portal).filter(state=PacketState.READY).exists()


def corrections(portal: Portal) -> list[Packet]:
    """Corrections of what `portal` took and misread: built, not saved, each at the position of the old one."""
    packets = []
    for old in to_be_corrected(portal).select_related("publication__agency").order_by("pk"):
        if old.publication is None:
            continue
        packet = Packet(
            portal=portal,
            kind=old.kind,
            publication=old.publication,
            stream=old.stream,
            position=old.position,
            corrects=old,
            collected_at=timezone.now(),
        )
        freeze(packet, portal, old.publication)
        packets.append(packet)
    return packets


def rebuild_waiting(portal: Portal) -> None:
    """Rebuilds misread packets that still wait, in the present form. Needs the lock of the portal's delivery state.

    A packet that was tried may have been taken although its answer was lost. So the rebuilt one gets a new key.
    """
    waiting = misread(portal).filter(state=PacketState.READY).select_related("publication__agency")
    for packet in waiting.select_for_update(of=("self",), no_key=True):
        if packet.publication is None:
            continue
        if packet.tries:
            packet.key = uuid.uuid4()
        freeze(packet, portal, packet.publication)
        if packet.state == PacketState.STOPPED:
            packet.due_at = None
        packet.save(update_fields=["key", "body", "state", "reason", "detail", "due_at"])
