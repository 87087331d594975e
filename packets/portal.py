"""The HTTP client of a portal: signs in, sends one packet, reads the answer."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self

import httpx2
from django.utils import timezone

from .body import Body
from .dialects.qd1705 import PATHS
from .models import Packet, Portal
from .reasons import Reason

CONNECT_SECONDS = 5
# Between two pieces of a large packet, or until the answer begins.
READ_SECONDS = 30
# A token is renewed this long before its end, so that none runs out on the way.
TOKEN_MARGIN = timedelta(seconds=30)
REPLY_EXCERPT = 300
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


class PortalClient:
    """One portal, connections kept between packets. Use as a context manager."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        self._http = httpx2.Client(timeout=timeout, follow_redirects=False)
        self._token = ""
        self._token_until = timezone.now()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._http.close()

    def send(self, packet: Packet, body: Body) -> Answer:
        """Delivers `packet`. Raises PortalError; a token that is refused is renewed once."""
        response = self._post(packet, body)
        if response.status_code == 401:
            self._token = ""
            response = self._post(packet, body)
        return self._read(response)

    def _post(self, packet: Packet, body: Body) -> httpx2.Response:
        headers = {
            "Authorization": f"Bearer {self._valid_token()}",
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(body.length()),
            "Idempotency-Key": str(packet.key),
        }
        url = self.portal.base_url.rstrip("/") + PATHS[packet.kind]
        with _network_faults():
            return self._http.post(url, content=body, headers=headers)

    def _valid_token(self) -> str:
        if not self._token or timezone.now() >= self._token_until:
            self._sign_in()
        return self._token

    def _sign_in(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.portal.client_id,
            "client_secret": self.portal.client_secret,
        }
        with _network_faults():
            response = self._http.post(self.portal.token_url, data=form, headers={"Accept": "application/json"})
        if response.status_code in (400, 401, 403):
            raise PortalError(Reason.LOGIN, http_status=response.status_code)
        if not response.is_success:
            raise _http_fault(response)
        reply = _json_object(response)
        token = reply.get("access_token")
        seconds = reply.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int | float):
            raise PortalError(Reason.GARBAGE, "không thấy access_token, expires_in", http_status=response.status_code)
        self._token = token
        self._token_until = timezone.now() + timedelta(seconds=seconds) - TOKEN_MARGIN

    def _read(self, response: httpx2.Response) -> Answer:
        """Success is 2xx with nothing, or with a reply whose Status is absent or one that this portal means well."""
        excerpt = _excerpt(response.text)
        if not response.is_success:
            if ALREADY_THERE.search(response.text):
                return Answer(response.status_code, excerpt)
            raise _http_fault(response)
        if not response.content.strip():
            return Answer(response.status_code, "")
        reply = _json_object(response)
        status, message = reply.get("Status"), str(reply.get("Message") or "")
        if status is None or status in self.portal.success_statuses or ALREADY_THERE.search(message):
            return Answer(response.status_code, excerpt)
        if isinstance(status, int) and (status == 429 or 500 <= status <= 599):
            raise PortalError(Reason.SERVER_ERROR, excerpt, http_status=response.status_code)
        raise _refusal(excerpt, response.status_code)


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


def _http_fault(response: httpx2.Response) -> PortalError:
    """Other 4xx say that this packet will never do; all else may pass."""
    code, excerpt = response.status_code, _excerpt(response.text)
    if code == 429:
        return PortalError(Reason.BUSY, excerpt, http_status=code, retry_after=_retry_after(response))
    if code == 401:
        return PortalError(Reason.LOGIN, excerpt, http_status=code)
    if code == 408:
        return PortalError(Reason.TIMEOUT, excerpt, http_status=code)
    if 400 <= code <= 499:
        return _refusal(excerpt, code)
    if code >= 500:
        return PortalError(Reason.SERVER_ERROR, excerpt, http_status=code, retry_after=_retry_after(response))
    # A redirect is somebody else's answer: the address is wrong, or something stands between.
    return PortalError(Reason.GARBAGE, excerpt, http_status=code)


def _refusal(excerpt: str, http_status: int) -> PortalError:
    return PortalError(Reason.REFUSED, excerpt, permanent=True, its_fault=False, http_status=http_status)


def _retry_after(response: httpx2.Response) -> timedelta | None:
    """`Retry-After` in either of its forms, seconds or a date; None where it is absent or makes no sense."""
    value = response.headers.get("Retry-After", "")
    if value.isdigit():
        return timedelta(seconds=min(int(value), 86_400))
    try:
        at: datetime = parsedate_to_datetime(value)
        return max(at - timezone.now(), timedelta())
    except (TypeError, ValueError):
        return None


def _json_object(response: httpx2.Response) -> dict[str, Any]:
    try:
        reply = json.loads(response.content)
    except ValueError:
        reply = None
    if not isinstance(reply, dict):
        raise PortalError(Reason.GARBAGE, _excerpt(response.text), http_status=response.status_code)
    return reply


def _excerpt(text: str) -> str:
    """The beginning of a reply, for people; long numbers, which may be somebody's, are struck out."""
    return re.sub(r"\d{6,}", "…", " ".join(text.split()))[:REPLY_EXCERPT].replace("\x00", "")
