"""The HTTP client of a portal: signs in, sends one packet, reads the answer. Knows no database."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2

from .addresses import Networks
from .asking import Answer, PortalError, Reply, network_faults
from .body import Body
from .deadline import set_deadline
from .dialects.qd1705 import PATHS
from .gated import GatedAsker
from .models import Packet, Portal
from .reasons import Reason

# Between two pieces of a large packet, or until the answer begins.
READ_SECONDS = 30
# From the last byte sent to the last of the answer; for the sending of a large packet.
ANSWER_SECONDS = 60
UPLOAD_SECONDS = 30 * 60
LEDGER_PAGE, LEDGER_PAGE_MAX = 1000, 8 * 1024 * 1024
ALREADY_THERE = re.compile(r"đã tồn tại|already exist|duplicate", re.IGNORECASE)


@dataclass(frozen=True)
class Holding:
    """A packet that the portal says it took. `code` is the dossier's; `digest` the SHA-256 of the body."""

    key: str
    digest: str
    kind: str
    code: str


class PortalClient(GatedAsker):
    """A connection to a portal, straight and only where an allowed address leads."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(READ_SECONDS, Networks.PORTALS, tls)

    def send(self, portal: Portal, packet: Packet, body: Body, token: str) -> Answer:
        """Delivers `packet`. Raises PortalError."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(body.length()),
            "Idempotency-Key": str(packet.key),
        }
        url = portal.base_url.rstrip("/") + PATHS[packet.kind]
        content, seconds = _content(body)
        return _read(self.ask("POST", url, seconds, content=content, headers=headers), portal.success_statuses)

    def holdings(self, portal: Portal, token: str) -> Iterator[Holding]:
        """Everything that the portal says it took, oldest first, asked for page by page. Raises PortalError."""
        headers, after = {"Authorization": f"Bearer {token}"}, 0
        while True:
            with network_faults():
                asked = {"after": after, "limit": LEDGER_PAGE, "bodies": 0}
                url = httpx2.URL(portal.ledger_url).copy_merge_params(asked)
            reply = self.ask("GET", url, ANSWER_SECONDS, most=LEDGER_PAGE_MAX, headers=headers)
            if not reply.is_success:
                raise _http_fault(reply)
            said = _json_object(reply)
            arrivals, last = said.get("arrivals"), said.get("last")
            if not isinstance(arrivals, list) or not isinstance(last, int):
                raise PortalError(Reason.GARBAGE, "không thấy arrivals, last", http_status=reply.status)
            if not arrivals or last <= after:
                return
            yield from filter(None, map(_holding, arrivals))
            after = last

    def sign_in(self, portal: Portal) -> tuple[str, timedelta]:
        """A new token and how long it holds. Raises PortalError."""
        form = {
            "grant_type": "client_credentials",
            "client_id": portal.client_id,
            "client_secret": portal.client_secret,
        }
        reply = self.ask("POST", portal.token_url, ANSWER_SECONDS, data=form, headers={"Accept": "application/json"})
        if reply.status in (400, 401, 403):
            raise PortalError(Reason.LOGIN, http_status=reply.status)
        if not reply.is_success:
            fault = _http_fault(reply)
            # Whatever is wrong there, it is not with the packets that wait for the token.
            fault.permanent, fault.its_fault = False, True
            raise fault
        said = _json_object(reply)
        token, seconds = said.get("access_token"), said.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int | float):
            raise PortalError(Reason.GARBAGE, "không thấy access_token, expires_in", http_status=reply.status)
        return token, timedelta(seconds=seconds)


def _holding(arrival: Any) -> Holding | None:
    """None for what was refused, and for what is no packet."""
    if not isinstance(arrival, dict) or arrival.get("outcome") != "accepted" or arrival.get("kind") not in PATHS:
        return None
    return Holding(*(str(arrival.get(name) or "") for name in ("key", "digest", "kind", "code")))


def _content(body: Body) -> tuple[bytes | Iterator[bytes], float]:
    """What the client is to send, and the time it has: a packet with files goes piece by piece, and may take long."""
    if not body.has_files():
        return b"".join(body), ANSWER_SECONDS

    def pieces() -> Iterator[bytes]:
        yield from body
        set_deadline(ANSWER_SECONDS)

    return pieces(), UPLOAD_SECONDS


def _read(reply: Reply, success_statuses: list[int]) -> Answer:
    """Success is 2xx with nothing, or with a reply whose Status is absent or one that this portal means well."""
    excerpt = reply.excerpt
    if not reply.is_success:
        if ALREADY_THERE.search(reply.text):
            return Answer(reply.status, excerpt)
        raise _http_fault(reply)
    if not reply.content.strip():
        return Answer(reply.status, "")
    said = _json_object(reply)
    status, message = said.get("Status"), str(said.get("Message") or "")
    if status is None or status in success_statuses or ALREADY_THERE.search(message):
        return Answer(reply.status, excerpt)
    if isinstance(status, int) and (status == 429 or 500 <= status <= 599):
        raise PortalError(Reason.SERVER_ERROR, excerpt, http_status=reply.status)
    raise _refusal(excerpt, reply.status)


def _http_fault(reply: Reply) -> PortalError:
    """Other 4xx say that this packet will never do; all else may pass."""
    code, excerpt = reply.status, reply.excerpt
    if code == 429:
        return PortalError(Reason.BUSY, excerpt, http_status=code, retry_after=reply.retry_after)
    if code == 401:
        return PortalError(Reason.TOKEN, excerpt, http_status=code)
    if code == 408:
        return PortalError(Reason.TIMEOUT, excerpt, http_status=code)
    if 400 <= code <= 499:
        return _refusal(excerpt, code)
    if code >= 500:
        return PortalError(Reason.SERVER_ERROR, excerpt, http_status=code, retry_after=reply.retry_after)
    # A redirect is somebody else's answer: the address is wrong, or something stands between.
    return PortalError(Reason.GARBAGE, excerpt, http_status=code)


def _refusal(excerpt: str, http_status: int) -> PortalError:
    return PortalError(Reason.REFUSED, excerpt, permanent=True, its_fault=False, http_status=http_status)


def _json_object(reply: Reply) -> dict[str, Any]:
    try:
        said = json.loads(reply.content)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise PortalError(Reason.GARBAGE, reply.excerpt, http_status=reply.status)
    return said
