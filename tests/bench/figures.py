"""`make bench-statistics`: what figures cost on two million dossiers in PostgreSQL, beside what they may cost.

Ends with 1 when a target is missed. `KEEP=1` keeps the database for the next time.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles

import django

from .database import own_database
from .measuring import Result, milliseconds, say, seconds

SERVER = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
ROUNDS = 3


def measure(dossiers: int, *, made: bool) -> Iterator[Result]:
    from django.db import connection
    from django.utils import timezone

    from onestop.catalog.models import Agency
    from onestop.dossiers.models import Dossier
    from onestop.statistics.counting.recount import recount

    from .histories import make_office

    if not made or Dossier.objects.count() < dossiers:
        say(f"{dossiers} dossiers are invented")
        make_office(dossiers, timezone.now(), seed=1, say=say)
        yield Result("first count of all, into empty tables", seconds(lambda: recount(repair=True)), "s")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
    yield from recounting()
    province = Agency.objects.get(code="H22")
    yield from packets(province)
    yield from reading(province)
    yield from keeping_up()


def recounting() -> Iterator[Result]:
    """Ours and the statement written by hand in turn: the machine's mood falls on both alike."""
    from django.db import connection, transaction

    from onestop.statistics.counting.recount import WORKING_MEMORY, recount

    by_hand = Path(__file__).with_name("by_hand.sql").read_text(encoding="utf-8").replace("%", "%%")

    def ours() -> None:
        found = recount()
        if not found.agrees:
            raise RuntimeError(f"what is kept differs from history: {found}")

    def theirs() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL work_mem = '{WORKING_MEMORY}'")
            cursor.execute(by_hand, [])
            if differences := cursor.fetchmany(10):
                raise RuntimeError(f"the statement written by hand finds differences: {differences}")

    times: dict[Callable[[], None], list[float]] = {ours: [], theirs: []}
    for number in range(ROUNDS + 1):
        for work in times:
            took = seconds(work)
            say(f"recount, round {number}, {'ours' if work is ours else 'by hand'}: {took:.1f} s")
            times[work] += [took] if number else []
    own, other = median(times[ours]), median(times[theirs])
    yield Result("full recount and comparison", own, "s")
    yield Result("the same by one statement written by hand", other, "s")
    yield Result("ratio", own / other, "times", 1.5)


def packets(province: object) -> Iterator[Result]:
    """The figures of a month of the large province, drawn up, put into the packet and encoded."""
    from onestop.catalog.models import Agency
    from onestop.statistics.periods import Period
    from onestop.statistics.publishing import drawn_up
    from packets import dialects
    from packets.collecting.build import build
    from packets.dialects.qd1705.messages import Kind

    assert isinstance(province, Agency)

    def packet(month: Period) -> str:
        dialect = dialects.get("qd1705")
        return dialect.encode(None, Kind.STATISTIC, build(dialect, Kind.STATISTIC, drawn_up(province, month)))

    months = [month for year in (2023, 2024, 2025) for month in Period(year).months]
    packet(months[0])
    taken = sorted(1000 * seconds(lambda month=month: packet(month)) for month in months)  # type: ignore[misc] # a default binds it
    yield Result("packet of one agency and month, median", median(taken), "ms", 50)
    yield Result("packet of one agency and month, 95 of 100", quantiles(taken, n=20)[-1], "ms")


