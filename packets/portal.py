"""The HTTP client of a portal: signs in, sends one packet, reads the answer. Knows no database."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
from django.utils import timezone

from .body import Body
from .deadline import answered_within, heed_deadlines, set_deadline
from .dialects.qd1705 import PATHS
from .models import Packet, Portal
from .reasons import Reason

CONNECT_SECONDS = 5
# Between two pieces of a large packet, or until the answer begins.
READ_SECONDS = 30
# From the last byte sent to the last of the answer; for the sending of a large packet.
ANSWER_SECONDS = 60
UPLOAD_SECONDS = 30 * 60
REPLY_MAX = 64 * 1024
REPLY_EXCERPT = 300
LEDGER_PAGE, LEDGER_PAGE_MAX = 1000, 8 * 1024 * 1024
LONGEST_RETRY_AFTER = timedelta(days=1)
ALREADY_THERE = re.compile(r"đã tồn tại|already exist|duplicate", re.IGNORECASE)


class PortalError(Exception):
    """The portal did not take the packet. `permanent`: trying again as it is will not help.

    `its_fault`: the portal, not this packet, is to blame, so others would fare the same.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        permanent: bool = False,
        its_fault: bool = True,
        http_status: int | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.permanent = permanent
        self.its_fault = its_fault
        self.http_status = http_status
        self.retry_after = retry_after


@dataclass(frozen=True)
class Answer:
    """That the packet was taken, in the portal's words."""

    http_status: int
    excerpt: str


@dataclass(frozen=True)
class Holding:
    """A packet that the portal says it took. `code` is the dossier's; `digest` the SHA-256 of the body."""

    key: str
    digest: str
    kind: str
    code: str


@dataclass(frozen=True)
class _Reply:
    status: int
    headers: httpx2.Headers
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    @property
    def is_success(self) -> bool:
        return 200 <= self.status <= 299


class PortalClient:
    """A connection to a portal, kept between packets. For one thread; `tls` may be shared: it takes long to make."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        self._http = httpx2.Client(timeout=timeout, verify=tls or True, follow_redirects=False)
        heed_deadlines(self._http)

    def close(self) -> None:
        self._http.close()

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
        return _read(self._ask("POST", url, seconds, content=content, headers=headers), portal.success_statuses)

    def holdings(self, portal: Portal, token: str) -> Iterator[Holding]:
        """Everything that the portal says it took, oldest first, asked for page by page. Raises PortalError."""
        headers, after = {"Authorization": f"Bearer {token}"}, 0
        while True:
            with _network_faults():
                asked = {"after": after, "limit": LEDGER_PAGE, "bodies": 0}
                url = httpx2.URL(portal.ledger_url).copy_merge_params(asked)
            reply = self._ask("GET", url, ANSWER_SECONDS, most=LEDGER_PAGE_MAX, headers=headers)
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
        reply = self._ask("POST", portal.token_url, ANSWER_SECONDS, data=form, headers={"Accept": "application/json"})
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

    def _ask(
        self, method: str, url: httpx2.URL | str, seconds: float, *, most: int = REPLY_MAX, **request: Any
    ) -> _Reply:
        with (
            _network_faults(),
            answered_within(seconds),
            self._http.stream(method, url, **request) as response,
        ):
            content = b""
            for piece in response.iter_bytes():
                content += piece
                if len(content) > most:
                    raise PortalError(Reason.GARBAGE, "trả lời quá dài", http_status=response.status_code)
            return _Reply(response.status_code, response.headers, content)


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


def _read(reply: _Reply, success_statuses: list[int]) -> Answer:
    """Success is 2xx with nothing, or with a reply whose Status is absent or one that this portal means well."""
    excerpt = _excerpt(reply.text)
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


@contextmanager
def _network_faults() -> Iterator[None]:
    """What may go wrong below HTTP, as PortalError."""
    try:
        yield
    except httpx2.ConnectError as error:
        reason = Reason.UNKNOWN_HOST if _is_name_failure(error) else Reason.UNREACHABLE
        raise PortalError(reason, _excerpt(str(error))) from error
    except httpx2.TimeoutException as error:
        raise PortalError(Reason.TIMEOUT, type(error).__name__) from error
    except httpx2.HTTPError as error:
        raise PortalError(Reason.UNREACHABLE, _excerpt(f"{type(error).__name__}: {error}")) from error
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise PortalError(Reason.UNKNOWN_HOST, _excerpt(str(error))) from error


def _is_name_failure(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, socket.gaierror):
            return True
        error = error.__cause__ or error.__context__
    return False


def _http_fault(reply: _Reply) -> PortalError:
    """Other 4xx say that this packet will never do; all else may pass."""
    code, excerpt = reply.status, _excerpt(reply.text)
    if code == 429:
        return PortalError(Reason.BUSY, excerpt, http_status=code, retry_after=_retry_after(reply))
    if code == 401:
        return PortalError(Reason.TOKEN, excerpt, http_status=code)
    if code == 408:
        return PortalError(Reason.TIMEOUT, excerpt, http_status=code)
    if 400 <= code <= 499:
        return _refusal(excerpt, code)
    if code >= 500:
        return PortalError(Reason.SERVER_ERROR, excerpt, http_status=code, retry_after=_retry_after(reply))
    # A redirect is somebody else's answer: the address is wrong, or something stands between.
    return PortalError(Reason.GARBAGE, excerpt, http_status=code)


def _refusal(excerpt: str, http_status: int) -> PortalError:
    return PortalError(Reason.REFUSED, excerpt, permanent=True, its_fault=False, http_status=http_status)


def _retry_after(reply: _Reply) -> timedelta | None:
    """`Retry-After` in either of its forms, seconds or a date; None where it is absent or makes no sense."""
    value = reply.headers.get("Retry-After", "")
    try:
        if value.isdigit():
            asked = timedelta(seconds=int(value))
        else:
            # By the portal's own clock: ours may differ.
            its_now = reply.headers.get("Date")
            asked = parsedate_to_datetime(value) - (parsedate_to_datetime(its_now) if its_now else timezone.now())
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(asked, timedelta()), LONGEST_RETRY_AFTER)


def _json_object(reply: _Reply) -> dict[str, Any]:
    try:
        said = json.loads(reply.content)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise PortalError(Reason.GARBAGE, _excerpt(reply.text), http_status=reply.status)
    return said


def _excerpt(text: str) -> str:
    """The beginning of a reply, for people; long numbers, which may be somebody's, are struck out."""
    return re.sub(r"\d{6,}", "…", " ".join(text.split()))[:REPLY_EXCERPT].replace("\x00", "")
