"""A dialect whose messages carry up to ten records, each with a fate of its own in the receiver's reply."""

from __future__ import annotations

import json
import ssl
from collections.abc import Sequence

from django.db.models import Q

from onestop.dossiers.models import Dossier, Transition
from packets.dialects.base import Client, Dialect, Fate, JsonObject, Outgoing, Record
from packets.http.addresses import Networks
from packets.http.client import Acceptance, HttpClient, HttpReply, PortalError
from packets.models import Packet, Portal
from packets.models.kinds import MadeOf, PacketKind
from packets.models.reasons import Reason
from packets.queue.payload import mark


class ToyBatch(Dialect):
    code = "toy-batch"
    label = "từng mẻ mười bản ghi"
    kinds = (PacketKind("card", "thẻ hồ sơ", MadeOf.DOSSIER), PacketKind("step", "bước", MadeOf.MOVE))
    uses_token = False
    batch = 10

    def moves(self, portal: Portal) -> Q:
        return Q(accepted=True)

    def build(self, kind: str, record: Record, packet: Packet | None) -> JsonObject:
        match record:
            case Dossier():
                files = record.attachments.all() if packet else ()
                return {"code": record.code, "scans": [mark(packet.key, file.ordinal) for file in files if packet]}
            case Transition():
                return {"code": record.dossier.code, "move": record.move}
        raise TypeError(f"no {kind} is made of figures")

    def client(self, tls: ssl.SSLContext | None = None) -> Client:
        return ToyBatchClient(5, Networks.PORTALS, tls)


class ToyBatchClient(HttpClient, Client):
    def send(self, portal: Portal, batch: Sequence[Outgoing], token: str) -> list[Fate]:
        kind = batch[0].packet.kind
        records = (f'{{"key": "{each.packet.key}", "{kind}": '.encode() + b"".join(each.body) + b"}" for each in batch)
        content = b"[" + b",".join(records) + b"]"
        return read(self.ask("POST", f"{portal.base_url}/{kind}s", 5, content=content), batch)


def read(reply: HttpReply, batch: Sequence[Outgoing]) -> list[Fate]:
    """The reply names keys: with "ok", or with why not. A record that it does not name was not answered."""
    if not reply.is_success:
        raise PortalError(Reason.SERVER_ERROR, reply.excerpt, http_status=reply.status)
    said = json.loads(reply.text)
    return [_fate(said.get(str(each.packet.key)), reply.status) for each in batch]


def _fate(words: str | None, status: int) -> Fate:
    if words == "ok":
        return Acceptance(status, words)
    if words is None:
        return PortalError(Reason.UNREADABLE_REPLY, "not named", counts_against_receiver=False, http_status=status)
    return PortalError(Reason.REFUSED, words, permanent=True, counts_against_receiver=False, http_status=status)
