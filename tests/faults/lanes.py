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
from pathlib import Path
from typing import Any

import psycopg2

from . import processes
from .result import Result
from .postgres import Server, own_server, programs

# A schedule takes some seconds, its drain half a minute at most.
LONGEST_SCHEDULE_SECONDS = 180


def results_of(seeds: Sequence[int], lanes: int) -> Iterator[Any]:
    """The result of each seed's schedule, as they come."""
    spawning = multiprocessing.get_context("spawn")
    waiting: Any = spawning.Queue()
    done: Any = spawning.Queue()
    for seed in (*seeds, *[None] * lanes):
        waiting.put(seed)
    workers = [spawning.Process(target=_lane, args=(waiting, done)) for _lane_number in range(lanes)]
    for worker in workers:
        worker.start()
    try:
        for _each in seeds:
            yield done.get(timeout=LONGEST_SCHEDULE_SECONDS)
    except queue.Empty:
        raise RuntimeError("a lane has ended, or hangs") from None
    finally:
        for worker in workers:
            worker.join(20)
            worker.terminate()


def _lane(waiting: Any, done: Any) -> None:
    logging.disable(logging.WARNING)
    processes.load()
    from .plans import plan_of

    from .schedule import run

    with place() as where:
        for seed in iter(waiting.get, None):
            plan = plan_of(seed)
            try:
                done.put(run(plan, where, keep_logs=True))
            except Exception:
                done.put(Result(seed, plan.family, "?", complaints=[f"suite: {traceback.format_exc()}"]))


@contextmanager
def place() -> Iterator[Any]:
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
    address = os.environ.get("TEST_DATABASE_URL", "")
    try:
        psycopg2.connect(address).close()
    except psycopg2.Error:
        return None
    return Server(address) if address else None
