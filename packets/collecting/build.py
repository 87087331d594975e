"""Turns a record into a packet's frozen text: built and checked in the standard's form, written in the portal's."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator

import msgspec
from django.db import DatabaseError
from django.utils import translation

from onestop.dossiers.models import Dossier, Transition
from onestop.statistics.models import Publication
from packets import dialects
from packets.dialects.base import Dialect, JsonObject, Record
from packets.models import Packet, PacketState, Portal
from packets.models.kinds import KINDS, MadeOf
from packets.models.reasons import Reason
from packets.safe_traceback import described
from packets.switches.characters import sendable

log = logging.getLogger(__name__)


def freeze(packet: Packet, portal: Portal, record: Record) -> None:
    """Writes `packet.body` from `record`. An invalid packet stops here with its reason, before anything is sent."""
    dialect = dialects.of(portal)
    try:
        message = build(dialect, packet.kind, record, packet)
        packet.body = dialect.encode(portal, packet.kind, message)
    except DatabaseError:
        raise
    except Exception as error:  # one unexpected record must not prevent all others from being reported
        log.error("a %s packet cannot be built of #%s: %s", packet.kind, record.pk, described(error))
        packet.body, packet.state, packet.reason = "", PacketState.STOPPED, Reason.BUILD_FAILED
        packet.detail = type(error).__name__
        return
    packet.state, packet.reason, packet.detail = PacketState.READY, "", ""
    if problem := dialect.check(portal, packet.kind, message):
        packet.state = PacketState.STOPPED
        packet.reason, packet.detail = problem


def build(dialect: Dialect, kind: str, record: Record, packet: Packet | None = None) -> JsonObject:
    """The packet of `record` as plain data in the standard's own form, without characters that are never sent.

    With `packet`, its marks stand for the files' content.
    """
    with translation.override("vi"):
        message: JsonObject = msgspec.to_builtins(dialect.build(kind, record, packet))
    return {name: sendable(value) for name, value in message.items()}


def records(packets: Collection[Packet]) -> dict[int, Record]:
    """The record of each of `packets`, by the packet's pk, in a fixed number of queries for each dialect."""
    of_dialect: dict[str, list[Packet]] = defaultdict(list)
    for packet in packets:
        of_dialect[packet.portal.dialect].append(packet)
    return {pk: record for code, own in of_dialect.items() for pk, record in _records(dialects.get(code), own)}


def _records(dialect: Dialect, packets: Collection[Packet]) -> Iterator[tuple[int, Record]]:
    made_of = {packet.pk: KINDS[packet.kind].made_of for packet in packets}
    whole = [packet.dossier_id or 0 for packet in packets if made_of[packet.pk] is MadeOf.DOSSIER]
    dossiers = dialect.load_dossiers(Dossier.objects.filter(pk__in=whole)).in_bulk()
    steps = [packet.transition_id or 0 for packet in packets if made_of[packet.pk] is MadeOf.MOVE]
    moves = dialect.load_moves(Transition.objects.filter(pk__in=steps)).in_bulk()
    published = [packet.publication_id for packet in packets if packet.publication_id]
    publications = Publication.objects.filter(pk__in=published).select_related("agency").in_bulk()
    for packet in packets:
        match made_of[packet.pk]:
            case MadeOf.DOSSIER:
                yield packet.pk, dossiers[packet.dossier_id or 0]
            case MadeOf.MOVE:
                yield packet.pk, moves[packet.transition_id or 0]
            case MadeOf.PUBLICATION:
                yield packet.pk, publications[packet.publication_id or 0]
            case MadeOf.RECEIVER:
                yield packet.pk, packet.portal
