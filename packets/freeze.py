"""From a record to a packet's frozen text: built in the portal's dialect, checked, then written as JSON once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from django.db import DatabaseError
from django.utils import translation

from onestop.dossiers.models import Dossier, Transition
from onestop.statistics.models import Publication

from .body import mark
from .dialects import qd1705, webhook
from .mishaps import described
from .models import Kind, Packet, PacketState, Portal
from .reasons import Reason
from .schemas import check

log = logging.getLogger(__name__)

Source = Dossier | Transition | Publication


def freeze(packet: Packet, portal: Portal, source: Source) -> None:
    """Writes `packet.body` from `source`; one that would be wrong stops here, before anything is sent, with why."""
    try:
        plain = build(Kind(packet.kind), source, packet)
        packet.body = encode(plain, portal.aliases, portal.codes)
    except DatabaseError:
        raise
    except Exception as error:  # one record that nobody thought of must not keep all others from being reported
        log.error("a %s packet cannot be built of #%s: %s", packet.kind, source.pk, described(error))
        packet.body, packet.state, packet.reason = "", PacketState.STOPPED, Reason.UNBUILT
        packet.detail = type(error).__name__
        return
    packet.state, packet.reason, packet.detail = PacketState.READY, "", ""
    if faults := check(packet.kind, qd1705.without_content(plain)):
        packet.state, packet.reason = PacketState.STOPPED, Reason.INVALID
        packet.detail = "\n".join(f"{fault.path}: {fault.message}" for fault in faults)
    elif portal.require_attachment and qd1705.lacks_files(plain):
        packet.state, packet.reason = PacketState.STOPPED, Reason.NO_ATTACHMENT


def build(kind: Kind, source: Source, packet: Packet | None = None) -> dict[str, Any]:
    """The packet of `source` as plain data. With `packet`, its marks stand for the files' content."""
    with translation.override("vi"):
        match kind, source:
            case Kind.DOCUMENT, Dossier():
                built: msgspec.Struct = qd1705.document(
                    source, lambda attachment: mark(packet.key, attachment.ordinal) if packet else ""
                )
            case Kind.TRACE, Transition():
                built = qd1705.trace(source)
            case Kind.EVENT, Transition() if packet:
                built = webhook.event(source, packet.key, packet.portal.partner_id)
            case Kind.VOTE, Publication():
                built = qd1705.votes(source)
            case Kind.STATISTIC, Publication():
                built = qd1705.statistic(source)
            case _:
                raise TypeError(f"no {kind} packet is made of a {type(source).__name__}")
    plain: dict[str, Any] = msgspec.to_builtins(built)
    return plain


def encode(plain: dict[str, Any], aliases: Mapping[str, str], codes: Mapping[str, Mapping[str, Any]]) -> str:
    """As JSON, with what a portal calls or numbers otherwise in the portal's way."""
    return msgspec.json.encode(_translated(plain, aliases, codes)).decode()


def _translated(value: Any, aliases: Mapping[str, str], codes: Mapping[str, Mapping[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_translated(item, aliases, codes) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        aliases.get(name, name): codes[name].get(str(item), item)
        if name in codes
        else _translated(item, aliases, codes)
        for name, item in value.items()
    }
