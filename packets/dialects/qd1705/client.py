"""The HTTP client of a portal: signs in, sends one packet, reads the answer. Uses no database."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Sequence
from datetime import timedelta

import httpx2

from packets.dialects.base import Client, LedgerEntry, Outgoing
from packets.http.addresses import Networks
from packets.http.client import Acceptance, HttpClient, HttpReply, PortalError, beginning, network_errors
from packets.http.transport import set_deadline
from packets.models import Portal
from packets.models.reasons import Reason
from packets.queue.payload import Body

from . import oauth
from .replies import ReplyRule, read

# The limit between two pieces of a large packet, and until the answer begins.
READ_SECONDS = 30
# The limit from the last byte sent to the last of the answer, and for sending a large packet.
ANSWER_SECONDS = 60
UPLOAD_SECONDS = 30 * 60
# Some portals send the whole packet back.
ANSWER_MAX = 4 * 1024 * 1024
LEDGER_PAGE, LEDGER_PAGE_MAX = 1000, 8 * 1024 * 1024


# The address of each kind of packet, below a portal's base address.
PATHS = {
    "document": "/Document/SyncDocument",
    "trace": "/Document/UpdateDocumentTraces",
    "vote": "/Vote/UpdateVote",
    "statistic": "/Statistic/UpdateStatistic",
}


class PortalClient(HttpClient, Client):
    """A connection to a portal, without a proxy and only to allowed addresses."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(READ_SECONDS, Networks.PORTALS, tls)

    def send(self, portal: Portal, batch: Sequence[Outgoing], token: str) -> list[Acceptance]:
        """Delivers the one packet that a message of this standard carries. Raises PortalError."""
        (outgoing,) = batch
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(outgoing.body.length()),
            "Idempotency-Key": str(outgoing.packet.key),
        }
        url = portal.base_url.rstrip("/") + PATHS[outgoing.packet.kind]
        content, seconds = _content(outgoing.body)
        reply = self.ask("POST", url, seconds, most=ANSWER_MAX, content=content, headers=headers)
        rule = ReplyRule(portal.success_statuses, portal.success_field)
        verdict = read(reply.status, reply.text, rule, repeat=outgoing.is_repeat)
        if verdict.reason is not None:
            raise _failure(reply, verdict.reason, beginning(verdict.words))
        return [Acceptance(reply.status, reply.excerpt)]

    def ledger(self, portal: Portal, token: str) -> Iterator[LedgerEntry]:
        """Everything that the portal says it took, oldest first, requested page by page. Raises PortalError."""
        headers, after = {"Authorization": f"Bearer {token}"}, 0
        while True:
            with network_errors():
                query = {"after": after, "limit": LEDGER_PAGE, "bodies": 0}
                url = httpx2.URL(portal.ledger_url).copy_merge_params(query)
            reply = self.ask("GET", url, ANSWER_SECONDS, most=LEDGER_PAGE_MAX, headers=headers)
            if not reply.is_success:
                raise _no_answer(reply)
            answer = _json_object(reply)
            arrivals, last = answer.get("arrivals"), answer.get("last")
            if not isinstance(arrivals, list) or not isinstance(last, int):
                raise PortalError(Reason.UNREADABLE_REPLY, "không thấy arrivals, last", http_status=reply.status)
            if not arrivals or last <= after:
                return
            yield from filter(None, map(_entry, arrivals))
            after = last

    def sign_in(self, portal: Portal) -> tuple[str, timedelta]:
        """A new token and how long it holds. Raises PortalError."""
        request = oauth.request(portal)
        reply = self.ask("POST", portal.token_url, ANSWER_SECONDS, data=request.form, headers=request.headers)
        if reply.is_success:
            return oauth.token_in(reply.text, reply.status)
        if reply.status in (400, 401) or (reply.status == 403 and oauth.error_in(reply.text)):
            raise PortalError(Reason.LOGIN, oauth.error_in(reply.text), http_status=reply.status)
        raise _no_answer(reply)


def _entry(arrival: object) -> LedgerEntry | None:
    """An accepted packet of the ledger; None for a refused one, and for requests without a packet."""
    if not isinstance(arrival, dict) or arrival.get("outcome") != "accepted" or arrival.get("kind") not in PATHS:
        return None
    return LedgerEntry(*(str(arrival.get(name) or "") for name in ("key", "digest", "kind", "code")))


def _content(body: Body) -> tuple[bytes | Iterator[bytes], float]:
    """What the client sends, and the time limit: a packet with files is sent piece by piece and may take long."""
    if not body.has_files():
        return b"".join(body), ANSWER_SECONDS

    def pieces() -> Iterator[bytes]:
        yield from body
        set_deadline(ANSWER_SECONDS)

    return pieces(), UPLOAD_SECONDS


def _failure(reply: HttpReply, reason: Reason, detail: str) -> PortalError:
    of_the_packet = reason in (Reason.REFUSED, Reason.ALREADY_HELD)
    return PortalError(
        reason,
        detail,
        permanent=of_the_packet,
        counts_against_receiver=not of_the_packet,
        http_status=reply.status,
        retry_after=reply.retry_after if reason in (Reason.BUSY, Reason.SERVER_ERROR) else None,
    )


def _no_answer(reply: HttpReply) -> PortalError:
    """The error for a failed request without a packet, by the status alone. It never refuses a packet."""
    reason = read(reply.status, "", ReplyRule(())).reason or Reason.UNREADABLE_REPLY
    if reason == Reason.REFUSED:
        reason = Reason.CONFIGURATION
    return _failure(reply, reason, reply.excerpt)


def _json_object(reply: HttpReply) -> dict[str, object]:
    try:
        answer = json.loads(reply.content)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise PortalError(Reason.UNREADABLE_REPLY, reply.excerpt, http_status=reply.status)
    return answer
