"""Keeping spells and months up with history: what has been moved since is digested anew, the difference added."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from onestop.dossiers.models import StatsQueue
from onestop.statistics.models import LateSpell, Spell, StatsLock

from .monthly import add_difference, read_contributions
from .spell_sql import SpellSql

BATCH = 500
# Who looks at figures waits for no more moves than these to be counted.
COUNTED_AT_ONCE = 2_000


def catch_up(
    *, most: int | None = None, wait: bool = True, on_progress: Callable[[int], object] = lambda done: None
) -> int:
    """Counts what history has grown by, in batches that commit on their own. Returns how many moves are left.

    None are, unless there were more than `most`, or, with `wait` false, somebody else is just counting.
    """
    if not StatsQueue.objects.exists():
        return 0
    prepare()
    done = 0
    while most is None or done < most:
        with transaction.atomic():
            if not take_turn(wait=wait):
                break
            counted = count_batch()
        if not counted:
            return 0
        done += counted
        on_progress(counted)
    return StatsQueue.objects.count()


def stand_still() -> None:
    """In a transaction: counts all that waits; until the end, nobody counts further, and figures hold together."""
    prepare()
    take_turn()
    while count_batch():
        pass


@contextmanager
def one_moment() -> Iterator[None]:
    """Inside, everything is read as of one moment, whoever counts meanwhile. No place to count in oneself."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@contextmanager
def up_to_date() -> Iterator[int]:
    """What was moved lately is counted; then, inside, all is read as of one moment.

    Tells how many moves are left, to be counted later.
    """
    uncounted = catch_up(most=COUNTED_AT_ONCE, wait=False)
    with one_moment():
        yield uncounted


def prepare() -> None:
    """Makes the row that is held on to. Before a transaction: until that ends, nobody could tell if it is there."""
    StatsLock.objects.bulk_create([StatsLock(pk=1)], ignore_conflicts=True)


def take_turn(*, wait: bool = True) -> bool:
    """Whether it is ours to count: one at a time does, until the end of its transaction."""
    return StatsLock.objects.select_for_update(skip_locked=not wait and _can_skip()).filter(pk=1).first() is not None


def _can_skip() -> bool:
    return connection.features.has_select_for_update_skip_locked


def count_batch() -> int:
    """Digests anew the dossiers of the oldest moves in the queue, and takes those moves out of it."""
    moves = dict(StatsQueue.objects.order_by("pk").values_list("pk", "dossier_id")[:BATCH])
    if moves:
        recount_dossiers(sorted(set(moves.values())))
        StatsQueue.objects.filter(pk__in=moves).delete()
    return len(moves)


def recount_dossiers(dossiers: list[int]) -> None:
    """Makes the spells of these dossiers anew from history, and gives the months the difference."""
    only = ", ".join(map(str, dossiers))
    before = read_contributions(only)
    for model in (LateSpell, Spell):
        model.objects.filter(dossier__in=dossiers).delete()
    digest = SpellSql(only)
    with connection.cursor() as cursor:
        cursor.execute(digest.insert_spells)
        cursor.execute(digest.insert_late_spells)
    add_difference(before, read_contributions(only))
