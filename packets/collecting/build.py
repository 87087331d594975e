"""From a record to a packet's frozen text: built in the standard's form, checked, written in the portal's way."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from django.db import DatabaseError
from django.utils import translation

from onestop.dossiers.models import Dossier, Transition
from onestop.statistics.models import Publication
from packets.dialects.qd1705 import build as qd1705
from packets.dialects.webhook import messages
from packets.models import Kind, Packet, PacketState, Portal
from packets.models.reasons import Reason
from packets.queue.payload import mark
from packets.safe_traceback import described
from packets.schemas import check
from packets.switches.characters import sendable
from packets.switches.variation import STANDARD, Variation

log = logging.getLogger(__name__)

Source = Dossier | Transition | Publication


def freeze(packet: Packet, portal: Portal, source: Source) -> None:
    """Writes `packet.body` from `source`; one that would be wrong stops here, before anything is sent, with why."""
    try:
        plain = build(Kind(packet.kind), source, packet)
        packet.body = encode(packet.kind, plain, Variation.of(portal))
    except DatabaseError:
        raise
    except Exception as error:  # one record that nobody thought of must not keep all others from being reported
        log.error("a %s packet cannot be built of #%s: %s", packet.kind, source.pk, described(error))
        packet.body, packet.state, packet.reason = "", PacketState.STOPPED, Reason.BUILD_FAILED
        packet.detail = type(error).__name__
        return
    packet.state, packet.reason, packet.detail = PacketState.READY, "", ""
    if faults := check(packet.kind, qd1705.without_content(plain)):
        packet.state, packet.reason = PacketState.STOPPED, Reason.INVALID
        packet.detail = "\n".join(f"{fault.path}: {fault.message}" for fault in faults)
    elif portal.require_attachment and qd1705.lacks_files(plain):
        packet.state, packet.reason = PacketState.STOPPED, Reason.NO_ATTACHMENT


def build(kind: Kind, source: Source, packet: Packet | None = None) -> dict[str, Any]:
    """The packet of `source` as plain data in the standard's own form, with nothing in its texts that is never sent.

    With `packet`, its marks stand for the files' content.
    """
    with translation.override("vi"):
        match kind, source:
            case Kind.DOCUMENT, Dossier():
                built: msgspec.Struct = qd1705.document(
                    source, lambda attachment: mark(packet.key, attachment.ordinal) if packet else ""
                )
            case Kind.TRACE, Transition():
                built = qd1705.trace(source)
            case Kind.EVENT, Transition() if packet:
                built = messages.event(source, packet.key, packet.portal.partner_id)
            case Kind.VOTE, Publication():
                built = qd1705.votes(source)
            case Kind.STATISTIC, Publication():
                built = qd1705.statistic(source)
            case _:
                raise TypeError(f"no {kind} packet is made of a {type(source).__name__}")
    plain: dict[str, Any] = sendable(msgspec.to_builtins(built))
    return plain


def encode(kind: str, plain: dict[str, Any], variation: Variation = STANDARD) -> str:
    """As JSON, in the portal's way where that differs from the standard."""
    return msgspec.json.encode(variation.applied(kind, plain)).decode()
