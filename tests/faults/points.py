"""Where a worker can be made to die: before or after any of its commits, and on either side of a request.

And where its connection to the database breaks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """`place` is one of the names in `traps.PLACES`, or “request”: after one, its answer is not written down.

    `sleeps`: does not die there, but stands still for so many seconds.
    """

    moment: str
    place: str
    nth: int = 1
    sleeps: float = 0

    def __str__(self) -> str:
        return f"{'frozen' if self.sleeps else 'killed'} {self.moment} {self.place}"


@dataclass(frozen=True)
class Cut:
    """Every `nth` statement at `place` meets a connection that has broken; of every `nth` “commit” the answer is lost.

    `place` is one of the names in `traps.PLACES`, or “statement” for anywhere.
    """

    place: str
    nth: int

    def __str__(self) -> str:
        return f"at {self.place}"


# Every boundary at which something is half done.
EVERY = tuple(
    Point(moment, place, nth)
    for nth in (1, 2, 3)
    for place in ("collect", "claim", "token", "request", "settle", "figures", "renew")
    for moment in ("before", "after")
)


# Seldom enough that whatever is tried again comes through.
CUTS = (
    Cut("bodies", 2),
    Cut("statement", 37),
    Cut("commit", 9),
    Cut("claim", 11),
    Cut("settle", 23),
    Cut("statement", 61),
    Cut("collect", 41),
    Cut("token", 3),
    Cut("renew", 2),
    Cut("statement", 83),
)
