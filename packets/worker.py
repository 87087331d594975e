"""The worker that runs for ever: one thread collects, one for each portal sends, and one sends the daily mail.

Collecting never waits for a slow portal or mail server, and no portal waits for another.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.db.models import Max

from onestop.dossiers.models import Transition
from onestop.statistics.counting.incremental import catch_up

from .collecting.collect import collect
from .delivery.sender import PortalSender
from .delivery.unexpected import OUR_OWN, note, put_off
from .listener import POLL_SECONDS, Listener
from .models import Portal
from .monitoring import mailing
from .portals import change_mail
from .queue.outbox import something_is_due

log = logging.getLogger(__name__)

# How many moves are counted before packets are handled again.
FIGURES_AT_ONCE = 5_000
# How often all of history is searched for moves without a packet, and how soon for the second time.
SWEEP_SECONDS, FIRST_SWEEP_SECONDS = 300.0, 10.0
# A sender ends its threads and connections after so long without anything to send: there may be a hundred receivers,
# most of them idle.
IDLE_SECONDS = 60.0
# How soon a mail that could not be sent is tried again.
MAIL_AGAIN_SECONDS = 3600.0
# How long a thread waits after an error of this software's own, so that it does not fill the log.
AFTER_ERROR_SECONDS = 5.0


@dataclass
class CollectWindow:
    """From which move on collecting searches, so that an idle office does not read its whole history every second.

    Moves get their numbers before they are committed, so a move with a lower number may still appear. A sweep searches
    all moves every few minutes; between sweeps only those above the last number of the sweep before the last. A
    transaction that took longer than a whole interval is found by the next sweep.
    """

    above: int = 0
    _next_above: int = 0
    _sweep_at: float = 0.0
    _sweeps: int = 0

    @contextmanager
    def looking(self) -> Iterator[int]:
        """The number above which to search now, 0 for all of history. After an error inside, the sweep is repeated."""
        now = time.monotonic()
        if now < self._sweep_at:
            yield self.above
            return
        last = Transition.objects.aggregate(last=Max("pk"))["last"] or 0
        yield 0
        self.above, self._next_above = self._next_above, last
        self._sweep_at = now + (SWEEP_SECONDS if self._sweeps else FIRST_SWEEP_SECONDS)
        self._sweeps += 1


@dataclass
class Sender:
    """The thread that sends to one portal, until it has had nothing to send for `IDLE_SECONDS`."""

    portal: Portal
    stop: threading.Event
    wake: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._idle_since = time.monotonic()
        self.thread = threading.Thread(target=self._run, name=f"send-{self.portal.code}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            while self._goes_on():
                try:
                    self._send_until_idle()
                except Exception as error:  # the thread must not end without a trace: the portal's page shows why
                    put_off(self.portal, error)
                    self.stop.wait(AFTER_ERROR_SECONDS)
        finally:
            connection.close()

    def _goes_on(self) -> bool:
        return not self.stop.is_set() and time.monotonic() - self._idle_since < IDLE_SECONDS

    def _send_until_idle(self) -> None:
        with PortalSender(self.portal) as sender:

            def send() -> None:
                if something_is_due(self.portal):
                    sender.deliver(self.stop.is_set)
                    self._idle_since = time.monotonic()

            while self._goes_on():
                self.wake.clear()
                unless_database_is_away(send)
                self.wake.wait(POLL_SECONDS)


class DailyMailThread:
    """The thread that sends one kind of mail; it runs only while there is something to send."""

    def __init__(self, name: str, is_due: Callable[[], bool], send: Callable[[], object]) -> None:
        self.name, self._is_due, self._send = name, is_due, send
        self._thread: threading.Thread | None = None
        self._not_before = 0.0

    def start_if_due(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        if time.monotonic() >= self._not_before and self._is_due():
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()

    def wait(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        self._not_before = time.monotonic() + MAIL_AGAIN_SECONDS
        try:
            unless_database_is_away(self._send_now)
        except Exception:  # an error of the mail must not stop the packets
            log.exception("the %s could not be sent, will try again", self.name)
        finally:
            connection.close()

    def _send_now(self) -> None:
        self._send()
        self._not_before = 0.0


class Worker:
    """Collects and sends until `stop` is set; calls `portals` in each round for the present portals."""

    def __init__(
        self,
        stop: threading.Event,
        portals: Callable[[], list[Portal]],
        *,
        collects: bool = True,
        delivers: bool = True,
    ) -> None:
        self.stop = stop
        self.portals = portals
        self.collects = collects
        self.delivers = delivers
        self._windows: dict[int, CollectWindow] = {}
        self._senders: dict[int, Sender] = {}
        # When each task that met an error of this software's own is tried again.
        self._not_before: dict[str, float] = {}
        self._mails = (
            DailyMailThread("digest", mailing.is_due, mailing.send),
            DailyMailThread("mail about a change", change_mail.is_due, change_mail.send),
        )

    def run(self) -> None:
        listener = Listener(self.stop.is_set)
        try:
            while not self.stop.is_set():
                unless_database_is_away(self._round)
                listener.sleep()
        finally:
            listener.close()
            for sender in self._senders.values():
                sender.wake.set()
            for sender in self._senders.values():
                sender.thread.join()
            for mail in self._mails:
                mail.wait()

    def _round(self) -> None:
        for mail in self._mails:
            self._try(mail.name, mail.start_if_due)
        portals: list[Portal] = []
        self._try("portals", lambda: portals.extend(self.portals()))
        for portal in portals:
            if self.collects and not self.stop.is_set():
                self._try(f"collect/{portal.pk}", partial(self._collect, portal), portal)
            if self.delivers and not self.stop.is_set():
                self._try(f"send/{portal.pk}", partial(self._call_sender, portal), portal)
        if self.collects and not self.stop.is_set():
            # Figures are kept up to date here as well, so that their pages need not do it first.
            self._try("figures", lambda: catch_up(most=FIGURES_AT_ONCE, wait=False))

    def _try(self, name: str, work: Callable[[], object], *portals: Portal) -> None:
        """Does `work`, unless it failed just before. An error in it stops nothing else, and is shown at `portals`."""
        if time.monotonic() < self._not_before.get(name, 0.0):
            return
        try:
            work()
        except Exception as error:
            if is_away(error):
                raise
            note(portals, error)
            self._not_before[name] = time.monotonic() + AFTER_ERROR_SECONDS

    def _collect(self, portal: Portal) -> None:
        with self._windows.setdefault(portal.pk, CollectWindow()).looking() as above:
            collect(portal, above=above)

    def _call_sender(self, portal: Portal) -> None:
        """Wakes the portal's sender. If there is none, or it has ended, starts one for what is due."""
        sender = self._senders.get(portal.pk)
        if sender is not None and sender.thread.is_alive():
            sender.wake.set()
        elif something_is_due(portal):
            self._senders[portal.pk] = Sender(portal, self.stop)


def unless_database_is_away(work: Callable[[], object]) -> None:
    """Does `work`, and passes over an unreachable or busy database: what was due is still due when it is back."""
    close_old_connections()
    try:
        work()
    except (DatabaseError, InterfaceError) as error:
        if not is_away(error):
            raise
        log.warning("the database is away or busy, will try again: %s", type(error).__name__)
        connection.close()


def is_away(error: Exception) -> bool:
    """Whether it is an error of the database that passes by waiting."""
    return isinstance(error, DatabaseError | InterfaceError) and not isinstance(error, OUR_OWN)
