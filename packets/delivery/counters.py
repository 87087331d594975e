"""Counts attempts by outcome and duration when they are settled, because the table is too large to count later."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from packets.models import Attempt

# Upper bounds in milliseconds; what took longer is in the total only.
BUCKETS = (25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)


class Tally(TypedDict, total=False):
    """Attempts by "outcome/reason", how many ended within each bucket, and the time of all together."""

    outcomes: dict[str, int]
    within: list[int]
    milliseconds: int


def counted(tally: Tally, attempts: Iterable[Attempt]) -> Tally:
    """`tally` with `attempts` added."""
    outcomes = dict(tally.get("outcomes", {}))
    within = list(tally.get("within", [0] * len(BUCKETS)))
    milliseconds = tally.get("milliseconds", 0)
    for attempt in attempts:
        name = f"{attempt.outcome}/{attempt.reason}"
        outcomes[name] = outcomes.get(name, 0) + 1
        milliseconds += attempt.milliseconds
        for index, bound in enumerate(BUCKETS):
            within[index] += attempt.milliseconds <= bound
    return {"outcomes": outcomes, "within": within, "milliseconds": milliseconds}
