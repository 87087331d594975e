"""The HTTP client of a portal: signs in, sends one packet, reads the answer. Knows no database."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2

from packets.http.addresses import Networks
from packets.http.client import Acceptance, HttpReply, PortalError, beginning, network_faults
from packets.http.guarded import GuardedClient
from packets.http.total_timeout import set_deadline
from packets.models import Packet, Portal
from packets.models.reasons import Reason
from packets.queue.payload import Body

from . import oauth
from .build import PATHS
from .replies import ReplyRule, read

# Between two pieces of a large packet, or until the answer begins.
READ_SECONDS = 30
# From the last byte sent to the last of the answer; for the sending of a large packet.
ANSWER_SECONDS = 60
UPLOAD_SECONDS = 30 * 60
# Some portals send the whole packet back.
ANSWER_MAX = 4 * 1024 * 1024
LEDGER_PAGE, LEDGER_PAGE_MAX = 1000, 8 * 1024 * 1024


@dataclass(frozen=True)
class LedgerEntry:
    """A packet that the portal says it took. `code` is the dossier's; `digest` the SHA-256 of the body."""

    key: str
    digest: str
    kind: str
    code: str


class PortalClient(GuardedClient):
    """A connection to a portal, straight and only where an allowed address leads."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(READ_SECONDS, Networks.PORTALS, tls)

    def send(self, portal: Portal, packet: Packet, body: Body, token: str, repeat: bool = False) -> Acceptance:
        """Delivers `packet`; `repeat` as `replies.read` has it. Raises PortalError."""
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(body.length()),
            "Idempotency-Key": str(packet.key),
        }
        url = portal.base_url.rstrip("/") + PATHS[packet.kind]
        content, seconds = _content(body)
        reply = self.ask("POST", url, seconds, most=ANSWER_MAX, content=content, headers=headers)
        return _answer(portal, reply, repeat)

    def holdings(self, portal: Portal, token: str) -> Iterator[LedgerEntry]:
        """Everything that the portal says it took, oldest first, asked for page by page. Raises PortalError."""
        headers, after = {"Authorization": f"Bearer {token}"}, 0
        while True:
            with network_faults():
                asked = {"after": after, "limit": LEDGER_PAGE, "bodies": 0}
                url = httpx2.URL(portal.ledger_url).copy_merge_params(asked)
            reply = self.ask("GET", url, ANSWER_SECONDS, most=LEDGER_PAGE_MAX, headers=headers)
            if not reply.is_success:
                raise _no_answer(reply)
            said = _json_object(reply)
            arrivals, last = said.get("arrivals"), said.get("last")
            if not isinstance(arrivals, list) or not isinstance(last, int):
                raise PortalError(Reason.UNREADABLE_REPLY, "không thấy arrivals, last", http_status=reply.status)
            if not arrivals or last <= after:
                return
            yield from filter(None, map(_holding, arrivals))
            after = last

    def sign_in(self, portal: Portal) -> tuple[str, timedelta]:
        """A new token and how long it holds. Raises PortalError."""
        asked = oauth.request(portal)
        reply = self.ask("POST", portal.token_url, ANSWER_SECONDS, data=asked.form, headers=asked.headers)
        if reply.is_success:
            return oauth.token_in(reply.text, reply.status)
        if reply.status in (400, 401) or (reply.status == 403 and oauth.error_in(reply.text)):
            raise PortalError(Reason.LOGIN, oauth.error_in(reply.text), http_status=reply.status)
        raise _no_answer(reply)


def _holding(arrival: Any) -> LedgerEntry | None:
    """None for what was refused, and for what is no packet."""
    if not isinstance(arrival, dict) or arrival.get("outcome") != "accepted" or arrival.get("kind") not in PATHS:
        return None
    return LedgerEntry(*(str(arrival.get(name) or "") for name in ("key", "digest", "kind", "code")))


def _content(body: Body) -> tuple[bytes | Iterator[bytes], float]:
    """What the client is to send, and the time it has: a packet with files goes piece by piece, and may take long."""
    if not body.has_files():
        return b"".join(body), ANSWER_SECONDS

    def pieces() -> Iterator[bytes]:
        yield from body
        set_deadline(ANSWER_SECONDS)

    return pieces(), UPLOAD_SECONDS


def _answer(portal: Portal, reply: HttpReply, repeat: bool) -> Acceptance:
    """Raises PortalError unless the reply says that the packet was taken; what it says is the dialect's to read."""
    rule = ReplyRule(portal.success_statuses, portal.success_field)
    verdict = read(reply.status, reply.text, rule, repeat=repeat)
    if verdict.reason is None:
        return Acceptance(reply.status, reply.excerpt)
    raise _fault(reply, verdict.reason, beginning(verdict.said))


def _fault(reply: HttpReply, reason: Reason, said: str) -> PortalError:
    of_the_packet = reason in (Reason.REFUSED, Reason.ALREADY_HELD)
    return PortalError(
        reason,
        said,
        permanent=of_the_packet,
        receiver_at_fault=not of_the_packet,
        http_status=reply.status,
        retry_after=reply.retry_after if reason in (Reason.BUSY, Reason.SERVER_ERROR) else None,
    )


def _no_answer(reply: HttpReply) -> PortalError:
    """Of a reply to another request than a packet: what its status alone says. Nothing is wrong with any packet."""
    reason = read(reply.status, "", ReplyRule(())).reason or Reason.UNREADABLE_REPLY
    if reason == Reason.REFUSED:
        reason = Reason.CONFIGURATION
    return _fault(reply, reason, reply.excerpt)


def _json_object(reply: HttpReply) -> dict[str, Any]:
    try:
        said = json.loads(reply.content)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise PortalError(Reason.UNREADABLE_REPLY, reply.excerpt, http_status=reply.status)
    return said
