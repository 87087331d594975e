"""Where a worker can be made to die: before or after any of its commits, and on either side of a request.

And where its connection to the database breaks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """`place` is one of the names in `traps.COMMITTERS`, or “request”: after one, its answer is not written down."""

    moment: str
    place: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.moment} {self.place}"


@dataclass(frozen=True)
class Cut:
    """Every `nth` “statement” meets a connection that has broken; of every `nth` “commit” the answer is lost."""

    place: str
    nth: int

    def __str__(self) -> str:
        return f"at a {self.place}"


# Every boundary at which something is half done.
EVERY = tuple(
    Point(moment, place, nth)
    for nth in (1, 2, 3)
    for place in ("collect", "claim", "token", "request", "settle", "figures", "renew")
    for moment in ("before", "after")
)
