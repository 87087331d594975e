"""Which packets are proven to be accepted if the portal answers “already exists”.

A portal that does not store keys answers this to a packet that it took before, when the first answer was lost. It
gives the same answer to a newer state of a dossier that it already holds, and then it has *not* taken the newer one.
So the answer proves a packet only if

- it was sent before under this key and the worker got no answer (`Packet.unanswered_key`: a timeout, a broken
  connection, an error of the portal's own, a worker that was killed or lost its lease), and
- the portal can mean no other packet: of one that carries a whole state, it must not hold another.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from packets.models import Packet, PacketState, Portal
from packets.models.kinds import MadeOf, kinds_made_of


def proven_by_already_exists(portal: Portal, packets: Collection[Packet]) -> set[int]:
    """The keys (pk) of those among `packets`. No query unless one of them was sent before without an answer."""
    # A packet of these kinds replaces the earlier ones of its stream.
    whole_states = kinds_made_of(MadeOf.DOSSIER, MadeOf.PUBLICATION)
    repeats = {packet.pk for packet in packets if packet.unanswered_key == packet.key}
    return repeats - {
        packet.pk
        for packet in packets
        if packet.pk in repeats and packet.kind in whole_states and _may_hold_another(portal, packet)
    }


def _may_hold_another(portal: Portal, packet: Packet) -> bool:
    """Whether the portal took, or may have taken, another packet of the same subject and kind."""
    of_subject = Packet.objects.filter(portal=portal, kind=packet.kind, stream=packet.stream).exclude(pk=packet.pk)
    # The dossier or agency as well, because settled packets have no index by stream.
    if packet.dossier_id is not None:
        of_subject = of_subject.filter(dossier=packet.dossier_id)
    elif packet.publication is not None:
        of_subject = of_subject.filter(publication__agency=packet.publication.agency_id)
    return of_subject.filter(Q(state=PacketState.ACCEPTED) | Q(unanswered_key__isnull=False)).exists()
