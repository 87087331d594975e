"""Rates such as `60/min`, as a steady flow with a reserve, so that only one number has to be stored.

After `number` requests at once, one more is allowed every `seconds / number`. This is the generic cell rate algorithm.
It stores `until`, the moment at which all counted requests have used up their time. If that is past, the reserve is
full.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

SECONDS = {"sec": 1, "min": 60, "hour": 3_600, "day": 86_400}


@dataclass(frozen=True)
class Rate:
    number: int
    seconds: int

    @classmethod
    def of(cls, text: str) -> Rate:
        """The rate for `60/min`, as the settings write it. Raises ValueError, KeyError."""
        number, _slash, unit = text.partition("/")
        return cls(int(number), SECONDS[unit])

    @property
    def each(self) -> float:
        """The seconds that one request uses up."""
        return self.seconds / self.number if self.number else float("inf")

    @property
    def reserve(self) -> float:
        """How many seconds `until` may lie ahead while one more request is allowed."""
        return self.seconds - self.each

    def wait(self, until: float, now: float) -> int:
        """The whole seconds until one more request is allowed; 0: now."""
        if not self.number:
            return self.seconds
        return max(0, ceil(until - now - self.reserve))
