"""Wakes an idle worker when something was recorded."""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Callable

import psycopg2
from django.db import DatabaseError, connection

from onestop.common.notify import RECORDED

# How long to sleep without notifications, and with those of PostgreSQL: then only packets whose time comes need it.
POLL_SECONDS = 1.0
CALLED_POLL_SECONDS = 5.0
# How often a sleeping worker checks whether it must stop.
SLICE_SECONDS = 0.25


class Listener:
    """Sleeps until the database notifies of something recorded, or a time has passed.

    On PostgreSQL it listens on a connection of its own: the usual one is in use, and may go through a pooler, which
    drops LISTEN.
    """

    def __init__(self, stop: Callable[[], bool]) -> None:
        self._stop = stop
        self._listening: psycopg2.extensions.connection | None = None

    def sleep(self) -> None:
        until = time.monotonic() + (CALLED_POLL_SECONDS if self._listens() else POLL_SECONDS)
        while not self._stop() and time.monotonic() < until:
            if self._called(min(SLICE_SECONDS, max(until - time.monotonic(), 0))):
                return

    def close(self) -> None:
        if self._listening is not None:
            with contextlib.suppress(psycopg2.Error):
                self._listening.close()
            self._listening = None

    def _listens(self) -> bool:
        if connection.vendor != "postgresql":
            return False
        if self._listening is None:
            try:
                listening = psycopg2.connect(**connection.get_connection_params())
                listening.autocommit = True
                with listening.cursor() as cursor:
                    cursor.execute(f"LISTEN {RECORDED}")
            except (psycopg2.Error, DatabaseError):
                return False
            self._listening = listening
        return True

    def _called(self, seconds: float) -> bool:
        if self._listening is None:
            time.sleep(seconds)
            return False
        try:
            if select.select([self._listening], [], [], seconds)[0]:
                self._listening.poll()
        except (psycopg2.Error, OSError, ValueError):
            # The connection broke, and a notification may be lost, so the worker wakes.
            self.close()
            return True
        called = bool(self._listening.notifies)
        self._listening.notifies.clear()
        return called
