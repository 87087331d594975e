"""Sends one request to a receiver of packets and reads the answer, within bounds of time and size.

Uses no database, and does not interpret the answer. Failures of the network become PortalError.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message as HeaderFields
from email.utils import parsedate_to_datetime
from typing import TypedDict, Unpack

import httpx2
from django.utils import timezone

from onestop.common.input.text import NOT_IN_A_LINE
from packets.models.reasons import UNANSWERED, Reason

from .addresses import Forbidden, Networks
from .transport import Transport, answered_within

CONNECT_SECONDS = 5
# At most so many bytes of an answer are read.
REPLY_MAX = 64 * 1024
REPLY_EXCERPT = 300
# How many characters of an answer are examined to make the excerpt.
LOOKED_AT = 10 * REPLY_EXCERPT
LONGEST_RETRY_AFTER = timedelta(days=1)


class PortalError(Exception):
    """The receiver did not take the packet. `permanent`: trying again as it is will not help.

    `counts_against_receiver`: the cause is the receiver and not this packet, so other packets would fail as well.
    `may_have_arrived`: the receiver may have taken the packet although its answer is not known; by default the reason
    decides.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        permanent: bool = False,
        counts_against_receiver: bool = True,
        http_status: int | None = None,
        retry_after: timedelta | None = None,
        may_have_arrived: bool | None = None,
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.permanent = permanent
        self.counts_against_receiver = counts_against_receiver
        self.http_status = http_status
        self.retry_after = retry_after
        self.may_have_arrived = reason in UNANSWERED if may_have_arrived is None else may_have_arrived


@dataclass(frozen=True)
class Acceptance:
    """The receiver took the packet; `excerpt` is from its answer."""

    http_status: int
    excerpt: str


@dataclass(frozen=True)
class HttpReply:
    status: int
    headers: httpx2.Headers
    content: bytes

    @property
    def text(self) -> str:
        return decoded(self.content, self.headers.get("Content-Type", ""))

    @property
    def is_success(self) -> bool:
        return 200 <= self.status <= 299

    @property
    def excerpt(self) -> str:
        return beginning(self.text)

    @property
    def retry_after(self) -> timedelta | None:
        """`Retry-After` in either of its forms, seconds or a date; None where it is absent or makes no sense."""
        value = self.headers.get("Retry-After", "")
        try:
            if value.isdigit():
                wait = timedelta(seconds=int(value))
            else:
                # By the receiver's own clock, because ours may differ.
                its_now = self.headers.get("Date")
                wait = parsedate_to_datetime(value) - (parsedate_to_datetime(its_now) if its_now else timezone.now())
        except (TypeError, ValueError, OverflowError):
            return None
        return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)


class Request(TypedDict, total=False):
    """The content and headers of a request."""

    content: bytes | Iterator[bytes]
    data: Mapping[str, str]
    headers: Mapping[str, str]


class HttpClient:
    """A connection that is kept between requests, without a proxy and only to allowed addresses. For one thread.

    A proxy would look names up again after they were checked here, so the environment's proxies are ignored.
    """

    def __init__(self, read_seconds: float, networks: Networks, tls: ssl.SSLContext | None = None) -> None:
        """`read_seconds`: between two pieces of a large request, or until the answer begins.

        `tls` may be shared, because it takes long to make. The environment names the office's own authorities.
        """
        self.http = httpx2.Client(
            timeout=httpx2.Timeout(read_seconds, connect=CONNECT_SECONDS),
            transport=Transport(networks, tls or httpx2.create_ssl_context()),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self.http.close()

    def ask(
        self, method: str, url: httpx2.URL | str, seconds: float, *, most: int = REPLY_MAX, **request: Unpack[Request]
    ) -> HttpReply:
        """The reply, of which up to `most` bytes are read within `seconds`. Raises PortalError without one."""
        with (
            network_errors(),
            answered_within(seconds),
            self.http.stream(method, url, **request) as response,
        ):
            content = b""
            for piece in response.iter_bytes():
                content += piece
                if len(content) > most and response.is_success:
                    raise PortalError(Reason.UNREADABLE_REPLY, "trả lời quá dài", http_status=response.status_code)
                if len(content) > most:
                    # The status of a failure suffices.
                    break
            return HttpReply(response.status_code, response.headers, content)


@contextmanager
def network_errors() -> Iterator[None]:
    """Turns failures below HTTP into PortalError."""
    try:
        yield
    except Forbidden as error:
        raise PortalError(Reason.FORBIDDEN_ADDRESS, str(error)) from error
    except httpx2.ConnectError as error:
        # The client wraps the error of a failed name look-up, so look through its causes.
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, socket.gaierror):
            cause = cause.__cause__ or cause.__context__
        reason = Reason.UNREACHABLE if cause is None else Reason.UNKNOWN_HOST
        raise PortalError(reason, beginning(str(error)), may_have_arrived=False) from error
    except httpx2.ConnectTimeout as error:
        raise PortalError(Reason.TIMEOUT, type(error).__name__, may_have_arrived=False) from error
    except httpx2.TimeoutException as error:
        raise PortalError(Reason.TIMEOUT, type(error).__name__) from error
    except httpx2.HTTPError as error:
        raise PortalError(Reason.UNREACHABLE, beginning(f"{type(error).__name__}: {error}")) from error
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise PortalError(Reason.UNKNOWN_HOST, beginning(str(error))) from error


def beginning(text: str) -> str:
    """The beginning of a reply, for people; long numbers, which may be personal data, are replaced by “…”.

    Control characters, marks that change the direction of reading and surrogates, which JSON can contain, are removed,
    so that every database can store it and every page can show it.
    """
    kept = NOT_IN_A_LINE.sub(" ", text[:LOOKED_AT].encode(errors="replace").decode())
    return re.sub(r"\d{6,}", "…", " ".join(kept.split()))[:REPLY_EXCERPT]


def decoded(content: bytes, content_type: str) -> str:
    """The text of an answer, in the charset that it really has: by its byte order mark, by the pattern of JSON in
    UTF-16 and UTF-32, by its header, or UTF-8. Bytes that no charset explains are replaced.
    """
    head = HeaderFields()
    head["Content-Type"] = content_type
    guessed = json.detect_encoding(content)
    for charset in (guessed if guessed != "utf-8" else "", head.get_content_charset(""), "utf-8"):
        # The charset may be unknown, or not the text's.
        with suppress(LookupError, ValueError):
            return content.decode(charset).removeprefix("\ufeff")
    return content.decode(errors="replace")
