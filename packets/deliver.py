"""Takes packets that are due, sends several at once, and settles what became of them.

A packet is claimed in one short transaction, sent in none, and settled in a second one. The claim is a lease: if
this process dies, another takes the packet over when the lease has run out, with the same Idempotency-Key. The one
thread that calls `deliver` does everything with the database; those that send see none.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from onestop.dossiers.models import Attachment

from .body import Body, FileChanged, FileMissing, mark_prefix
from .models import Attempt, Packet, Portal
from .outbox import LEASE, claim, hurry, release, renew
from .portal import PortalClient, PortalError
from .reasons import Reason
from .settling import Landing, settle, unrecorded
from .tokens import valid_token

log = logging.getLogger(__name__)

# Requests at once of one worker, and how many packets it takes so that none of them waits for the database.
THREADS = 16
CLAIM = 64
# Tries that end within so many seconds of each other are settled together.
GATHER_SECONDS = 0.02
# How often those on their way are looked after while none comes back.
LOOK_SECONDS = 20.0
# How soon to look again for room that the portal's bounds do not leave yet.
HELD_UP_SECONDS = 0.05


@dataclass
class Delivered:
    """What one delivering did, in packets."""

    accepted: int = 0
    retry: int = 0
    stopped: int = 0

    def count(self, landings: Iterable[Landing]) -> None:
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
        hurry(portal)
    with Courier(portal) as courier:
        return courier.deliver(stop, on_progress)


class Courier:
    """Carries packets to one portal over connections that it keeps. Use as a context manager."""

    def __init__(self, portal: Portal) -> None:
        number = min(THREADS, portal.most_in_flight)
        self.portal = portal
        self._client = PortalClient(number)
        self._threads = ThreadPoolExecutor(number, thread_name_prefix=portal.code)
        self._flying: dict[int, tuple[Packet, Future[None]]] = {}
        self._landed: queue.SimpleQueue[Landing] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._client.__exit__()

    def deliver(
        self, stop: Callable[[], bool] = lambda: False, on_progress: Callable[[int], object] = lambda done: None
    ) -> Delivered:
        """Sends until nothing is due, the portal needs a rest, or `stop` says so. Nothing is on its way afterwards."""
        delivered, held_up = Delivered(), False
        while True:
            if stop():
                self._call_back()
            elif len(self._flying) <= CLAIM // 2:
                held_up = self._take_off()
            if self._flying:
                landings = self._gather()
                self._settle(landings)
                delivered.count(landings)
                on_progress(len(landings))
            elif held_up and not stop():
                time.sleep(HELD_UP_SECONDS)
            else:
                return delivered

    def _take_off(self) -> bool:
        """Sends what may be sent now. Returns whether more is due for which there is no room yet."""
        claimed = claim(self.portal, CLAIM - len(self._flying))
        self.portal = claimed.portal
        if not claimed.packets:
            return claimed.held_up
        try:
            token = valid_token(self.portal, self._client)
        except PortalError as failure:
            self._settle([_grounded(packet, failure) for packet in claimed.packets])
            return False
        for packet, body in zip(claimed.packets, bodies(claimed.packets), strict=True):
            self._flying[packet.pk] = packet, self._threads.submit(self._fly, packet, body, token)
        return False

    def _fly(self, packet: Packet, body: Body, token: str) -> None:
        self._landed.put(attempt_once(self._client, self.portal, packet, body, token))

    def _gather(self) -> list[Landing]:
        """Waits for a try to end; with it come those that end at about the same time."""
        landings: list[Landing] = []
        until = time.monotonic() + LOOK_SECONDS
        while self._flying and len(landings) < CLAIM // 2:
            try:
                landing = self._landed.get(timeout=max(until - time.monotonic(), 0))
            except queue.Empty:
                break
            if not landings:
                until = time.monotonic() + GATHER_SECONDS
            landings.append(landing)
            del self._flying[landing.packet.pk]
        renew([packet for packet, _future in self._flying.values()])
        return landings

    def _call_back(self) -> None:
        """Gives back what has not left yet; what is on its way comes to its end."""
        back = [packet for packet, future in self._flying.values() if future.cancel()]
        if back:
            release(back)
        for packet in back:
            del self._flying[packet.pk]

    def _settle(self, landings: list[Landing]) -> None:
        """Settles, however often that takes while the leases hold: the portal's answers are known here alone."""
        left, until, pause = landings, time.monotonic() + LEASE.total_seconds(), 0.25
        while left:
            try:
                return settle(self.portal, left)
            except (OperationalError, InterfaceError) as error:
                if connection.in_atomic_block or time.monotonic() > until:
                    raise
                log.warning("portal=%s settling again: %s", self.portal.code, type(error).__name__)
                connection.close()
                time.sleep(pause)
                pause = min(2 * pause, 5)
                left = self._unsettled(left)

    def _unsettled(self, landings: list[Landing]) -> list[Landing]:
        """Without those whose settling was kept although its answer never came."""
        try:
            return unrecorded(landings)
        except (OperationalError, InterfaceError):
            return landings


# ---- one packet


def bodies(packets: Collection[Packet]) -> list[Body]:
    """What is sent for each of `packets`, in their order."""
    with_files = {packet.dossier_id for packet in packets if mark_prefix(packet.key) in packet.body}
    files: dict[int | None, dict[int, Attachment]] = {pk: {} for pk in with_files}
    if with_files:
        for attachment in Attachment.objects.filter(dossier__in=with_files):
            files[attachment.dossier_id][attachment.ordinal] = attachment
    return [Body(packet.body, packet.key, files.get(packet.dossier_id, {})) for packet in packets]


def attempt_once(client: PortalClient, portal: Portal, packet: Packet, body: Body, token: str) -> Landing:
    """Sends a claimed packet, without touching the database. Never raises."""
    attempt = Attempt(packet=packet, portal=portal, key=packet.key, at=timezone.now())
    clock, failure = time.monotonic(), None
    try:
        attempt.digest = body.digest()
        answer = client.send(portal, packet, body, token)
        attempt.http_status, attempt.reply = answer.http_status, answer.excerpt
    except Exception as error:  # an error of our own must not leave the packet without an end either
        failure = _as_failure(error)
        attempt.http_status, attempt.reply = failure.http_status, failure.detail
    attempt.milliseconds = round((time.monotonic() - clock) * 1000)
    return Landing(packet, attempt, failure, token)


def _as_failure(error: Exception) -> PortalError:
    match error:
        case PortalError():
            return error
        case FileMissing():
            return PortalError(Reason.FILE_MISSING, str(error), permanent=True, its_fault=False)
        case FileChanged():
            return PortalError(Reason.FILE_CHANGED, str(error), permanent=True, its_fault=False)
    log.exception("an error of this software's own while sending")
    return PortalError(Reason.INTERNAL, type(error).__name__, its_fault=False)


def _grounded(packet: Packet, failure: PortalError) -> Landing:
    """A try that ended before anything was sent."""
    attempt = Attempt(
        packet=packet,
        portal_id=packet.portal_id,
        key=packet.key,
        at=timezone.now(),
        milliseconds=0,
        http_status=failure.http_status,
        reply=failure.detail,
    )
    return Landing(packet, attempt, failure)
