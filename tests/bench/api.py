"""`make bench-api`: how long partners wait, with few dossiers and with many, beside what a tutorial would have.

Two offices on PostgreSQL, each behind two web workers, are called in turn over loopback: what the machine does besides
falls on both. Ends with 1 when a target is missed. `KEEP=1` keeps the large one for the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import chain, count, cycle, islice
from statistics import median, quantiles
from threading import Thread
from urllib.parse import urlencode

import psycopg2

from .database import own_database
from .measuring import Result, say, told
from .partners import Known
from .serving import Client, serving, token_of

SERVER = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
ROUNDS, CALLS, WARMING_UP = 5, 20, 20
CALLERS, CALLED_FOR = 4, 5.0
ROWS = 10_000
PROVINCE, DEPARTMENT, WARD, DISSOLVED = "H22", "H22.001", "H22.101", "H22.999"


class Office:
    """One that answers at `port`."""

    def __init__(self, dossiers: int, database: str, port: int, known: Known) -> None:
        self.dossiers, self.database, self.port, self.known = dossiers, database, port, known
        self.uuids = cycle(known.uuids)
        # Seconds until the first line of the last bulk came.
        self.first_line = 0.0
        self.tokens = {code: token_of(port, *credential) for code, credential in known.credentials.items()}

    def client(self, partner: str = PROVINCE) -> Client:
        return Client(self.port, self.tokens[partner])

    def list(self, **asked: object) -> str:
        return f"/api/v1/dossiers?{urlencode(asked)}"

    def one(self) -> str:
        """Another each time."""
        return f"/api/v1/dossiers/{next(self.uuids)}"

    def analyze(self) -> None:
        """What autovacuum does wherever it is not switched off."""
        connection = psycopg2.connect(self.database)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        connection.close()

    def __str__(self) -> str:
        return f"{self.dossiers:,}"


# ---- what is called


LISTS: dict[str, tuple[str, Callable[[Office], str]]] = {
    "list of 100, province": (PROVINCE, lambda office: office.list(limit=100)),
    "list of 100, province, deep": (
        PROVINCE,
        lambda office: office.list(limit=100, cursor=office.known.cursor),
    ),
    "list of 100, department of ten units": (DEPARTMENT, lambda office: office.list(limit=100)),
    "list of 20, one ward": (WARD, lambda office: office.list(limit=20)),
    "list of 10, one ward, deep": (
        WARD,
        lambda office: office.list(limit=10, cursor=office.known.cursor),
    ),
    "list of 100, an agency without any": (DISSOLVED, lambda office: office.list(limit=100)),
}
# As the planner finds its way among several conditions only by statistics, these are held to them.
FILTERED: dict[str, tuple[str, Callable[[Office], str]]] = {
    "list of 20, province, by state and procedure": (
        PROVINCE,
        lambda office: office.list(limit=20, state=4, procedure=office.known.procedures[0]),
    ),
    "list of 20, province, by agency": (PROVINCE, lambda office: office.list(limit=20, agency=WARD)),
    "list of 10, one ward, by state": (WARD, lambda office: office.list(limit=10, state=10)),
    "changes, 100, province": (
        PROVINCE,
        lambda office: office.list(limit=100, updated_since=office.known.since),
    ),
}


def lists(few: Office, many: Office) -> Iterator[Result]:
    say("lists, without statistics")
    for name, (partner, path) in LISTS.items():
        yield from compared(f"{name}, no statistics", partner, path, few, many, held_to=1.3)
    for office in (few, many):
        office.analyze()
    say("lists, with statistics")
    for name, (partner, path) in (LISTS | FILTERED).items():
        yield from compared(name, partner, path, few, many, held_to=1.3)


def compared(
    name: str, partner: str, path: Callable[[Office], str], few: Office, many: Office, held_to: float
) -> Iterator[Result]:
    """The same question to both in turn; the ratio is the median of each round's."""
    offices = (few, many)
    rows = [office.client(partner).found(path(office)) for office in offices]
    assert rows[0] == rows[1], f"{name}: pages of {rows} rows are not to be compared"
    times = in_turn([(office.client(partner), partial(path, office)) for office in offices], ROUNDS, CALLS)
    for office, taken in zip(offices, times, strict=True):
        yield from waits(f"{name}: {office}", chain(*taken))
    yield Result(f"{name}: ratio", ratio(times[1], times[0]), "times", most=held_to)


