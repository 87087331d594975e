"""Where a worker can be made to die: before or after any of its commits, and on either side of a request."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from packets.portal import PortalClient

# The functions whose commits are told apart, from the inside out.
COMMITTERS = {
    ("packets.collect", "_collect_batch"): "collect",
    ("packets.outbox", "claim"): "claim",
    ("packets.outbox", "renew"): "renew",
    ("packets.outbox", "release"): "release",
    ("packets.tokens", "valid_token"): "token",
    ("packets.settling", "settle"): "settle",
    ("onestop.statistics.upkeep", "catch_up"): "figures",
}
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Point:
    """`place` is one of COMMITTERS' names, or “request”: after one, the answer has come and nothing is written."""

    moment: str
    place: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.moment} {self.place}"


# Every boundary at which something is half done.
EVERY = tuple(
    Point(moment, place, nth)
    for nth in (1, 2, 3)
    for place in ("collect", "claim", "token", "request", "settle", "figures", "renew")
    for moment in ("before", "after")
)


class Trap:
    """Counts how often this process comes by `point`, and at the right time ends it as a power cut would."""

    def __init__(self, point: Point, report: Path) -> None:
        self._point, self._report = point, report
        self._lock, self._times = threading.Lock(), 0

    def set(self) -> None:
        connection_created.connect(self._watch, weak=False)
        commit, send = BaseDatabaseWrapper.commit, PortalClient.send

        def watched_commit(connection: BaseDatabaseWrapper) -> None:
            with self._passing(_committer()):
                commit(connection)

        def watched_send(*args: Any, **options: Any) -> Any:
            with self._passing("request"):
                return send(*args, **options)

        BaseDatabaseWrapper.commit = watched_commit  # type: ignore[method-assign] # for this process only
        PortalClient.send = watched_send  # type: ignore[method-assign] # for this process only

    def _watch(self, connection: BaseDatabaseWrapper, **_more: Any) -> None:
        connection.execute_wrappers.append(self._statement)

    def _statement(
        self, execute: Callable[..., Any], query: str, values: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """A statement outside of a transaction is a commit of its own."""
        if context["connection"].in_atomic_block or not query.startswith(WRITES):
            return execute(query, values, many, context)
        with self._passing(_committer()):
            return execute(query, values, many, context)

    @contextmanager
    def _passing(self, place: str) -> Iterator[None]:
        self._come_by("before", place)
        yield
        self._come_by("after", place)

    def _come_by(self, moment: str, place: str) -> None:
        if (moment, place) != (self._point.moment, self._point.place):
            return
        with self._lock:
            self._times += 1
            if self._times == self._point.nth:
                with self._report.open("a") as report:
                    report.write(f"killed {self._point}\n")
                os.kill(os.getpid(), signal.SIGKILL)


def _committer() -> str:
    frame = sys._getframe(2)
    while frame.f_back is not None:
        place = COMMITTERS.get((frame.f_globals.get("__name__", ""), frame.f_code.co_name))
        if place:
            return place
        frame = frame.f_back
    return "another"
