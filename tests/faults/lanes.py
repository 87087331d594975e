"""Several schedules side by side, each lane with a server of its own: one may shoot its own down only."""

from __future__ import annotations

import logging
import multiprocessing
import queue
import traceback
from collections.abc import Iterator, Sequence
from multiprocessing.queues import Queue

from . import processes
from .plans import Plan
from .result import Result

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
    from .place import a_place
    from .schedule import run

    with a_place() as place:
        for plan in iter(waiting.get, None):
            try:
                done.put(run(plan, place))
            except Exception:
                done.put(Result(plan.seed, plan.family, "?", complaints=[f"suite: {traceback.format_exc()}"]))
