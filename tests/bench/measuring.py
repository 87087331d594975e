"""What every bench needs: to time something, and to tell a figure beside its target."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Result:
    """A figure beside its target; without one, it is told for orientation."""

    what: str
    measured: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def is_met(self) -> bool:
        return (self.most is None or self.measured <= self.most) and (
            self.least is None or self.measured >= self.least
        )

    def __str__(self) -> str:
        target = "" if self.most is None else f"at most {self.most:g}"
        target = target if self.least is None else f"at least {self.least:g}"
        verdict = "" if not target else "ok" if self.is_met else "MISSED"
        return f"{self.what:62} {self.measured:9.2f} {self.unit:6} {target:14} {verdict}".rstrip()


def told(results: Iterable[Result]) -> int:
    """Prints each as it comes. Returns how many missed their target."""
    missed = 0
    for result in results:
        print(result, flush=True)
        missed += not result.is_met
    return missed


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def milliseconds(work: Callable[[], object], times: int = 5) -> float:
    """The median of some, after one that warms up."""
    work()
    return 1000 * median(seconds(work) for _ in range(times))
