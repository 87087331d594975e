"""Limits how often strangers may do something, and counts in this process's memory alone.

For ballots, and for the codes typed at a counter's tablet: no table and no file may hold the hour at which a ballot
was sent. The counts have a fixed size, so requests from many addresses cannot push out the count of another visitor.
They are a count-min sketch of `Rate.until`: each visitor has one cell in every row, and has to wait only if all their
cells say so. Two visitors share all cells in one of a billion pairs.
"""

from __future__ import annotations

import time
from array import array
from hashlib import sha256
from threading import Lock

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from .rates import Rate
from .visitors import address_of, network_of

ROWS, CELLS = 2, 1 << 15


class Counts:
    """Half a megabyte of moments. The hash of a visitor's key gives their cells; the key itself is not stored."""

    def __init__(self) -> None:
        self._rows = [array("d", bytes(8 * CELLS)) for _row in range(ROWS)]
        self._lock = Lock()

    def seconds_to_wait(self, rate: Rate, key: str) -> int:
        """Counts one request of the visitor and returns 0, or returns the seconds to wait and counts nothing."""
        now = time.time()
        digest = sha256(key.encode()).digest()
        cells = [int.from_bytes(digest[4 * row : 4 * row + 4]) % CELLS for row in range(ROWS)]
        with self._lock:
            until = max(now, min(row[cell] for row, cell in zip(self._rows, cells, strict=True)))
            if wait := rate.wait(until, now):
                return wait
            for row, cell in zip(self._rows, cells, strict=True):
                row[cell] = max(row[cell], until + rate.each)
        return 0

    def clear(self) -> None:
        with self._lock:
            for row in self._rows:
                row[:] = array("d", bytes(8 * CELLS))


counts = Counts()


def key_of(scope: str, *parts: object) -> str:
    """The key under which something is counted. It is a keyed hash, so `parts` cannot be found from it."""
    return salted_hmac("onestop.throttling", "|".join(map(str, (scope, *parts))), algorithm="sha256").hexdigest()


def rate_of(scope: str) -> Rate:
    return Rate.of(settings.RATES[scope])


def seconds_to_wait(scope: str, request: HttpRequest, *more: object) -> int | None:
    """Counts the request for its visitor together with `more`. None where it is allowed."""
    key = key_of(scope, network_of(address_of(request)), *more)
    return counts.seconds_to_wait(rate_of(scope), key) or None
