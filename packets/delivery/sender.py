"""Takes packets that are due, sends several at once, and settles what became of them.

A packet is claimed in one short transaction, sent in none, and settled in a second one. The claim is a lease: if
this process dies, another takes the packet over when the lease has run out, with the same Idempotency-Key. The one
thread that calls `deliver` does everything with the database; those that send see none.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Self

from django.db import InterfaceError, OperationalError, connection

from onestop.dossiers.models import Attachment
from packets.dialects.qd1705.client import PortalClient
from packets.http.client import PortalError
from packets.models import Attempt, Packet, Portal
from packets.queue.outbox import LEASE, Claimed, claim, make_due_now, release, renew
from packets.queue.payload import Body, mark_prefix
from packets.safe_traceback import described

from .pool import Job, SenderPool, SendResult
from .repeats import proven_by_already_exists
from .settle import settle, unrecorded
from .tokens import valid_token
from .unexpected import as_failure, grounded

log = logging.getLogger(__name__)

# Requests at once of one worker; how many packets it takes so that none of them waits for the database, and settles
# in one go.
THREADS = 16
CLAIM = 256
GATHER = 128
# Tries that end within so many seconds of each other are settled together.
GATHER_SECONDS = 0.02
# How often those on their way are looked after while none comes back.
LOOK_SECONDS = 0.25
# How long one who is told to stop waits for a database that is away, before what it has learned is learned again.
LAST_WORDS_SECONDS = 20.0
# How soon to look again for room that the portal's bounds do not leave yet.
THROTTLED_SECONDS = 0.05


@dataclass
class Delivered:
    """What one delivering did, in packets."""

    accepted: int = 0
    retry: int = 0
    stopped: int = 0

    def count(self, landings: Iterable[SendResult]) -> None:
        for landing in landings:
            self.accepted += landing.attempt.outcome == Attempt.Outcome.ACCEPTED
            self.retry += landing.attempt.outcome == Attempt.Outcome.RETRY
            self.stopped += landing.attempt.outcome == Attempt.Outcome.STOPPED


def deliver(
    portal: Portal,
    *,
    waiting_too: bool = False,
    stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Delivered:
    """Sends what is due for `portal` until nothing is, the portal needs a rest, or `stop` says so.

    `waiting_too`: begins with making packets due whose next try is set for later, and with waking a resting portal.
    """
    if waiting_too:
        make_due_now(portal)
    with PortalSender(portal) as courier:
        return courier.deliver(stop, on_progress)


class PortalSender:
    """Carries packets to one portal over connections that it keeps. Use as a context manager."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._crew = SenderPool(min(THREADS, portal.most_in_flight or THREADS))
        self._client = PortalClient(self._crew.tls)
        self._flying: dict[int, Job] = {}
        self._delivered = Delivered()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._call_back()
        self._crew.dismiss()
        # An error ended the delivering; what these learned is known here alone.
        while self._flying and (landings := self._gather()):
            with suppress(Exception):
                self._settle_or_tell_why_not(landings)
        self._client.close()

    def deliver(
        self, stop: Callable[[], bool] = lambda: False, on_progress: Callable[[int], object] = lambda done: None
    ) -> Delivered:
        """Sends until nothing is due, the portal needs a rest, or `stop` says so. Nothing is on its way afterwards."""
        self._delivered, throttled = Delivered(), False
        while True:
            if stop():
                self._call_back()
            elif len(self._flying) <= CLAIM - GATHER:
                throttled = self._take_off()
            if self._flying:
                landings = self._gather()
                self._settle(landings, stop)
                self._renew()
                on_progress(len(landings))
            elif throttled and not stop():
                time.sleep(THROTTLED_SECONDS)
            else:
                return self._delivered

    def _take_off(self) -> bool:
        """Sends what may be sent now. Returns whether more is due for which there is no room yet."""
        with self._unless_away():
            claimed = claim(self.portal, CLAIM - len(self._flying), exclude=self._flying)
            return self._send(claimed)
        return False

    def _send(self, claimed: Claimed) -> bool:
        self.portal = claimed.portal
        if not claimed.packets:
            return claimed.throttled
        try:
            loads = self._loads(claimed)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # whatever it is, none of them may stay under way
            if not isinstance(error, PortalError):
                log.error("portal=%s an error of this software's own: %s", self.portal.code, described(error))
                error = as_failure(error)
            self._settle_grounded(claimed.packets, error)
            return False
        self._flying |= {load.packet.pk: load for load in loads}
        self._crew.send(loads)
        return False

    def _loads(self, claimed: Claimed) -> list[Job]:
        """What the crew is to send. Raises PortalError if the portal gives out no token."""
        token = self._token(claimed)
        repeats = proven_by_already_exists(claimed.portal, claimed.packets)
        return [
            Job(claimed.portal, packet, body, token, claimed.until, packet.pk in repeats)
            for packet, body in with_bodies(claimed.packets)
        ]

    def _settle_grounded(self, packets: list[Packet], failure: PortalError) -> None:
        settle(self.portal, landings := [grounded(packet, failure) for packet in packets])
        self._delivered.count(landings)

    def _token(self, claimed: Claimed) -> str:
        """What a portal is to be shown; "" for a receiver that asks for none. Raises PortalError."""
        if claimed.portal.is_webhook:
            return ""
        return claimed.token or valid_token(claimed.portal, self._client)

    @contextmanager
    def _unless_away(self) -> Iterator[None]:
        """Passes over what the database, being away, keeps from being done while packets are on their way.

        Their answers come first: who settles them waits for it.
        """
        try:
            yield
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or not self._flying:
                raise
            connection.close()

    def _gather(self) -> list[SendResult]:
        """Waits for a try to end; with it come those that end at about the same time."""
        landings = self._crew.landed(min(GATHER, len(self._flying)), LOOK_SECONDS, GATHER_SECONDS)
        for landing in landings:
            del self._flying[landing.packet.pk]
        return landings

    def _renew(self) -> None:
        half_over = time.monotonic() + LEASE.total_seconds() / 2
        short = [load for load in self._flying.values() if load.until < half_over]
        if short:
            with self._unless_away():
                until = renew([load.packet for load in short])
                for load in short:
                    load.until = until

    def _call_back(self) -> None:
        """Gives back what has not left yet; what is on its way comes to its end."""
        back = self._crew.call_back()
        for packet in back:
            del self._flying[packet.pk]
        if back:
            # If the database is away, their leases run out by themselves.
            with suppress(OperationalError, InterfaceError):
                release(back)

    def _settle(self, landings: list[SendResult], stop: Callable[[], bool]) -> None:
        """Settles, however long the database stays away: the portal's answers are known here alone."""
        left, pause, told_to_stop = landings, 0.25, 0.0
        while left:
            try:
                self._settle_or_tell_why_not(left)
                break
            except (OperationalError, InterfaceError) as error:
                told_to_stop += pause if stop() else 0
                if connection.in_atomic_block or told_to_stop > LAST_WORDS_SECONDS:
                    raise
                log.warning("portal=%s settling again: %s", self.portal.code, type(error).__name__)
                connection.close()
                time.sleep(pause)
                pause = min(2 * pause, 5)
                left = self._unsettled(left)
        self._delivered.count(landings)

    def _settle_or_tell_why_not(self, landings: list[SendResult]) -> None:
        """Settles; what cannot be written down as it came is a try that failed for an error of our own.

        Then each is settled by itself, so that one does not keep the others from it.
        """
        try:
            settle(self.portal, landings)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.error("portal=%s an error of this software's own: %s", self.portal.code, described(error))
            if len(landings) > 1:
                for landing in landings:
                    self._settle_or_tell_why_not([landing])
            else:
                landings[0].fail(as_failure(error))
                settle(self.portal, landings)

    def _unsettled(self, landings: list[SendResult]) -> list[SendResult]:
        """Without those whose settling was kept although its answer never came."""
        try:
            return unrecorded(landings)
        except (OperationalError, InterfaceError):
            connection.close()
            return landings


def with_bodies(packets: Collection[Packet]) -> Iterator[tuple[Packet, Body]]:
    """Each of `packets` with what is sent for it."""
    with_files = {packet.dossier_id for packet in packets if mark_prefix(packet.key) in packet.body}
    files: dict[int | None, dict[int, Attachment]] = {pk: {} for pk in with_files}
    if with_files:
        for attachment in Attachment.objects.filter(dossier__in=with_files):
            files[attachment.dossier_id][attachment.ordinal] = attachment
    for packet in packets:
        yield packet, Body(packet.body, packet.key, files.get(packet.dossier_id, {}))
