"""Claims packets that are due, sends several messages at once, and settles each packet by its result.

A packet is claimed in one short transaction, sent in none, and settled in a second one. The claim is a lease: if
this process dies, another takes the packet over when the lease has run out, with the same Idempotency-Key. Only the
thread that calls `deliver` uses the database; the threads that send do not.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Self

from django.db import InterfaceError, OperationalError, connection

from packets import dialects
from packets.dialects.base import Outgoing
from packets.http.client import PortalError
from packets.models import Attempt, Portal
from packets.queue.outbox import LEASE, Claimed, claim, make_due_now, release, renew
from packets.queue.payload import with_bodies
from packets.safe_traceback import described

from .pool import Job, SenderPool, SendResult, failed_before_sending
from .repeats import proven_by_already_exists
from .settle import settle, unrecorded
from .tokens import valid_token
from .unexpected import portal_failure

log = logging.getLogger(__name__)

# How many requests one worker sends at once; how many packets it claims, so that no thread waits for the database; how
# many it settles in one transaction.
THREADS = 16
CLAIM = 256
GATHER = 128
# Tries that end within so many seconds of each other are settled together.
GATHER_SECONDS = 0.02
# How long to wait for a result before the leases of the packets on their way are checked.
LOOK_SECONDS = 0.25
# How long a stopping worker waits for an unreachable database. After that its results are lost: the packets are sent
# again when their leases run out.
LAST_WORDS_SECONDS = 20.0
# How soon to check again whether the portal's bounds leave room for another packet.
THROTTLED_SECONDS = 0.05


@dataclass
class Delivered:
    """The results of one delivery, in packets."""

    accepted: int = 0
    retry: int = 0
    stopped: int = 0

    def count(self, results: Iterable[SendResult]) -> None:
        for result in results:
            self.accepted += result.attempt.outcome == Attempt.Outcome.ACCEPTED
            self.retry += result.attempt.outcome == Attempt.Outcome.RETRY
            self.stopped += result.attempt.outcome == Attempt.Outcome.STOPPED


def deliver(
    portal: Portal,
    *,
    waiting_too: bool = False,
    stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Delivered:
    """Sends what is due for `portal` until nothing is, the portal needs a rest, or `stop` says so.

    `waiting_too`: first makes due the packets whose next try is set for later, and ends the portal's rest.
    """
    if waiting_too:
        make_due_now(portal)
    with PortalSender(portal) as sender:
        return sender.deliver(stop, on_progress)


class PortalSender:
    """Sends packets to one portal over connections that it keeps open. Use as a context manager."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._pool = SenderPool(min(THREADS, portal.most_in_flight or THREADS))
        # For signing in; each thread of the pool has a client of its own for sending.
        self._client = dialects.of(portal).client(self._pool.tls)
        self._in_flight: dict[int, Job] = {}
        self._delivered = Delivered()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._cancel_pending()
        self._pool.shutdown()
        # An error may have ended the delivery. The results of what was on its way are known only here.
        while self._in_flight and (results := self._gather()):
            with suppress(Exception):
                self._settle_or_fail(results)
        self._client.close()

    def deliver(
        self, stop: Callable[[], bool] = lambda: False, on_progress: Callable[[int], object] = lambda done: None
    ) -> Delivered:
        """Sends until nothing is due, the portal needs a rest, or `stop` says so. Nothing is on its way afterwards."""
        self._delivered, throttled = Delivered(), False
        while True:
            if stop():
                self._cancel_pending()
            elif len(self._in_flight) <= CLAIM - GATHER:
                throttled = False
                with self._unless_database_is_away():
                    claimed = claim(self.portal, CLAIM - len(self._in_flight), exclude=self._in_flight)
                    throttled = self._send(claimed)
            if self._in_flight:
                results = self._gather()
                self._settle(results, stop)
                self._renew()
                on_progress(len(results))
            elif throttled and not stop():
                time.sleep(THROTTLED_SECONDS)
            else:
                return self._delivered

    def _send(self, claimed: Claimed) -> bool:
        """Sends what was claimed. Returns whether more is due for which the portal's bounds leave no room yet."""
        self.portal = claimed.portal
        if not claimed.packets:
            return claimed.throttled
        try:
            jobs = self._jobs(claimed)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # after any error, no claimed packet may stay under way
            if not isinstance(error, PortalError):
                log.error("portal=%s an error of this software's own: %s", self.portal.code, described(error))
                error = portal_failure(error)
            settle(self.portal, results := [failed_before_sending(packet, error) for packet in claimed.packets])
            self._delivered.count(results)
            return False
        self._in_flight |= {packet.pk: job for job in jobs for packet in job.packets}
        self._pool.send(jobs)
        return False

    def _jobs(self, claimed: Claimed) -> list[Job]:
        """The messages to send: each carries as many packets of one kind as the dialect puts into one.

        All that is claimed together is of different streams, so no packet overtakes another of its stream. Raises
        PortalError if the portal gives out no token.
        """
        portal, dialect = claimed.portal, dialects.of(claimed.portal)
        token = ""
        if dialect.uses_token:
            token = claimed.token or valid_token(portal, self._client)
        repeats = proven_by_already_exists(portal, claimed.packets)
        batches: list[list[Outgoing]] = []
        open_batches: dict[str, list[Outgoing]] = {}
        for packet, body in with_bodies(claimed.packets):
            batch = open_batches.get(packet.kind)
            if batch is None or len(batch) == dialect.batch:
                batch = open_batches[packet.kind] = []
                batches.append(batch)
            batch.append(Outgoing(packet, body, packet.pk in repeats))
        return [Job(portal, batch, token, claimed.until) for batch in batches]

    @contextmanager
    def _unless_database_is_away(self) -> Iterator[None]:
        """Ignores an unreachable database inside while packets are on their way.

        Their results are gathered first; `_settle` then waits until the database is back.
        """
        try:
            yield
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or not self._in_flight:
                raise
            connection.close()

    def _gather(self) -> list[SendResult]:
        """Waits for a try to end, and returns it with those that end at about the same time."""
        results = self._pool.results(min(GATHER, len(self._in_flight)), LOOK_SECONDS, GATHER_SECONDS)
        for result in results:
            del self._in_flight[result.packet.pk]
        return results

    def _renew(self) -> None:
        half_over = time.monotonic() + LEASE.total_seconds() / 2
        # By id, because a job is listed once for each of its packets.
        short = {id(job): job for job in self._in_flight.values() if job.until < half_over}.values()
        if short:
            with self._unless_database_is_away():
                until = renew([packet for job in short for packet in job.packets])
                for job in short:
                    job.until = until

    def _cancel_pending(self) -> None:
        """Releases what has not been sent yet; what is on its way continues."""
        back = self._pool.cancel_pending()
        for packet in back:
            del self._in_flight[packet.pk]
        if back:
            # If the database is unreachable, their leases run out by themselves.
            with suppress(OperationalError, InterfaceError):
                release(back)

    def _settle(self, results: list[SendResult], stop: Callable[[], bool]) -> None:
        """Settles, and waits while the database is unreachable: the portal's answers are known only here."""
        left, pause, stopping_for = results, 0.25, 0.0
        while left:
            try:
                self._settle_or_fail(left)
                break
            except (OperationalError, InterfaceError) as error:
                stopping_for += pause if stop() else 0
                if connection.in_atomic_block or stopping_for > LAST_WORDS_SECONDS:
                    raise
                log.warning("portal=%s settling again: %s", self.portal.code, type(error).__name__)
                connection.close()
                time.sleep(pause)
                pause = min(2 * pause, 5)
                left = self._unsettled(left)
        self._delivered.count(results)

    def _settle_or_fail(self, results: list[SendResult]) -> None:
        """Settles; a result that cannot be written becomes a try that failed with an error of our own.

        After such an error each result is settled by itself, so that a bad one does not block the others.
        """
        try:
            settle(self.portal, results)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.error("portal=%s an error of this software's own: %s", self.portal.code, described(error))
            if len(results) > 1:
                for result in results:
                    self._settle_or_fail([result])
            else:
                results[0].fail(portal_failure(error))
                settle(self.portal, results)

    def _unsettled(self, results: list[SendResult]) -> list[SendResult]:
        """The results that are still to settle: a commit may have succeeded although its answer was lost."""
        try:
            return unrecorded(results)
        except (OperationalError, InterfaceError):
            connection.close()
            return results
