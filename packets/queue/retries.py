"""Retries: how long a packet waits for its next try, and how long a portal that keeps failing rests.

`docs/delivery.md` has the same table; a test compares them.
"""

from __future__ import annotations

import random
from datetime import timedelta

# How long to wait before each next try; the last stands for all that follow. Each wait is drawn between nothing and
# the figure (full jitter), so that a thousand packets do not come back at once. What shaped the table:
#  1. a hiccup should cost seconds, not minutes;
#  2. a portal that is down all night must not be asked ten thousand times;
#  3. one that comes back is noticed within the half hour, whatever the length of the outage.
RETRY_WAITS = (
    timedelta(seconds=5),  # at most  5 s after the first try
    timedelta(seconds=15),  #         20 s
    timedelta(minutes=1),  #          1 min 20 s
    timedelta(minutes=5),  #          6 min 20 s
    timedelta(minutes=15),  #        21 min 20 s
    timedelta(minutes=30),  #        51 min 20 s, then every half hour at most
)
# A long holiday with the portal down, and a morning to spare: at least the 72 hours that are promised.
GIVE_UP_AFTER = timedelta(hours=96)

# So many failures in a row that are the portal's own, and it rests, then is tried with one packet. Each rest that
# ends in another failure is followed by one of twice the length.
RESTS_AFTER = 5
REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=15)


def wait_before_next(tries: int, retry_after: timedelta | None) -> timedelta:
    """How long to wait after try number `tries` (from 1); what the portal asks for is the least."""
    longest = RETRY_WAITS[min(tries, len(RETRY_WAITS)) - 1]
    drawn = longest * random.random()  # noqa: S311 spreads load, keeps no secret
    return max(drawn, retry_after or timedelta())


def rest(number: int) -> timedelta:
    """How long the rest number `number` (from 1) in a row is."""
    return min(REST * (1 << min(number - 1, 10)), LONGEST_REST)
