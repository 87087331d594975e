"""One request to a receiver of packets and its answer, within bounds of time and size; what may go wrong on the way.

Knows no database, and not what an answer means.
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
# So much is read of an answer; the rest of a longer one is not waited for.
REPLY_MAX = 64 * 1024
REPLY_EXCERPT = 300
# Of which so many characters are looked at.
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
    """That the packet was taken, in the receiver's words."""

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
                # By the receiver's own clock: ours may differ.
                its_now = self.headers.get("Date")
                wait = parsedate_to_datetime(value) - (parsedate_to_datetime(its_now) if its_now else timezone.now())
        except (TypeError, ValueError, OverflowError):
            return None
        return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)


class Request(TypedDict, total=False):
    """What a request carries."""

    content: bytes | Iterator[bytes]
    data: Mapping[str, str]
    headers: Mapping[str, str]


class HttpClient:
    """A connection, kept between requests, straight and only to where an allowed address leads. For one thread.

    A proxy would look names up by itself, after they were judged here, so none of the environment is used.
    """

    def __init__(self, read_seconds: float, networks: Networks, tls: ssl.SSLContext | None = None) -> None:
        """`read_seconds`: between two pieces of a large request, or until the answer begins.

        `tls` may be shared, for it takes long to make. The office's own authorities are named by the environment.
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
                    # Its status has said enough.
                    break
            return HttpReply(response.status_code, response.headers, content)


@contextmanager
def network_errors() -> Iterator[None]:
    """What may go wrong below HTTP, as PortalError."""
    try:
        yield
    except Forbidden as error:
        raise PortalError(Reason.FORBIDDEN_ADDRESS, str(error)) from error
    except httpx2.ConnectError as error:
        reason = Reason.UNKNOWN_HOST if _is_name_failure(error) else Reason.UNREACHABLE
        raise PortalError(reason, beginning(str(error)), may_have_arrived=False) from error
    except httpx2.ConnectTimeout as error:
        raise PortalError(Reason.TIMEOUT, type(error).__name__, may_have_arrived=False) from error
    except httpx2.TimeoutException as error:
        raise PortalError(Reason.TIMEOUT, type(error).__name__) from error
    except httpx2.HTTPError as error:
        raise PortalError(Reason.UNREACHABLE, beginning(f"{type(error).__name__}: {error}")) from error
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise PortalError(Reason.UNKNOWN_HOST, beginning(str(error))) from error


def _is_name_failure(error: BaseException | None) -> bool:
    """Whether the host's name could not be looked up; the client's own error stands before that one."""
    while error is not None and not isinstance(error, socket.gaierror):
        error = error.__cause__ or error.__context__
    return error is not None


def beginning(text: str) -> str:
    """The beginning of a reply, for people; long numbers, which may be somebody's, are struck out.

    Every database can keep it and every page can show it: without control characters, without what turns the
    direction of reading, and without halves of letters, which JSON can spell.
    """
    kept = NOT_IN_A_LINE.sub(" ", text[:LOOKED_AT].encode(errors="replace").decode())
    return re.sub(r"\d{6,}", "…", " ".join(kept.split()))[:REPLY_EXCERPT]


def decoded(content: bytes, content_type: str) -> str:
    """The text of an answer, in the charset that it is really in: by its byte order mark, by how JSON looks in
    UTF-16 and UTF-32, as its head says, or UTF-8. What no charset explains is replaced.
    """
    head = HeaderFields()
    head["Content-Type"] = content_type
    guessed = json.detect_encoding(content)
    for charset in (guessed if guessed != "utf-8" else "", head.get_content_charset(""), "utf-8"):
        # An unknown charset, and one that is not the text's.
        with suppress(LookupError, ValueError):
            return content.decode(charset).removeprefix("\ufeff")
    return content.decode(errors="replace")
