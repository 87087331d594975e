"""One schedule from its beginning to the verdict."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection

from packets.collecting.collect import unreported_transitions
from packets.models import Attempt, Packet, PacketState
from packets.models import Portal as PortalRow
from packets.models.reasons import Reason
from packets.operations import pause, resend_all, resume
from packets.sandbox.store import ACCEPTED, REPEATED, Arrival
from tests.packets.portals import a_portal

from . import figures, naive, oracle
from .place import Place
from .plans import Event, Plan
from .points import Cut, Point
from .portal import Portal
from .postgres import OwnServer, Server
from .processes import Process, start, until, use
from .result import Result
from .worker import work
from .writer import write

# How long the writer may take beyond its time, while there is no database to write to.
WRITING_SECONDS = 20.0
# How long a worker has to end when it is told to.
ENDING_SECONDS = 15.0

Worker = Callable[[Path, Point | Cut | None, tuple[float, ...]], None]


def run(plan: Plan, place: Place) -> Result:
    """Runs `plan`. With another sender than ours the portal's side alone is judged."""
    result = Result(plan.seed, plan.family, "SQLite" if plan.on_sqlite else "PostgreSQL")
    if why := _cannot(plan, place.server):
        result.skipped = why
        return result
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f"faults-{plan.seed}-"))
    try:
        with place.database(plan, folder) as url:
            use(url, folder)
            _Run(plan, place.server, url, folder, result).go()
    finally:
        result.seconds = time.monotonic() - began
        if result.complaints and plan.sender == "ours":
            result.logs = str(folder)
        else:
            shutil.rmtree(folder)
    return result


def _cannot(plan: Plan, server: Server | None) -> str:
    if plan.on_sqlite:
        return ""
    if server is None:
        return "no PostgreSQL"
    if plan.restarts and not server.can_restart:
        return "no PostgreSQL of the suite's own, whose server it may restart"
    return ""


