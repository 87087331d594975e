"""A whole dialect in one file: of each move its receiver wants a short note, signed, and says “thanks” for it."""

from __future__ import annotations

import hmac
import ssl
from collections.abc import Sequence

from django.db.models import Q

from onestop.dossiers.models import Transition
from packets.dialects.base import Client, Dialect, Fate, Outgoing, Record
from packets.http.addresses import Networks
from packets.http.client import Acceptance, HttpClient, HttpReply, PortalError
from packets.models import Packet, Portal
from packets.models.kinds import MadeOf, PacketKind
from packets.models.reasons import Reason


class Toy(Dialect):
    code = "toy"
    label = "giấy nhắn"
    kinds = (PacketKind("note", "giấy nhắn", MadeOf.MOVE),)
    uses_token = False
    switches = {"success_field": "Không dùng."}
    field_names = {"says": "nội dung nhắn"}

    def moves(self, portal: Portal) -> Q:
        return Q(accepted=True)

    def build(self, kind: str, record: Record, packet: Packet | None) -> dict[str, str]:
        assert isinstance(record, Transition)
        return {"of": record.dossier.code or "", "says": record.move}

    def client(self, tls: ssl.SSLContext | None = None) -> Client:
        return ToyClient(5, Networks.PORTALS, tls)


class ToyClient(HttpClient, Client):
    def send(self, portal: Portal, batch: Sequence[Outgoing], token: str) -> list[Fate]:
        (outgoing,) = batch
        content = b"".join(outgoing.body)
        headers = {
            "Note-Key": str(outgoing.packet.key),
            "Signature": hmac.new(portal.client_secret.encode(), content, "sha256").hexdigest(),
        }
        return [read(self.ask("POST", f"{portal.base_url}/notes", 5, content=content, headers=headers))]


def read(reply: HttpReply) -> Fate:
    """Taken only if thanked for; 422 refuses this note, with why; anything else is no answer to it."""
    if reply.text == "thanks":
        return Acceptance(reply.status, reply.excerpt)
    if reply.status == 422:
        return PortalError(
            Reason.REFUSED, reply.excerpt, permanent=True, counts_against_receiver=False, http_status=reply.status
        )
    return PortalError(Reason.UNREADABLE_REPLY, reply.excerpt, http_status=reply.status)
