"""`make bench-delivery`: how fast packets leave, beside a bare loop and beside what most would write first.

Everything in one run, on PostgreSQL, over loopback to one lean receiving process. Ends with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing import Process, Semaphore
from multiprocessing.synchronize import Semaphore as SemaphoreType
from statistics import median, quantiles
from typing import TYPE_CHECKING

import django
import httpx2

from .database import own_database
from .measuring import Result, say, seconds, told
from .receiver import receiver

if TYPE_CHECKING:
    from packets.models import Portal

SERVER = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
ROUNDS = 5
# So many of the same packets are enough to time the slow ones.
SLOW_SAMPLE = 1_000


def throughput(address: str, dossiers: int) -> Iterator[Result]:
    """The same packets of an invented office, sent each way; each figure is the median of some rounds.

    Each dossier gives its document and one trace, as a move gives in an office whose packets leave at once.
    """
    from packets.models import Packet

    from .naive import packed, record_of, send_all

    portal = a_portal(address)
    office(portal, dossiers)
    ours = Packet.objects.unsettled().filter(portal=portal).select_related("dossier")
    for packet in ours[:200]:
        theirs, own = json.loads(packed(packet.kind, record_of(packet))), json.loads(packet.body)
        assert theirs == own, {name for name in theirs.keys() | own.keys() if theirs.get(name) != own.get(name)}
    sendable = [(packet.kind, str(packet.key), packet.body.encode()) for packet in ours.order_by("pk")]
    sample = list(Packet.objects.filter(pk__in=ours.order_by("-pk")[:SLOW_SAMPLE].values("pk")))
    number = len(sendable)
    say(f"{number} packets, {sum(len(body) for _kind, _key, body in sendable) / number:.0f} bytes each")
    rates: dict[str, list[float]] = {"bare": [], "one": [], "two": [], "naive": []}
    with workers(1, portal) as one, workers(2, portal) as two:
        for round_ in range(ROUNDS):
            rates["bare"].append(number / seconds(lambda: bare_loop(address, sendable)))
            for name, run in (("one", one), ("two", two)):
                make_new(portal)
                rates[name].append(number / seconds(run))
                assert not Packet.objects.unsettled().exists()
            make_new(portal)
            rates["naive"].append(len(sample) / seconds(lambda: send_all(address, sample)))
            say(f"round {round_ + 1}: " + ", ".join(f"{name} {rate[-1]:.0f}/s" for name, rate in rates.items()))
    yield Result("bare loop, the same bytes by the same client, no database", median(rates["bare"]), "/s")
    yield Result("DRF serializers, a request and an UPDATE for each record", median(rates["naive"]), "/s")
    yield Result("ours, collected to accepted, one worker", median(rates["one"]), "/s")
    yield Result("ours, collected to accepted, a worker for each core", median(rates["two"]), "/s", least=500)
    yield Result("that, of the bare loop", median(ratios(rates["two"], rates["bare"])), "times", least=0.5)
    yield Result("that, of DRF", median(ratios(rates["two"], rates["naive"])), "times", least=5)
    forget(portal)


def office(portal: Portal, dossiers: int) -> None:
    """An invented office with its packets collected, of each dossier without files its document and last trace."""
    from django.core.management import call_command
    from django.db.models import Exists, OuterRef, Q

    from onestop.dossiers.models import Attachment
    from packets.collecting.collect import collect
    from packets.dialects.qd1705.messages import Kind
    from packets.models import Packet, PacketState
    from packets.queue import db_clock

    say(f"{dossiers} dossiers are invented and collected")
    call_command("load_demo", dossiers=dossiers, verbosity=0)
    collect(portal)
    packets = Packet.objects.filter(portal=portal)
    later = packets.filter(kind=Kind.TRACE, stream=OuterRef("stream"), position__gt=OuterRef("position"))
    left_out = packets.filter(
        Q(dossier=None)
        | Q(dossier__in=Attachment.objects.values("dossier"))
        | Q(state=PacketState.STOPPED)
        | Q(Exists(later), kind=Kind.TRACE)
    )
    left_out.update(state=PacketState.SUPERSEDED, settled_at=db_clock.now(), due_at=None)


@contextmanager
def workers(number: int, portal: Portal) -> Iterator[Callable[[], None]]:
    """Yields what makes so many workers, which are up and wait, deliver all that is due, and waits for their end."""
    from django.db import connection

    # Not to be shared with those that are forked off.
    connection.close()
    begin, ended = Semaphore(0), Semaphore(0)
    processes = [Process(target=work, args=(portal.pk, begin, ended), daemon=True) for _number in range(number)]
    for process in processes:
        process.start()

    def run() -> None:
        for _process in processes:
            begin.release()
        for _process in processes:
            ended.acquire()

    try:
        yield run
    finally:
        for process in processes:
            process.terminate()
            process.join()


def work(portal_pk: int, begin: SemaphoreType, ended: SemaphoreType) -> None:
    """A worker's process: delivers all there is, every time it is told to."""
    from packets.delivery.sender import PortalSender
    from packets.models import Portal

    with PortalSender(Portal.objects.get(pk=portal_pk)) as courier:
        while True:
            begin.acquire()
            courier.deliver()
            ended.release()


