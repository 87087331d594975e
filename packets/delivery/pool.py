"""Threads that bring packets to a portal, several at once. None of them sees the database."""

from __future__ import annotations

import logging
import queue
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

import httpx2
from django.utils import timezone

from packets.dialects.clients import Client, client_for
from packets.http.client import PortalError
from packets.models import Attempt, Packet, Portal
from packets.models.reasons import Reason
from packets.queue.payload import Body, FileChanged, FileMissing
from packets.safe_traceback import described

log = logging.getLogger(__name__)

# As long as a try takes no longer than this, more threads would only wait for each other.
WORTH_A_THREAD_SECONDS = 0.002


@dataclass
class Job:
    """A claimed packet with what is sent for it.

    `until`: by the clock that nobody sets, how long the claim surely holds. Who renews it moves this.
    """

    portal: Portal
    packet: Packet
    body: Body
    token: str
    until: float
    # Whether “already exists” would prove it: see `repeats`.
    is_repeat: bool = False


@dataclass
class SendResult:
    """A try that is over. `packet` is as it was sent, and stays so; `attempt` is not saved yet."""

    packet: Packet
    attempt: Attempt
    failure: PortalError | None = None
    # The token that it was sent with.
    token: str = ""
    seconds: float = 0.0

    def fail(self, failure: PortalError) -> None:
        """Makes of the try, which was made, one that failed."""
        self.failure = failure
        self.attempt = Attempt(
            packet=self.packet,
            portal_id=self.attempt.portal_id,
            key=self.attempt.key,
            at=self.attempt.at,
            digest=self.attempt.digest,
            milliseconds=self.attempt.milliseconds,
            http_status=self.attempt.http_status,
            reply=failure.detail,
        )


@dataclass
class SenderPool:
    """Up to `size` threads, each with a connection of its own that it keeps.

    How many send at once follows how long the portal takes: a distant one is sent to by all of them, a near one by
    few, who then do not get in each other's way.
    """

    size: int
    tls: ssl.SSLContext = field(default_factory=httpx2.create_ssl_context)

    def __post_init__(self) -> None:
        self._loads: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._landed: queue.SimpleQueue[SendResult] = queue.SimpleQueue()
        self._wanted, self._change = 1, threading.Condition()
        self._threads = [threading.Thread(target=self._work, args=(index,), daemon=True) for index in range(self.size)]
        for thread in self._threads:
            thread.start()

    def send(self, loads: Sequence[Job]) -> None:
        for load in loads:
            self._loads.put(load)

    def landed(self, most: int, wait: float, gather: float) -> list[SendResult]:
        """Tries that are over: waits so many seconds for the first, then so many for others, up to `most`."""
        landings: list[SendResult] = []
        until = time.monotonic() + wait
        while len(landings) < most:
            try:
                landing = self._landed.get(timeout=max(until - time.monotonic(), 0))
            except queue.Empty:
                break
            if not landings:
                until = time.monotonic() + gather
            landings.append(landing)
        if landings:
            self._want(round(fmean(landing.seconds for landing in landings) / WORTH_A_THREAD_SECONDS))
        else:
            self._want(self.size)
        return landings

    def call_back(self) -> list[Packet]:
        """The packets that nobody has begun to send; they will not be."""
        back: list[Packet] = []
        while True:
            try:
                load = self._loads.get_nowait()
            except queue.Empty:
                return back
            if load is not None:
                back.append(load.packet)

    def dismiss(self) -> None:
        """Ends the threads when they have sent what they were given."""
        for _thread in self._threads:
            self._loads.put(None)
        self._want(self.size)
        for thread in self._threads:
            thread.join()

    def _want(self, number: int) -> None:
        with self._change:
            self._wanted = min(max(number, 1), self.size)
            self._change.notify_all()

    def _work(self, index: int) -> None:
        client: Client | None = None
        while True:
            if index >= self._wanted:
                with self._change:
                    self._change.wait_for(lambda: index < self._wanted)
            load = self._loads.get()
            if load is None:
                break
            try:
                client = client or client_for(load.portal, self.tls)
                landing = attempt_once(client, load)
            except Exception as error:  # a thread that ended here would leave the packet under way for good
                landing = _stranded(load, _as_failure(error))
            self._landed.put(landing)
        if client is not None:
            client.close()


def attempt_once(client: Client, load: Job) -> SendResult:
    """Sends a claimed packet. Never raises."""
    packet, failure = load.packet, None
    attempt = Attempt(packet=packet, portal=load.portal, key=packet.key, at=timezone.now())
    begun = time.monotonic()
    try:
        attempt.digest = load.body.digest()
        if time.monotonic() > load.until:
            # This process stood still. Meanwhile another may have sent the packet, or a newer one in its place.
            raise PortalError(Reason.LEASE_EXPIRED, receiver_at_fault=False)
        answer = client.send(load.portal, packet, load.body, load.token, load.is_repeat)
        attempt.http_status, attempt.reply = answer.http_status, answer.excerpt
    except Exception as error:  # an error of our own must not leave the packet without an end either
        failure = _as_failure(error)
        attempt.http_status, attempt.reply = failure.http_status, failure.detail
    took = time.monotonic() - begun
    attempt.milliseconds = round(took * 1000)
    return SendResult(packet, attempt, failure, load.token, took)


def _stranded(load: Job, failure: PortalError) -> SendResult:
    """A try that came to nothing before it was begun."""
    packet = load.packet
    attempt = Attempt(packet=packet, portal=load.portal, key=packet.key, at=timezone.now(), milliseconds=0)
    attempt.reply = failure.detail
    return SendResult(packet, attempt, failure, load.token)


def _as_failure(error: Exception) -> PortalError:
    match error:
        case PortalError():
            return error
        case FileMissing():
            return PortalError(Reason.FILE_MISSING, str(error), permanent=True, receiver_at_fault=False)
        case FileChanged():
            return PortalError(Reason.FILE_CHANGED, str(error), permanent=True, receiver_at_fault=False)
    log.error("an error of this software's own while sending: %s", described(error))
    return PortalError(Reason.INTERNAL, type(error).__name__, receiver_at_fault=False)
