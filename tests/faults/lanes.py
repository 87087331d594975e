"""Several schedules side by side, each lane with a server of its own: one may shoot its own down only."""

from __future__ import annotations

import logging
import multiprocessing
import os
import queue
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.queues import Queue
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2

from . import processes
from .plans import Plan
from .postgres import Server, own_server, programs
from .result import Result

if TYPE_CHECKING:
    from .schedule import Place

# A schedule takes some seconds, its drain half a minute at most.
LONGEST_SCHEDULE_SECONDS = 180


def results_of(plans: Sequence[Plan], lanes: int = 1) -> Iterator[Result]:
    """The result of each plan, as they come."""
    spawning = multiprocessing.get_context("spawn")
    waiting: Queue[Plan | None] = spawning.Queue()
    done: Queue[Result] = spawning.Queue()
    for plan in (*plans, *[None] * lanes):
        waiting.put(plan)
    workers = [spawning.Process(target=_lane, args=(waiting, done)) for _number in range(lanes)]
    for worker in workers:
        worker.start()
    try:
        for _each in plans:
            yield done.get(timeout=LONGEST_SCHEDULE_SECONDS)
    except queue.Empty:
        raise RuntimeError("a lane has ended, or hangs") from None
    finally:
        for worker in workers:
            worker.join(20)
            worker.terminate()


def _lane(waiting: Queue[Plan | None], done: Queue[Result]) -> None:
    logging.disable(logging.WARNING)
    processes.load()
    from .schedule import run

    with place() as where:
        for plan in iter(waiting.get, None):
            try:
                done.put(run(plan, where))
            except Exception:
                done.put(Result(plan.seed, plan.family, "?", complaints=[f"suite: {traceback.format_exc()}"]))


@contextmanager
def place() -> Iterator[Place]:
    """A server of the suite's own; where none is installed, the one at TEST_DATABASE_URL; else SQLite alone."""
    from .schedule import Place

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        found = programs()
        server = stack.enter_context(own_server(found)) if found else _that_is_there()
        where = Place(folder, server)
        stack.callback(where.close)
        yield where


def _that_is_there() -> Server | None:
    address = os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
    try:
        psycopg2.connect(address).close()
    except psycopg2.Error:
        return None
    return Server(address)