def in_turn(callers: list[tuple[Client, Callable[[], str]]], rounds: int, calls: int) -> tuple[list[list[float]], ...]:
    """Of each caller, seconds for each call of each round, after its office has warmed up."""
    taken: tuple[list[list[float]], ...] = tuple([] for _caller in callers)
    for client, path in callers:
        for _call in range(WARMING_UP):
            client.call(path())
            # Another connection is another worker's.
            client.close()
    for _round in range(rounds):
        for times in taken:
            times.append([])
        for _call in range(calls):
            for times, (client, path) in zip(taken, callers, strict=True):
                times[-1].append(client.call(path()))
        for client, _path in callers:
            client.close()
    return taken


def ratio(ones: list[list[float]], others: list[list[float]]) -> float:
    return median(median(one) / median(other) for one, other in zip(ones, others, strict=True))


def waits(what: str, taken: Iterable[float]) -> Iterator[Result]:
    seconds = list(taken)
    yield Result(f"{what}: p50", 1000 * median(seconds), "ms")
    yield Result(f"{what}: p95", 1000 * quantiles(seconds, n=20)[-1], "ms")


def beside_a_tutorial(few: Office, many: Office) -> Iterator[Result]:
    """The newest hundred for the whole province, by the same workers; what theirs tells of them is the same.

    Whoever joins their tables saves most of it while there are few dossiers: so that one is held to the target only
    with many, where it counts them all for every page.
    """
    for office, name, least in ((few, "plain", 5), (many, "plain", 5), (few, "joined", None), (many, "joined", 5)):
        say(f"a tutorial's list, {name}, {office}")
        path = f"/tutorial/{name}"
        ours, theirs = office.client(), office.client()
        ours.call(office.list(limit=100))
        theirs.call(path)
        own, other = (json.loads(client.content)["results"] for client in (ours, theirs))
        assert [row["uuid"] for row in own] == [row["uuid"] for row in other]
        assert own[0].keys() == other[0].keys()
        times = in_turn([(ours, partial(office.list, limit=100)), (theirs, partial(str, path))], 5, 5)
        what = f"a tutorial’s list of 100, {name}: {office}"
        yield Result(f"{what}: p50", 1000 * median(chain(*times[1])), "ms")
        yield Result(f"{what}: of ours", ratio(times[1], times[0]), "times", least=least)


def details(few: Office, many: Office) -> Iterator[Result]:
    say("single dossiers")
    times = in_turn([(office.client(), office.one) for office in (few, many)], ROUNDS, CALLS)
    for office, taken in zip((few, many), times, strict=True):
        yield from waits(f"detail: {office}", chain(*taken))
    yield Result("detail: ratio", ratio(times[1], times[0]), "times")


def at_once(few: Office, many: Office) -> Iterator[Result]:
    for office in (few, many):
        yield from asking(office)


