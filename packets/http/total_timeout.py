"""A time limit on a whole answer.

The client's own limits are between two pieces, so a portal that sends a byte every few seconds could hold a thread
for days. It offers no limit on the whole; this goes one layer down, where every piece is read and written.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

# What this thread's request has until; None: no limit of ours.
_of_thread = threading.local()


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


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        return _Stream(self._stream.start_tls(*args, **kwargs))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, backend: httpcore2.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        return _Stream(self._backend.connect_tcp(*args, **kwargs))

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        return _Stream(self._backend.connect_unix_socket(*args, **kwargs))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


def heed_deadlines(client: httpx2.Client) -> None:
    """Makes `client` heed `answered_within`."""
    change_backend(client, _Backend)


def change_backend(
    client: httpx2.Client, changed: Callable[[httpcore2.NetworkBackend], httpcore2.NetworkBackend]
) -> None:
    """Has `client` open its connections by what `changed` makes of its own way to open them.

    Reaches into its pools, for want of a door; tests watch over it.
    """
    transports: Iterable[Any] = [client._transport, *client._mounts.values()]
    for transport in transports:
        if transport is not None:
            transport._pool._network_backend = changed(transport._pool._network_backend)
