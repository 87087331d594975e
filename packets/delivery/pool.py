"""Threads that send messages to a portal, several at once. None of them uses the database."""

from __future__ import annotations

import logging
import queue
import ssl
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import httpx2
from django.utils import timezone

from packets import dialects
from packets.dialects.base import Client, Fate, Outgoing
from packets.http.client import PortalError
from packets.models import Attempt, Packet, Portal
from packets.models.reasons import Reason
from packets.queue.payload import FileChanged, FileMissing
from packets.safe_traceback import described

log = logging.getLogger(__name__)

# If a try takes less than this, more threads would only wait for each other.
WORTH_A_THREAD_SECONDS = 0.002


@dataclass
class Job:
    """Claimed packets that go in one message.

    `until`: the time, by the monotonic clock, until which the claim surely holds. Renewing the claim moves it.
    """

    portal: Portal
    batch: Sequence[Outgoing]
    token: str
    until: float

    @property
    def packets(self) -> list[Packet]:
        return [outgoing.packet for outgoing in self.batch]


@dataclass
class SendResult:
    """The outcome of one packet's try. `packet` stays as it was sent; `attempt` is not saved yet.

    `is_counted`: of packets that failed together with their message, the first counts as the portal's failure.
    """

    packet: Packet
    attempt: Attempt
    failure: PortalError | None = None
    # The token that it was sent with.
    token: str = ""
    seconds: float = 0.0
    is_counted: bool = True

    def end(self, fate: Fate) -> None:
        """Records the packet's fate."""
        attempt = self.attempt
        if isinstance(fate, PortalError):
            self.failure = fate
            attempt.http_status, attempt.reply = fate.http_status, fate.detail
        else:
            attempt.http_status, attempt.reply = fate.http_status, fate.excerpt

    def fail(self, failure: PortalError) -> None:
        """Turns a try that was made into one that failed."""
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

    How many of them send at once depends on how long the portal takes to answer: all for a slow portal, few for a fast
    one, where more would only compete for the processor.
    """

    size: int
    tls: ssl.SSLContext = field(default_factory=httpx2.create_ssl_context)

    def __post_init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[SendResult] = queue.SimpleQueue()
        self._allowed, self._change = 1, threading.Condition()
        self._threads = [threading.Thread(target=self._work, args=(index,), daemon=True) for index in range(self.size)]
        for thread in self._threads:
            thread.start()

    def send(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            self._jobs.put(job)

    def results(self, most: int, wait: float, gather: float) -> list[SendResult]:
        """Finished tries, up to `most`: waits `wait` seconds for the first, then `gather` seconds for others."""
        results: list[SendResult] = []
        until = time.monotonic() + wait
        while len(results) < most:
            try:
                result = self._results.get(timeout=max(until - time.monotonic(), 0))
            except queue.Empty:
                break
            if not results:
                until = time.monotonic() + gather
            results.append(result)
        if results:
            self._allow(round(fmean(result.seconds for result in results) / WORTH_A_THREAD_SECONDS))
        else:
            self._allow(self.size)
        return results

    def cancel_pending(self) -> list[Packet]:
        """Takes back the packets that no thread has begun to send, and returns them."""
        back: list[Packet] = []
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return back
            if job is not None:
                back += job.packets

    def shutdown(self) -> None:
        """Ends the threads after they have sent their jobs."""
        for _thread in self._threads:
            self._jobs.put(None)
        self._allow(self.size)
        for thread in self._threads:
            thread.join()

    def _allow(self, number: int) -> None:
        with self._change:
            self._allowed = min(max(number, 1), self.size)
            self._change.notify_all()

    def _work(self, index: int) -> None:
        client: Client | None = None
        while True:
            if index >= self._allowed:
                with self._change:
                    self._change.wait_for(lambda: index < self._allowed)
            job = self._jobs.get()
            if job is None:
                break
            try:
                client = client or dialects.of(job.portal).client(self.tls)
                results = attempt_once(client, job)
            except Exception as error:  # if the thread ended here, its packets would stay under way for ever
                failure = _message_failure(error)
                results = [failed_before_sending(packet, failure, job.token) for packet in job.packets]
            for result in results:
                self._results.put(result)
        if client is not None:
            client.close()


def attempt_once(client: Client, job: Job) -> list[SendResult]:
    """Sends claimed packets in one message and returns a result for each. Never raises.

    1. A packet whose file is missing or was changed fails by itself; the others go without it.
    2. Nothing is sent once the claim may have run out.
    3. The dialect returns the fate of each packet.
    4. If the message as a whole was not answered, that is the failure of every packet in it.
    """
    at, begun = timezone.now(), time.monotonic()
    results: list[SendResult] = []
    sendable: list[tuple[Outgoing, SendResult]] = []
    for outgoing in job.batch:
        packet = outgoing.packet
        result = SendResult(packet, Attempt(packet=packet, portal=job.portal, key=packet.key, at=at), token=job.token)
        results.append(result)
        try:
            result.attempt.digest = outgoing.body.digest()
        except Exception as error:  # an error of our own must not leave the packet without a result either
            result.end(_message_failure(error))
        else:
            sendable.append((outgoing, result))
    if sendable:
        batch, sent = zip(*sendable, strict=True)
        try:
            if time.monotonic() > job.until:
                # This process was stopped for a while. Another may have sent the packet, or a newer one, since then.
                raise PortalError(Reason.LEASE_EXPIRED, counts_against_receiver=False)
            fates = list(zip(sent, client.send(job.portal, batch, job.token), strict=True))
        except Exception as error:
            failure = _message_failure(error)
            fates = [(result, failure) for result in sent]
            for result in sent[1:]:
                result.is_counted = False
        for result, fate in fates:
            result.end(fate)
    seconds = time.monotonic() - begun
    for result in results:
        result.seconds, result.attempt.milliseconds = seconds, round(seconds * 1000)
    return results


def failed_before_sending(packet: Packet, failure: PortalError, token: str = "") -> SendResult:
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
    return SendResult(packet, attempt, failure, token)


def _message_failure(error: Exception) -> PortalError:
    """The failure of one message. An error of our own does not count against the portal: other messages may pass.

    `unexpected.portal_failure` is for errors outside of a single message, which all packets would meet.
    """
    match error:
        case PortalError():
            return error
        case FileMissing():
            return PortalError(Reason.FILE_MISSING, str(error), permanent=True, counts_against_receiver=False)
        case FileChanged():
            return PortalError(Reason.FILE_CHANGED, str(error), permanent=True, counts_against_receiver=False)
    log.error("an error of this software's own while sending: %s", described(error))
    return PortalError(Reason.INTERNAL, type(error).__name__, counts_against_receiver=False)