class _Run:
    def __init__(self, plan: Plan, server: Server | None, url: str, folder: Path, result: Result) -> None:
        self.plan, self.server, self.url, self.folder, self.result = plan, server, url, folder, result
        self.worker: Worker = work if plan.sender == "ours" else getattr(naive, plan.sender)
        self.report = folder / "faults"
        self.points = list(plan.points)
        self.workers: list[Process] = []
        self.started = 0
        # How often somebody may have been kept for good from writing down what had come.
        self.interruptions = 0

    def go(self) -> None:
        self.portal = Portal(self.url, self.folder)
        self.row = a_portal(self.portal.address)
        self.portal.misbehave(self.plan.mischief)
        plan = self.plan
        writer = start(
            self.url, self.folder, "writer", write, plan.seed, plan.busy_seconds, plan.hands, plan.late, plan.dossiers
        )
        try:
            self._trouble(writer)
            self._end_faults()
            if plan.sender == "ours":
                self._drain()
            else:
                self._drain_as_well_as_it_can()
        finally:
            for process in (writer, *self.workers):
                process.kill()
                process.join()
            self.portal.stop()
        self._complain_about_tracebacks()
        self._judge()

    # ---- while the faults last

    def _trouble(self, writer: Process) -> None:
        for _each in range(self.plan.workers):
            self._start_worker(self.plan.clock)
        began, events = time.monotonic(), list(self.plan.events)
        end = began + max(self.plan.busy_seconds, 0.5)
        while time.monotonic() < end or (writer.is_alive() and time.monotonic() < end + WRITING_SECONDS):
            if events and time.monotonic() - began > events[0][0]:
                self._inject(events.pop(0)[1])
            self._replace_the_dead()
            time.sleep(0.02)
        for _when, event in events:
            self._inject(event)
        # Points that come late have their chance as well.
        until(self._all_points_given, 1.5)
        self._complain_if(writer.exitcode != 0, f"crash: the writer ended with {writer.exitcode}")

    def _start_worker(self, clock: tuple[float, ...] = (), *, dies: bool = True) -> None:
        point = self.points.pop(0) if self.points and dies else None
        self.started += 1
        name = f"worker-{self.started}"
        self.workers.append(start(self.url, self.folder, name, self.worker, self.report, point, clock))
        if clock:
            self.result.faults["clock stepped"] += len(clock)

    def _all_points_given(self) -> bool:
        self._replace_the_dead()
        return not self.points

    def _replace_the_dead(self) -> None:
        for process in [process for process in self.workers if not process.is_alive()]:
            self.workers.remove(process)
            self._bury(process)
            self._start_worker(self.plan.clock)

    def _bury(self, process: Process) -> None:
        """Nobody may have ended but by being killed, or as told."""
        # SIGTERM's own code: it was told so before it had begun.
        ends_well = process.exitcode in (0, -signal.SIGTERM, -signal.SIGKILL)
        self._complain_if(not ends_well, f"crash: {process.name} ended with {process.exitcode}")
        self.interruptions += process.exitcode == -signal.SIGKILL

    def _inject(self, event: Event) -> None:
        self.result.faults[event.value] += 1
        match event:
            case Event.KILL:
                self.workers[0].kill()
                self.workers[0].join()
            case Event.STOP:
                self.workers[0].terminate()
                self.workers[0].join(ENDING_SECONDS)
            case Event.FREEZE:
                self.interruptions += 1
                self._freeze(self.workers[0])
            case Event.RESTART_FAST | Event.RESTART_IMMEDIATE:
                self._restart("fast" if event == Event.RESTART_FAST else "immediate")
            case Event.OUTAGE:
                self._restart("fast", figures.LEASE.total_seconds() * 1.3)
            case Event.END_SESSIONS:
                if self.server is not None and not self.plan.on_sqlite:
                    self.server.end_sessions(self.url.rpartition("/")[2])
            case Event.PORTAL_KILL:
                self.portal.kill()
                time.sleep(0.3)
                self.portal.start()
            case Event.PAUSE:
                self._as_operator(lambda: pause(self.row, by="faults"))
                time.sleep(0.3)
                self._as_operator(lambda: resume(self.row, by="faults"))
            case Event.RESEND:
                self._as_operator(lambda: resend_all(Packet.objects.all(), by="faults"))

    def _freeze(self, process: Process) -> None:
        pid = process.pid
        assert pid is not None
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            time.sleep(figures.LEASE.total_seconds() * 1.3)
            os.kill(pid, signal.SIGCONT)

    def _restart(self, mode: str, away: float = 0.2) -> None:
        if not isinstance(self.server, OwnServer) or self.plan.on_sqlite:
            return
        self.server.stop(mode)
        time.sleep(away)
        self.server.start()

    def _as_operator(self, act: Callable[[], object]) -> None:
        """Somebody whose session was ended meanwhile does it once more."""
        for _time in range(3):
            try:
                act()
                return
            except (DatabaseError, InterfaceError):
                connection.close()
                time.sleep(0.1)

    # ---- afterwards

    def _end_faults(self) -> None:
        self.portal.misbehave([])
        self._as_operator(lambda: resume(self.row, by="faults"))
        self.points.clear()
        for process in self.workers:
            if process.is_alive() and self.plan.sender == "ours":
                process.terminate()
            elif process.is_alive():
                process.kill()
        for process in self.workers:
            process.join(ENDING_SECONDS)
            self._bury(process)
            process.kill()
            process.join()
        self.workers.clear()

    def _drain(self) -> None:
        """One worker without a fault settles everything; where the portal refused for good, after a resend."""
        self._start_worker(dies=False)
        in_time = until(self._nothing_moves, figures.DRAIN_SECONDS)
        if in_time and self.plan.refuses:
            self._complain_about_reasons()
            resend_all(Packet.objects.all(), by="faults")
            in_time = until(self._nothing_moves, figures.DRAIN_SECONDS)
        self._complain_if(not in_time, f"stuck: not drained within {figures.DRAIN_SECONDS:.0f} s")
        drainer = self.workers.pop()
        drainer.terminate()
        drainer.join(ENDING_SECONDS)
        self._bury(drainer)
        drainer.kill()
        drainer.join()

    def _drain_as_well_as_it_can(self) -> None:
        """A worker that is not ours does not tell when it is done."""
        self._start_worker(dies=False)
        time.sleep(1)

    def _nothing_moves(self) -> bool:
        # First: what is collected between the two questions is then seen by the second.
        if unreported_transitions(self.row).exists():
            return False
        moving = Packet.objects.unsettled().exclude(state=PacketState.STOPPED)
        behind_stopped = Packet.objects.filter(
            state=PacketState.READY,
            due_at=None,
            stream__in=Packet.objects.filter(state=PacketState.STOPPED).values("stream"),
        )
        return not moving.exclude(pk__in=behind_stopped.values("pk")).exists()

    def _complain_about_reasons(self) -> None:
        stopped = Packet.objects.filter(state=PacketState.STOPPED)
        wrong = stopped.exclude(reason__in=(Reason.REFUSED, Reason.ALREADY_HELD), tries__gt=0).count()
        self._complain_if(bool(wrong), f"stuck: {wrong} packets stopped for another reason than the portal's refusal")

    def _complain_about_tracebacks(self) -> None:
        """A thread that ended of an error is replaced, and yet it should not have."""
        for log in sorted(self.folder.glob("worker-*.log")):
            text = log.read_text()
            if "Traceback" in text and self.plan.sender == "ours":
                last = [line for line in text.partition("Traceback")[2].splitlines() if re.match(r"[\w.]+: ", line)]
                self._complain_if(True, f"crash: {log.stem}: {last[0] if last else 'see its log'}")

    def _judge(self) -> None:
        ledger = self.portal.ledger()
        self.result.complaints += oracle.of_the_portal(ledger)
        if self.plan.sender == "ours":
            row = PortalRow.objects.get(pk=self.row.pk)
            self.result.complaints += oracle.of_our_own(row, ledger, self.interruptions)
        self._count(ledger)

    def _count(self, ledger: list[Arrival]) -> None:
        result = self.result
        packets = [arrival for arrival in ledger if arrival.kind != "token"]
        result.deliveries = sum(arrival.outcome == ACCEPTED for arrival in packets)
        result.repeats = sum(arrival.outcome == REPEATED for arrival in packets)
        result.arrivals = len(packets)
        result.attempts = Attempt.objects.count()
        result.moves = len(oracle.due_moves())
        result.faults.update(f"portal: {arrival.mischief}" for arrival in ledger if arrival.mischief)
        if self.report.exists():
            result.faults.update(self.report.read_text().splitlines())

    def _complain_if(self, wrong: bool, complaint: str) -> None:
        if wrong:
            self.result.complaints.append(complaint)