def reading(province: object) -> Iterator[Result]:
    """What the page of figures reads, of the large province and of one desk."""
    from django.utils import timezone

    from onestop.catalog.models import Agency
    from onestop.statistics.figures.drill_down import FIGURES, dossier_keys
    from onestop.statistics.figures.figures import figures, grouped_figures, median_seconds, monthly_figures
    from onestop.statistics.periods import Period
    from onestop.statistics.scope import FigureScope

    assert isinstance(province, Agency)
    running = Period.month_of(timezone.now())
    last, desk = running.previous, Agency.objects.filter(level1=province).latest("path")
    kinds = ["procedure", "procedure__field", "channel"]
    whole, small = FigureScope(province), FigureScope(desk)
    for what, work in (
        ("month, the province", lambda: figures(whole, last)),
        ("running month, the province", lambda: figures(whole, running)),
        ("quarter, the province", lambda: figures(whole, Period(last.year, quarter=2))),
        ("year, the province", lambda: figures(whole, Period(last.year - 1))),
        ("month, by 300 agencies", lambda: grouped_figures(whole, last, ["agency"])),
        ("month, by procedure and channel", lambda: grouped_figures(whole, last, kinds)),
        ("month, by procedure and channel, one desk", lambda: grouped_figures(small, last, kinds)),
        ("twelve months, the province", lambda: monthly_figures(whole, Period(last.year - 1).months)),
        ("median of a month, the province", lambda: median_seconds(whole, last)),
        ("median of a year, the province", lambda: median_seconds(whole, Period(last.year - 1))),
    ):
        yield Result(f"read: {what}", milliseconds(work), "ms")
    slowest = max(
        (milliseconds(lambda name=name: list(dossier_keys(name, whole, last)[:26])), name)  # type: ignore[misc] # a default binds it
        for name in FIGURES
    )
    yield Result(f"drill-down, first page, the slowest figure: {slowest[1]}", slowest[0], "ms")


def keeping_up() -> Iterator[Result]:
    """What a move costs more for being counted: a row in the queue with it, the digest after it."""
    from django.db import transaction
    from django.utils import timezone

    from onestop.dossiers.models import Dossier, Move, State, StatsQueue, Transition
    from onestop.statistics.counting.incremental import catch_up, count_batch, prepare

    catch_up()
    random = Random(1)  # noqa: S311 chance for a measurement, no secret
    highest = Dossier.objects.latest("pk").pk
    drawn = Dossier.objects.filter(
        pk__in=random.sample(range(1, highest + 1), 40_000), state__in=(State.ACCEPTED, State.IN_PROGRESS)
    )
    dossiers = list(drawn[:1_700])

    def queue() -> None:
        # A move writes its row in a transaction that it has anyway: no further commit is waited for.
        with transaction.atomic():
            for dossier in dossiers[:500]:
                StatsQueue(dossier=dossier).save(force_insert=True)
            transaction.set_rollback(True)

    queued = milliseconds(queue) / 500
    yield Result("upkeep: the row in the queue, in the move's transaction", queued, "ms")
    at = timezone.now()
    for dossier in dossiers:
        Transition(
            dossier=dossier,
            move=Move.STOP,
            from_state=dossier.state,
            to_state=State.STOPPED,
            at=max(at, dossier.moved_at + timedelta(seconds=1)),
            accepted=True,
            actor_name="Trần Minh",
            unit_id=dossier.unit_id,
        ).save(force_insert=True)
    prepare()
    for size, batches in ((500, 3), (50, 3), (1, 50)):
        taken = []
        for _ in range(batches):
            mine, dossiers = dossiers[:size], dossiers[size:]
            StatsQueue.objects.bulk_create(StatsQueue(dossier=dossier) for dossier in mine)
            taken.append(1000 * seconds(count_batch) / size)
        each = median(taken)
        if size == 500:
            yield Result("upkeep: a new transition, queued and counted 500 at a time", queued + each, "ms", 1)
        yield Result(f"upkeep: digest and months, {size} at a time, each", each, "ms")


@contextmanager
def ready(dossiers: int) -> Iterator[Iterator[Result]]:
    with own_database(SERVER, "onestop_bench") as made:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        yield measure(dossiers, made=made)
        connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="What figures cost on millions of dossiers, beside what they may.")
    parser.add_argument("--dossiers", type=int, default=2_000_000)
    results = []
    with ready(parser.parse_args().dossiers) as measured:
        for result in measured:
            say(str(result))
            results.append(result)
    print("\n".join(map(str, results)))
    return 0 if all(result.is_met for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
