"""Sends a second time what some receivers misread the first time, such as a date that they take for the next month.

Which packets those are, the dialect knows (`Dialect.misread`). Each one that a portal took is followed by one packet
that says the same as it is written now. The new one names the old (`Packet.corrects`), so it happens once, whatever
worker collects and however often.
"""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef
from django.utils import timezone

from packets import dialects
from packets.models import OPEN_STATES, Packet, PacketQuerySet, PacketState, Portal

from .build import freeze


def misread(portal: Portal) -> PacketQuerySet:
    """Figures for `portal` that receivers misread; which those are, the dialect knows."""
    # In the words of the index of one packet a publication: there are few of these among all packets.
    return dialects.of(portal).misread(Packet.objects.filter(portal=portal, publication__isnull=False, corrects=None))


def to_be_corrected(portal: Portal) -> PacketQuerySet:
    """Those that `portal` took, without a correction and without a later revision."""
    sent = (PacketState.ACCEPTED, *OPEN_STATES)
    revised = Packet.objects.revisions_of_outer().filter(state__in=sent)
    corrected = Packet.objects.filter(corrects=OuterRef("pk"))
    taken = misread(portal).filter(~Exists(revised), ~Exists(corrected), state=PacketState.ACCEPTED)
    if agencies := list(portal.agencies.all()):
        taken = taken.filter(publication__agency__in=agencies)
    return taken


def has_corrections(portal: Portal) -> bool:
    """Looked up without a lock, for this is asked again and again."""
    return to_be_corrected(portal).exists() or misread(portal).filter(state=PacketState.READY).exists()


def corrections(portal: Portal) -> list[Packet]:
    """Packets that correct what `portal` took and misread: built, not saved, each in the place of the old one."""
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
    """Writes what still waits as it is written now. Needs the lock of the portal's delivery state.

    What was tried may have been taken, its answer lost; so what is sent now is a message of its own.
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