def ratios(ours: list[float], others: list[float]) -> list[float]:
    return [one / other for one, other in zip(ours, others, strict=True)]


def bare_loop(address: str, sendable: list[tuple[str, str, bytes]]) -> None:
    from packets.dialects.qd1705.client import PATHS

    headers = {"Authorization": "Bearer t0", "Content-Type": "application/json; charset=utf-8"}
    with httpx2.Client() as client:
        for kind, key, body in sendable:
            reply = client.post(address + PATHS[kind], content=body, headers=headers | {"Idempotency-Key": key})
            assert reply.json()["Status"] == 0


def make_new(portal: Portal) -> None:
    """As if nothing had been sent yet."""
    from django.db import connection

    from packets.models import Attempt, Packet
    from packets.queue import db_clock
    from packets.queue.outbox import release_next

    Attempt.objects.all().delete()
    packets = Packet.objects.filter(portal=portal).exclude(state="superseded")
    packets.update(state="ready", settled_at=None, due_at=None, tries=0, first_tried_at=None)
    release_next(portal, set(packets.values_list("stream", flat=True)), db_clock.now())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) packets_packet, packets_attempt, packets_deliverystate")


def latency(address: str, moves: int) -> Iterator[Result]:
    """From a move's commit to the first attempt at its packet, in an office where nothing else happens."""
    from packets.models import Packet
    from tests import people

    a_portal(address)
    say(f"{moves} single moves, a worker waits for them")
    with worker():
        time.sleep(3)
        waits = []
        for _number in range(moves):
            dossier = people.a_dossier()
            committed = time.time()
            while not (first := Packet.objects.filter(dossier=dossier, settled_at__isnull=False).first()):
                time.sleep(0.02)
            assert first.first_tried_at
            tried = first.attempts.earliest("pk").at
            waits.append(tried.timestamp() - committed)
            time.sleep(0.2)
    hundredths = quantiles(waits, n=100)
    yield Result("commit to first attempt, idle: median", 1000 * hundredths[49], "ms")
    yield Result("commit to first attempt, idle: p99", 1000 * hundredths[98], "ms", most=1_500)


def claiming(address: str, few: int, many: int) -> Iterator[Result]:
    """What a claim costs with few and with many packets waiting."""
    from django.db import transaction

    from packets.queue.outbox import claim

    costs = []
    for number in (few, many):
        portal = a_portal(address)
        say(f"{number} packets wait, ten a dossier")
        invent_packets(portal, number)
        times = []
        for _round in range(60):
            with transaction.atomic():
                times.append(seconds(lambda: claim(portal, 64)))  # noqa: B023 called at once
                transaction.set_rollback(True)
        costs.append(1000 * median(times))
        yield Result(f"claim of 64 with {number} waiting", costs[-1], "ms")
        forget(portal)
    yield Result("ratio", costs[1] / costs[0], "times", most=1.3)


