"""A connection that goes only where an allowed address leads, and straight: a portal's, or a partner's webhook's.

A proxy would look names up by itself, after they were judged here, so none of the environment is used.
"""

from __future__ import annotations

import ssl
from typing import Any

import httpcore2
import httpx2

from packets.models.reasons import Reason

from .addresses import Forbidden, Gate, Networks, is_plain
from .client import REPLY_MAX, HttpClient, HttpReply, PortalError, network_faults
from .total_timeout import change_backend


class GuardedClient(HttpClient):
    """Raises PortalError (`forbidden_address`) for every connection to where nothing may be sent."""

    def __init__(self, read_seconds: float, networks: Networks, tls: ssl.SSLContext | None = None) -> None:
        # The office's own authorities are named by the environment, whose proxies are not used.
        super().__init__(read_seconds, tls or httpx2.create_ssl_context(), trust_env=False)
        self._networks = networks
        change_backend(self._http, self._gated)

    def _gated(self, backend: httpcore2.NetworkBackend) -> Gate:
        self._gate = Gate(backend, self._networks)
        return self._gate

    def judge(self, url: httpx2.URL) -> None:
        """Says what the next connection is for. Before every request."""
        self._gate.plain = is_plain(url)

    def ask(
        self, method: str, url: httpx2.URL | str, seconds: float, *, most: int = REPLY_MAX, **request: Any
    ) -> HttpReply:
        with network_faults():
            self.judge(httpx2.URL(url))
        try:
            return super().ask(method, url, seconds, most=most, **request)
        except Forbidden as error:
            raise PortalError(Reason.FORBIDDEN_ADDRESS, str(error)) from error
