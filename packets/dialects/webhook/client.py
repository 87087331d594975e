"""The HTTP client of a partner's webhook: signs one event, sends it, reads the answer. Uses no database."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from contextlib import suppress

import httpx2
from django.utils import timezone

from packets.dialects.base import Client, Outgoing
from packets.http.addresses import Networks
from packets.http.client import REPLY_MAX, Acceptance, HttpClient, HttpReply, PortalError, network_errors
from packets.http.signing import signed_headers
from packets.http.transport import answered_within
from packets.models import Portal
from packets.models.reasons import Reason

# The limit until the answer begins, and for the whole of it. A receiver that needs longer must answer first.
READ_SECONDS = ANSWER_SECONDS = 15


class WebhookClient(HttpClient, Client):
    """A connection to a partner's system, without a proxy and only to allowed addresses."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(READ_SECONDS, Networks.WEBHOOKS, tls)

    def send(self, portal: Portal, batch: Sequence[Outgoing], token: str) -> list[Acceptance]:
        """Delivers the one event that a message carries; a repeat is not treated differently. Raises PortalError."""
        (outgoing,) = batch
        content = b"".join(outgoing.body)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "onestop-webhook/1",
            "Accept-Encoding": "identity",
        }
        now = timezone.now()
        headers |= signed_headers(portal.signing_secrets(now), str(outgoing.packet.key), now, content)
        reply = self._post(portal.base_url, content, headers)
        if not reply.is_success:
            raise _failure(reply)
        return [Acceptance(reply.status, reply.excerpt)]

    def _post(self, address: str, content: bytes, headers: dict[str, str]) -> HttpReply:
        with (
            network_errors(),
            answered_within(ANSWER_SECONDS),
            self.http.stream("POST", address, content=content, headers=headers) as response,
        ):
            return HttpReply(response.status_code, response.headers, _beginning(response))


def _beginning(response: httpx2.Response) -> bytes:
    """The beginning of an answer. Only the status decides; the text is for people, so an error in it is ignored."""
    content = b""
    with suppress(httpx2.HTTPError):
        for piece in response.iter_raw():
            content += piece
            if len(content) > REPLY_MAX:
                break
    return content


def _failure(reply: HttpReply) -> PortalError:
    """The error for an answer. All but 410 may pass: receivers and their gateways get repaired."""
    code, detail = reply.status, reply.excerpt
    if code == 410:
        return PortalError(Reason.GONE, detail, permanent=True, counts_against_receiver=False, http_status=code)
    if code == 429:
        return PortalError(Reason.BUSY, detail, http_status=code, retry_after=reply.retry_after)
    if code == 408:
        return PortalError(Reason.TIMEOUT, detail, http_status=code)
    if code >= 500:
        return PortalError(Reason.SERVER_ERROR, detail, http_status=code, retry_after=reply.retry_after)
    return PortalError(Reason.DECLINED, detail, http_status=code)
