"""The engine's figures, shortened alike: the mechanism stays, and a schedule takes seconds."""

from __future__ import annotations

from datetime import timedelta

from packets import listener, worker
from packets.delivery import sender, tokens
from packets.dialects.qd1705 import client
from packets.queue import outbox, retries

LEASE = timedelta(seconds=1.5)
# Until everything that was left behind is due again, several times over.
DRAIN_SECONDS = 25.0


def shorten() -> None:
    """For this process. Each figure keeps its place among the others: an answer comes within a lease, and so on."""
    # By name, since a module that imported a figure has its own.
    vars(outbox).update(LEASE=LEASE)
    vars(sender).update(LEASE=LEASE, LOOK_SECONDS=0.1, LAST_WORDS_SECONDS=3.0)
    vars(retries).update(
        RETRY_WAITS=tuple(timedelta(seconds=seconds) for seconds in (0.05, 0.1, 0.2, 0.3)),
        REST=timedelta(seconds=0.2),
        LONGEST_REST=timedelta(seconds=0.8),
    )
    vars(tokens).update(FETCHING=timedelta(seconds=1.2), LOOK_AGAIN_SECONDS=0.05)
    vars(client).update(CONNECT_SECONDS=0.4, READ_SECONDS=0.9, ANSWER_SECONDS=1.0)
    vars(worker).update(FIRST_SWEEP_SECONDS=0.4, SWEEP_SECONDS=1.2, POLL_SECONDS=0.1)
    vars(listener).update(POLL_SECONDS=0.1, CALLED_POLL_SECONDS=0.3, SLICE_SECONDS=0.05)
