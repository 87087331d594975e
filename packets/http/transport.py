"""The connection to a receiver: only to allowed addresses, and within a time limit on the whole answer.

The library's own limits apply between two pieces, so a receiver that sends a byte every few seconds could hold a
thread for days. So this module checks addresses wherever a connection is opened, and the time at every read and write.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpcore2
import httpx2

from .addresses import Networks, is_plain, judged

# The deadline of this thread's request; None: no limit of ours.
_of_thread = threading.local()
# How long an idle connection is kept for the next request.
KEEP_SECONDS = 5.0


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Inside, every read and write of this thread fails with a timeout once `seconds` are over."""
    set_deadline(seconds)
    try:
        yield
    finally:
        _of_thread.at = None


def set_deadline(seconds: float) -> None:
    _of_thread.at = time.monotonic() + seconds


def _left(timeout: float | None) -> float | None:
    at: float | None = getattr(_of_thread, "at", None)
    if at is None:
        return timeout
    left = at - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the whole answer took too long")
    return left if timeout is None else min(timeout, left)


class Transport(httpx2.BaseTransport):
    """For one thread. Raises Forbidden where nothing may be sent."""

    def __init__(self, networks: Networks, tls: ssl.SSLContext) -> None:
        self._backend = _Backend(networks)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls, network_backend=self._backend, keepalive_expiry=KEEP_SECONDS
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._backend.plain = is_plain(request.url)
        with _errors_of_the_client():
            response = self._pool.handle_request(
                httpcore2.Request(
                    method=request.method,
                    url=httpcore2.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx2.Response(
            response.status, headers=response.headers, stream=_Content(response), extensions=response.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Content(httpx2.SyncByteStream):
    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _errors_of_the_client():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


@contextmanager
def _errors_of_the_client() -> Iterator[None]:
    """Turns errors of the layer below into those of the client, which have the same names."""
    try:
        yield
    except (
        httpcore2.TimeoutException,
        httpcore2.NetworkError,
        httpcore2.ProtocolError,
        httpcore2.ProxyError,
        httpcore2.UnsupportedProtocol,
    ) as error:
        named: type[httpx2.TransportError] = getattr(httpx2, type(error).__name__)
        raise named(str(error)) from error


class _Backend(httpcore2.SyncBackend):
    """Opens connections to allowed addresses only.

    Only the address is fixed here: the certificate is still checked against the requested name.
    """

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        # Whether the next connection goes unencrypted.
        self.plain = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            addresses = judged(host, port, plain=self.plain, networks=self._networks)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(str(error)) from error
        failure: Exception = httpcore2.ConnectError("no address")
        for address in addresses:
            try:
                return _Stream(super().connect_tcp(str(address), port, timeout, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


class _Stream(httpcore2.NetworkStream):
    """A connection that reads and writes nothing after the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
