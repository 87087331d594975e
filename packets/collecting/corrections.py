"""Says anew what was said in a way that some receivers misread: ratings dated at the last millisecond of a month.

The packet of ratings has no field for its period, so its date is all that tells it. At first that was
23:59:59.999 of the month's last day. Databases that keep instants to 1/300 s (SQL Server's `datetime`) or to a second
(MySQL's `DATETIME`) round it up into the next month; such a receiver has every rating a month late. Since then it is
noon of that day, and each rating that a portal took with the old date is followed by one packet with the new one. The
portal's own row says which that is (`Packet.corrects`), so it happens once, whoever collects and however often.
"""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef
from django.utils import timezone

from packets.dialects.spec import repertoire
from packets.models import OPEN_STATES, Kind, Packet, PacketQuerySet, PacketState, Portal

from .build import freeze

# How a frozen text with the old date shows it: at the end of a value, in the one form that there was then.
OLD_DATE = 'T23:59:59.999+0700"'


def dated_at_the_end(portal: Portal) -> PacketQuerySet:
    """Ratings for `portal` with the old date."""
    if Kind.VOTE not in repertoire(portal).of_figures:
        return Packet.objects.none()
    # In the words of the index of one packet a publication: there are few of these among all packets.
    ratings = Packet.objects.filter(portal=portal, kind=Kind.VOTE, publication__isnull=False, corrects=None)
    return ratings.filter(body__contains=OLD_DATE)


def to_be_said_anew(portal: Portal) -> PacketQuerySet:
    """Those that `portal` took, and of which it was told neither anew nor in a later revision."""
    told = (PacketState.ACCEPTED, *OPEN_STATES)
    revised = Packet.objects.revisions_of_outer().filter(state__in=told)
    anew = Packet.objects.filter(corrects=OuterRef("pk"))
    taken = dated_at_the_end(portal).filter(~Exists(revised), ~Exists(anew), state=PacketState.ACCEPTED)
    if agencies := list(portal.agencies.all()):
        taken = taken.filter(publication__agency__in=agencies)
    return taken


def has_old_dates(portal: Portal) -> bool:
    """Looked up without a lock, for this is asked again and again."""
    return to_be_said_anew(portal).exists() or dated_at_the_end(portal).filter(state=PacketState.READY).exists()


def said_anew(portal: Portal) -> list[Packet]:
    """Packets that say anew what `portal` took with the old date: built, not saved, each in the place of the old."""
    packets = []
    for old in to_be_said_anew(portal).select_related("publication__agency").order_by("pk"):
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


def build_waiting_anew(portal: Portal) -> None:
    """Gives the new date to what still waits with the old one. Needs the lock of the portal's delivery state.

    What was tried may have been taken, its answer lost; so what is sent now is a message of its own.
    """
    waiting = dated_at_the_end(portal).filter(state=PacketState.READY).select_related("publication__agency")
    for packet in waiting.select_for_update(of=("self",), no_key=True):
        if packet.publication is None:
            continue
        if packet.tries:
            packet.key = uuid.uuid4()
        freeze(packet, portal, packet.publication)
        if packet.state == PacketState.STOPPED:
            packet.due_at = None
        packet.save(update_fields=["key", "body", "state", "reason", "detail", "due_at"])
