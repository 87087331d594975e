"""The worker's process: the real command, with short figures, that can die at a point and have a wrong clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from django.core.management import call_command

from . import figures
from .points import Cut, Point
from .traps import prepare

# How long each of the clock's settings lasts.
STEP_SECONDS = 0.4


def work(report: Path, point: Point | Cut | None = None, clock: Sequence[float] = ()) -> None:
    """`clock`: how many hours it is wrong by, one value after the other; the last stays."""
    figures.shorten()
    prepare(point, report)
    if clock:
        threading.Thread(target=_step, args=(clock,), daemon=True).start()
        time.sleep(0.05)
    call_command("sync_packets", loop=True)


def _step(clock: Sequence[float]) -> None:
    began, true_begin = time.monotonic(), datetime.now(UTC)
    with time_machine.travel(true_begin, tick=True) as traveller:
        for hours in clock:
            passed = timedelta(seconds=time.monotonic() - began)
            traveller.move_to(true_begin + passed + timedelta(hours=hours))
            time.sleep(STEP_SECONDS)
        threading.Event().wait()
