"""The engine's figures, shortened alike: the mechanism stays, and a schedule takes seconds."""

from __future__ import annotations

from datetime import timedelta

from packets import deliver, outbox, patience, portal, tokens, waking, worker

LEASE = timedelta(seconds=1.5)
# Until everything that was left behind is due again, several times over.
DRAIN_SECONDS = 25.0


def shorten() -> None:
    """For this process. Each figure keeps its place among the others: an answer comes within a lease, and so on."""
    outbox.LEASE = deliver.LEASE = LEASE
    deliver.LOOK_SECONDS = 0.25
    patience.RETRY_WAITS = tuple(timedelta(seconds=seconds) for seconds in (0.05, 0.1, 0.2, 0.3))
    patience.REST, patience.LONGEST_REST = timedelta(seconds=0.2), timedelta(seconds=0.8)
    tokens.FETCHING, tokens.LOOK_AGAIN_SECONDS = timedelta(seconds=1.2), 0.05
    # Numbers of seconds that take fractions as well.
    vars(portal).update(CONNECT_SECONDS=0.4, READ_SECONDS=0.6, ANSWER_SECONDS=0.9)
    worker.FIRST_SWEEP_SECONDS, worker.SWEEP_SECONDS = 0.4, 1.2
    worker.POLL_SECONDS = waking.POLL_SECONDS = 0.1
    waking.CALLED_POLL_SECONDS, waking.SLICE_SECONDS = 0.3, 0.05
