"""Retries: how long a packet waits for its next try, and how long a portal that keeps failing rests.

`docs/delivery.md` has the same table; a test compares them.
"""

from __future__ import annotations

import random
from datetime import timedelta

# How long to wait before each next try; the last figure holds for all that follow. Each wait is drawn between nothing
# and the figure (full jitter), so that a thousand packets are not retried at once. The aims of the table:
#  1. a short failure should cost seconds, not minutes;
#  2. a portal that is down all night must not get ten thousand requests;
#  3. after any outage, packets are sent again within half an hour.
RETRY_WAITS = (
    timedelta(seconds=5),  # at most  5 s after the first try
    timedelta(seconds=15),  #         20 s
    timedelta(minutes=1),  #          1 min 20 s
    timedelta(minutes=5),  #          6 min 20 s
    timedelta(minutes=15),  #        21 min 20 s
    timedelta(minutes=30),  #        51 min 20 s, then every half hour at most
)
# Covers a portal that is down over a long holiday and the morning after: more than the 72 hours that are promised.
GIVE_UP_AFTER = timedelta(hours=96)

# After so many failures of the portal in a row nothing is sent for a rest, then one packet as a trial. If that fails,
# the next rest is twice as long.
RESTS_AFTER = 5
REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=15)


def wait_before_next(tries: int, retry_after: timedelta | None) -> timedelta:
    """How long to wait after try number `tries` (from 1); at least as long as the portal asks for."""
    longest = RETRY_WAITS[min(tries, len(RETRY_WAITS)) - 1]
    drawn = longest * random.random()  # noqa: S311 spreads load, keeps no secret
    return max(drawn, retry_after or timedelta())


def rest(number: int) -> timedelta:
    """The length of rest number `number` (from 1) in a row."""
    return min(REST * (1 << min(number - 1, 10)), LONGEST_REST)
