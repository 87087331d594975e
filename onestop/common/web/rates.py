"""How many in how long: `60/min`. Reckoned as a steady flow with a reserve, so that one number is all that is kept.

After `number` at once, one more may come every `seconds / number`. This is the generic cell rate algorithm: kept is
`until`, the moment at which everything that came is paid off; when that lies in the past, nothing is owed.
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
        """Of `60/min`, as the settings have it. Raises ValueError, KeyError."""
        number, _slash, unit = text.partition("/")
        return cls(int(number), SECONDS[unit])

    @property
    def each(self) -> float:
        """Seconds that one of them costs."""
        return self.seconds / self.number if self.number else float("inf")

    @property
    def reserve(self) -> float:
        """How far `until` may lie ahead for one more to be let in."""
        return self.seconds - self.each

    def wait(self, until: float, now: float) -> int:
        """Whole seconds until one more is let in; 0: now."""
        if not self.number:
            return self.seconds
        return max(0, ceil(until - now - self.reserve))
