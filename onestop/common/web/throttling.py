"""How often strangers may do what leaves no trace: counted in this process's memory and nowhere else.

For ballots and the codes typed at a counter's tablet: no table and no file may keep an hour at which one was sent.
What is counted has a fixed size, so nobody's count can be pushed out by sending from many addresses. It is a
count-min sketch of `Rate.until`: each visitor has one cell in every row and is held up only if all of them say so;
two visitors share all cells once in a billion pairs.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator
from hashlib import sha256
from threading import Lock

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from .rates import Rate
from .visitors import address_of, network_of

ROWS, CELLS = 2, 1 << 15


class Counts:
    """Half a megabyte of moments, by nothing but the hash of whom they are about."""

    def __init__(self) -> None:
        self._rows = [array("d", bytes(8 * CELLS)) for _row in range(ROWS)]
        self._lock = Lock()

    def seconds_to_wait(self, rate: Rate, key: str) -> int:
        """0 for who may go on, who then is counted."""
        now, cells = time.time(), list(_cells(key))
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


def _cells(key: str) -> Iterator[int]:
    digest = sha256(key.encode()).digest()
    return (int.from_bytes(digest[4 * row : 4 * row + 4]) % CELLS for row in range(ROWS))


counts = Counts()


def key_of(scope: str, *parts: object) -> str:
    """Under which name something is counted; nobody can tell from it what `parts` were."""
    return salted_hmac("onestop.throttling", "|".join(map(str, (scope, *parts))), algorithm="sha256").hexdigest()


def rate_of(scope: str) -> Rate:
    return Rate.of(settings.RATES[scope])


def seconds_to_wait(scope: str, request: HttpRequest, *more: object) -> int | None:
    """Counts the request of its visitor, and of `more`; None when it may go on."""
    key = key_of(scope, network_of(address_of(request)), *more)
    return counts.seconds_to_wait(rate_of(scope), key) or None
