"""How a worker comes to die at a point, or to lose its connection: hooks into the process that they are set in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from packets.dialects.qd1705.client import PortalClient

from .points import Cut, Point

# The functions whose commits and statements are told apart, from the inside out.
PLACES = {
    ("packets.collecting.collect", "_collect_batch"): "collect",
    ("packets.queue.outbox", "claim"): "claim",
    ("packets.queue.outbox", "renew"): "renew",
    ("packets.queue.outbox", "release"): "release",
    ("packets.queue.payload", "with_bodies"): "bodies",
    ("packets.delivery.tokens", "valid_token"): "token",
    ("packets.delivery.settle", "settle"): "settle",
    ("onestop.statistics.counting.incremental", "catch_up"): "figures",
}
WRITES = ("INSERT", "UPDATE", "DELETE")


class Trap:
    """Counts how often this process comes by `point`, and at the right time ends it as a power cut would."""

    def __init__(self, point: Point, report: Path) -> None:
        self._point, self._report = point, report
        self._lock, self._times = threading.Lock(), 0

    def set(self) -> None:
        connection_created.connect(self._watch, weak=False)
        commit, send = BaseDatabaseWrapper.commit, PortalClient.send

        def watched_commit(connection: BaseDatabaseWrapper) -> None:
            with self._passing(_place()):
                commit(connection)

        def watched_send(*args: Any, **options: Any) -> Any:
            with self._passing("request"):
                return send(*args, **options)

        # In this process alone.
        setattr(BaseDatabaseWrapper, "commit", watched_commit)  # noqa: B010 a type checker minds the plain form
        setattr(PortalClient, "send", watched_send)  # noqa: B010 a type checker minds the plain form

    def _watch(self, connection: BaseDatabaseWrapper, **_more: Any) -> None:
        # One object may be connected several times.
        if self._statement not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._statement)

    def _statement(
        self, execute: Callable[..., Any], query: str, values: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """A statement outside of a transaction is a commit of its own."""
        if context["connection"].in_atomic_block or not query.startswith(WRITES):
            return execute(query, values, many, context)
        with self._passing(_place()):
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
                    report.write(f"{self._point}\n")
                self._end_or_sleep()

    def _end_or_sleep(self) -> None:
        if self._point.sleeps:
            alarm = f"sleep {self._point.sleeps}; kill -CONT {os.getpid()}"
            subprocess.Popen(["/bin/sh", "-c", alarm])  # noqa: S603 our own words
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            os.kill(os.getpid(), signal.SIGKILL)


class Shears:
    """Breaks this process's connections to PostgreSQL again and again, without the server or the driver knowing."""

    def __init__(self, cut: Cut, report: Path) -> None:
        self._cut, self._report = cut, report
        self._lock, self._times = threading.Lock(), 0

    def set(self) -> None:
        if self._cut.place != "commit":
            connection_created.connect(self._watch, weak=False)
            return
        commit = BaseDatabaseWrapper.commit

        def watched_commit(connection: BaseDatabaseWrapper) -> None:
            commit(connection)
            if self._is_time():
                _break(connection)
                raise OperationalError("the answer to a commit was lost")

        setattr(BaseDatabaseWrapper, "commit", watched_commit)  # noqa: B010 a type checker minds the plain form

    def _watch(self, connection: BaseDatabaseWrapper, **_more: Any) -> None:
        # One object may be connected several times.
        if self._statement not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._statement)

    def _statement(
        self, execute: Callable[..., Any], query: str, values: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if self._cut.place in ("statement", _place()) and self._is_time():
            _break(context["connection"])
        return execute(query, values, many, context)

    def _is_time(self) -> bool:
        with self._lock:
            self._times += 1
            if self._times % self._cut.nth:
                return False
            with self._report.open("a") as report:
                report.write(f"cut off {self._cut}\n")
            return True


def _break(connection: BaseDatabaseWrapper) -> None:
    line = socket.socket(fileno=os.dup(connection.connection.fileno()))
    with line, suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _place() -> str:
    frame = sys._getframe(2)
    while frame.f_back is not None:
        place = PLACES.get((frame.f_globals.get("__name__", ""), frame.f_code.co_name))
        if place:
            return place
        frame = frame.f_back
    return "another"


def prepare(point: Point | Cut | None, report: Path) -> None:
    """Makes this process die or be cut off at `point`; `report` gets a line for each time."""
    match point:
        case Point():
            Trap(point, report).set()
        case Cut():
            Shears(point, report).set()