def backlog(address: str, number: int, rate: int) -> Iterator[Result]:
    """A backlog after an outage, to a portal that bears so many requests in any second."""
    portal = a_portal(address, rate_limit=rate)
    say(f"a backlog of {number} packets, at most {rate} a second")
    invent_packets(portal, number)
    httpx2.get(f"{address}/came")
    begun, memory = time.monotonic(), []
    with worker() as process:
        while left := portal.packets.unsettled().count():
            memory.append(resident(process.pid))
            if time.monotonic() - begun > 4 * number / rate:
                raise SystemExit(f"{left} packets are left: it does not drain")
            time.sleep(2)
    took = time.monotonic() - begun
    came = httpx2.get(f"{address}/came").json()
    assert len(came) == number
    busiest = max(bisect_left(came, at + 1) - index for index, at in enumerate(came))
    tenth = max(1, len(memory) // 10)
    yield Result("backlog: packets a second", number / took, "/s")
    yield Result("backlog: most requests in any one second", busiest, "", most=rate)
    yield Result("backlog: memory at the end, of that after a tenth", memory[-1] / memory[tenth], "times", most=1.1)
    yield Result("backlog: most memory", max(memory) / 2**20, "MB")
    assert all(one <= other for one, other in pairwise(came))
    forget(portal)


# ---- what they need


def a_portal(address: str, **traits: object) -> Portal:
    """A new one; those before are left alone."""
    from packets.models import Portal

    Portal.objects.update(is_active=False)
    return Portal.objects.create(
        code=f"bench-{Portal.objects.count()}",
        base_url=address,
        token_url=f"{address}/token",
        client_id="bench",
        client_secret="bench",
        **traits,
    )


def invent_packets(portal: Portal, number: int) -> None:
    """Packets of no record, ten a stream, with a body of the usual size."""
    from django.db import connection

    with connection.cursor() as cursor:
        # Their records do not exist, and need not: nobody looks at them.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            """
            INSERT INTO packets_packet (portal_id, kind, transition_id, dossier_id, stream, position, key, body, state,
                                        reason, detail, collected_at, tries, due_at, given_up_because)
            SELECT %s, 'trace', n, n / 10, 'dossier/' || n / 10, n, gen_random_uuid(),
                   '{"DocCode":"H22.001.00-260125-0001","Comment":"' || repeat('x', 1000) || '"}', 'ready',
                   '', '', now(), 0, CASE WHEN n %% 10 = 0 THEN now() END, ''
            FROM generate_series(0, %s - 1) AS n
            """,
            [portal.pk, number],
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM (ANALYZE) packets_packet")


def forget(portal: Portal) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE packets_attempt, packets_packet")
    portal.delete()


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sync_packets", "--loop"],
        env=os.environ | {"LOG_LEVEL": "WARNING"},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def resident(pid: int) -> int:
    """The memory that a process holds now, in bytes."""
    with open(f"/proc/{pid}/statm") as figures:
        return int(figures.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    parser = argparse.ArgumentParser(description="How fast packets leave, beside a bare loop and a naive sender.")
    parser.add_argument("--only", choices=("throughput", "latency", "claiming", "backlog"))
    parser.add_argument("--dossiers", type=int, default=1_500)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--backlog", type=int, default=200_000)
    options = parser.parse_args()
    with own_database(SERVER, "onestop_bench_delivery"), receiver() as address:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LOG_LEVEL"] = "WARNING"
        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        parts: dict[str, Callable[[], Iterator[Result]]] = {
            "throughput": lambda: throughput(address, options.dossiers),
            "latency": lambda: latency(address, 120),
            "claiming": lambda: claiming(address, 1_000, options.waiting),
            "backlog": lambda: backlog(address, options.backlog, 1_000),
        }
        missed = 0
        for name, part in parts.items():
            if options.only in (None, name):
                # Each begins with an office of its own.
                call_command("flush", interactive=False, verbosity=0)
                missed += told(part())
        connection.close()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
