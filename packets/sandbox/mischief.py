"""Plans of how the practice portal misbehaves: which step each request gets. Other modules carry the steps out."""

import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import repeat
from threading import Lock


class Do(StrEnum):
    WELL = "well"
    REFUSE = "refuse"
    DELAY = "delay"
    RESET = "reset"
    RESET_BEFORE = "reset-before"
    TRUNCATED = "truncated"
    GARBAGE = "garbage"
    UNAUTHORIZED = "unauthorized"
    BUSY = "busy"
    SERVER_ERROR = "server-error"
    ERROR_IN_200 = "error-in-200"
    REFUSED_IN_200 = "refused-in-200"
    LOST = "lost"
    DRIP = "drip"
    WRONG_TYPE = "wrong-type"
    REDIRECT = "redirect"
    NO_TOKEN = "no-token"  # noqa: S105 a name, not a secret
    SHAPE = "shape"
    DOWN = "down"


class Call(StrEnum):
    """The two kinds of request that a plan covers. Each kind advances through the plan by itself."""

    PACKET = "packet"
    TOKEN = "token"  # noqa: S105 a name, not a secret


@dataclass(frozen=True)
class MischiefStep:
    """The next `times` requests of the kind `at` get `do`. The other fields depend on `do`: see `plans.FIELDS`."""

    do: Do
    at: Call = Call.PACKET
    times: int = 1
    seconds: float = 0
    status: int = 0
    after: int | None = None
    length: int = 0
    date: bool = False
    stored: bool = False
    to: str = ""
    shape: str = ""

    @property
    def label(self) -> str:
        """Its name in the ledger; "" for good behaviour."""
        return "" if self.do is Do.WELL else f"{self.do} {self.shape}".rstrip()


WELL, DOWN = MischiefStep(Do.WELL), MischiefStep(Do.DOWN)


@dataclass(frozen=True)
class Schedule:
    """One step after the other, then good behaviour."""

    steps: tuple[MischiefStep, ...] = ()

    def fates(self, at: Call) -> Iterator[MischiefStep]:
        for step in self.steps:
            if step.at == at:
                yield from repeat(step, step.times)
        yield from repeat(WELL)


@dataclass(frozen=True)
class Chances:
    """Draws a next step when the last one has been used `times` times; the same seed draws the same steps."""

    seed: int
    chances: tuple[tuple[float, MischiefStep], ...]

    def fates(self, at: Call) -> Iterator[MischiefStep]:
        mine = [(chance, step) for chance, step in self.chances if step.at == at]
        weights = [chance for chance, _step in mine]
        steps, weights = [*(step for _chance, step in mine), WELL], [*weights, max(0.0, 1 - sum(weights))]
        dice = random.Random(f"{self.seed} {at}")  # noqa: S311 must be repeatable
        while True:
            [step] = dice.choices(steps, weights)
            yield from repeat(step, step.times)


Plan = Schedule | Chances


class Mischief:
    """The plan in force, its position, and how often each step was done. Threads may share it.

    `source` is the plan as it was written, None for good behaviour.
    """

    def __init__(
        self, plan: Plan | None = None, source: object = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._lock = Lock()
        self.follow(plan or Schedule(), source)

    def follow(self, plan: Plan, source: object) -> None:
        """Starts `plan` from its beginning, in place of the plan before."""
        with self._lock:
            self._source = source
            self._fates = {at: plan.fates(at) for at in Call}
            self._next = {at: next(fates) for at, fates in self._fates.items()}
            self._up_again = -math.inf
            self._done: Counter[Do] = Counter()

    def fate(self, at: Call) -> MischiefStep:
        """The step for the request that has just come."""
        with self._lock:
            step = DOWN if self._is_down() else self._take(at)
            self._done[step.do] += 1
            return step

    def state(self) -> dict[str, object]:
        with self._lock:
            down = self._is_down()
            return {
                "plan": self._source,
                "next": {at.value: Do.DOWN if down else step.do for at, step in self._next.items()},
                "done": dict(sorted(self._done.items())),
            }

    def _is_down(self) -> bool:
        return self._clock() < self._up_again

    def _take(self, at: Call) -> MischiefStep:
        if self._next[Call.PACKET].do is Do.DOWN:
            # An outage also hits sign-ins: a client without a token would otherwise never send a packet into it.
            at = Call.PACKET
        step = self._next[at]
        self._next[at] = next(self._fates[at])
        if step.do is Do.DOWN:
            self._up_again = self._clock() + (step.seconds or math.inf)
        return step