def asking(office: Office) -> Iterator[Result]:
    """Some callers who ask again as soon as they were answered."""
    say(f"{CALLERS} callers at once, {office}")
    taken: list[float] = []
    end = time.monotonic() + CALLED_FOR

    def ask() -> None:
        client, path = office.client(), office.list(limit=100)
        while time.monotonic() < end:
            taken.append(client.call(path))
        client.close()

    callers = [Thread(target=ask) for _number in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    yield from waits(f"list of 100, {CALLERS} callers at once: {office}", taken)
    yield Result(f"list of 100, {CALLERS} callers at once: {office}", len(taken) / CALLED_FOR, "/s")


# ---- what is handed in


def handed_in(office: Office, agencies: int | None = None) -> Iterator[dict[str, object]]:
    """New dossiers of every procedure, for so many agencies; for all if that is not told."""
    run, receivers = time.time_ns(), office.known.agencies[:agencies]
    for number in count():
        yield {
            "external_id": f"{run}-{number}",
            "procedure": office.known.procedures[number % len(office.known.procedures)],
            "agency": receivers[number % len(receivers)],
            "channel": "online",
            "applicant_name": f"Đặng Văn {number}",
            "phone": "0912000111",
            "summary": "Đề nghị giải quyết",
            "papers": [{"name": "Tờ khai theo mẫu", "quantity": 1, "form": "electronic"}],
        }


def creating(few: Office, many: Office) -> Iterator[Result]:
    say("handing in one by one")
    taken: dict[Office, list[float]] = {few: [], many: []}
    clients = {office: (office.client(), handed_in(office)) for office in taken}
    for number in range(120):
        for office, (client, rows) in clients.items():
            took = client.call("/api/v1/dossiers", json.dumps(next(rows)).encode())
            taken[office] += [took] if number >= 20 else []
    for office, seconds in taken.items():
        yield from waits(f"create: {office}", seconds)


def bulk(few: Office, many: Office) -> Iterator[Result]:
    """Of one agency, as a ward's system sends them, and of all at once, as a province's does."""
    for what, agencies in (("one agency", 1), ("all agencies", None)):
        say(f"handing in {ROWS} at once, {what}")
        rates: dict[Office, list[float]] = {few: [], many: []}
        for number in range(3):
            for office, rate in rates.items():
                took = handing_in(office, list(islice(handed_in(office, agencies), ROWS)))
                rate += [ROWS / took] if number else []
        for office, rate in rates.items():
            yield Result(f"bulk, {what}: {office}", median(rate), "/s", least=1_500)


def correcting(few: Office, many: Office) -> Iterator[Result]:
    """Rows that were handed in are handed in again, each with another phone and summary."""
    for office in (few, many):
        say(f"correcting {ROWS} at once, {office}")
        new, corrected, first = [], [], []
        for _number in range(3):
            rows = list(islice(handed_in(office, 1), ROWS))
            new.append(handing_in(office, rows))
            first.append(office.first_line)
            again = [row | {"phone": f"09120{n:05}", "summary": f"Xin sửa {n}"} for n, row in enumerate(rows)]
            corrected.append(handing_in(office, again, "updated"))
            first.append(office.first_line)
        yield Result(f"corrections: {office}", ROWS / median(corrected[1:]), "/s")
        yield Result(f"corrections: {office}: of new rows", median(corrected) / median(new), "times", most=2)
        yield Result(f"first line of {ROWS}: {office}", median(first), "s", most=1)


def handing_in(office: Office, rows: list[dict[str, object]], status: str = "created") -> float:
    """Seconds until each was answered for. Raises AssertionError if one was not taken."""
    client = office.client()
    body = "\n".join(map(json.dumps, rows)).encode()
    took = client.call("/api/v1/dossiers/bulk", body, **{"Content-Type": "application/x-ndjson"})
    client.close()
    office.first_line = client.first_line
    summary = json.loads(client.content.splitlines()[-1])["summary"]
    assert summary[status] == len(rows), summary
    return took


# ---- the run

PARTS: dict[str, Callable[[Office, Office], Iterator[Result]]] = {
    "lists": lists,
    "tutorial": beside_a_tutorial,
    "details": details,
    "at-once": at_once,
    "creating": creating,
    "bulk": bulk,
    "correcting": correcting,
}


def prepared(dossiers: int) -> Known:
    """Of the database that `DATABASE_URL` names."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.bench.partners"],
        env=os.environ | {"DOSSIERS": str(dossiers)},
        check=True,
        stdout=subprocess.PIPE,
    )
    return Known(**json.loads(made.stdout))


def offices(stack: ExitStack, *sizes: int) -> Iterator[Office]:
    for dossiers in sizes:
        name = f"onestop_bench_api_{dossiers}"
        stack.enter_context(own_database(SERVER, name, never_kept=dossiers == min(sizes)))
        database = os.environ["DATABASE_URL"]
        say(f"an office with {dossiers} dossiers")
        known = prepared(dossiers)
        yield Office(dossiers, database, stack.enter_context(serving(database)), known)


def main() -> int:
    parser = argparse.ArgumentParser(description="How long partners wait, with few dossiers and with many.")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="onestop-bench-"))
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "tests.bench.tutorial_settings"}
        os.environ["LOG_LEVEL"] = "WARNING"
        few, many = offices(stack, options.few, options.many)
        missed = sum(told(part(few, many)) for name, part in PARTS.items() if options.only in (None, name))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
