"""Incremental counting: recounts dossiers that moved since the last time, and adds the difference to the months."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from onestop.dossiers.models import StatsQueue
from onestop.statistics.models import LateSpell, Spell, StatsLock

from .monthly import add_difference, read_contributions
from .spell_sql import SpellSql

BATCH = 500
# A page of figures counts at most so many moves before it is shown.
COUNTED_AT_ONCE = 2_000


def catch_up(
    *, most: int | None = None, wait: bool = True, on_progress: Callable[[int], object] = lambda done: None
) -> int:
    """Counts the moves in the queue, in batches that commit separately. Returns how many moves are left.

    Some are left if there were more than `most`, or if another process is counting and `wait` is false.
    """
    if not StatsQueue.objects.exists():
        return 0
    prepare()
    done = 0
    while most is None or done < most:
        with transaction.atomic():
            if not lock_counting(wait=wait):
                break
            counted = count_batch()
        if not counted:
            return 0
        done += counted
        on_progress(counted)
    return StatsQueue.objects.count()


def stand_still() -> None:
    """Within a transaction: counts the whole queue and keeps others from counting until the transaction ends."""
    prepare()
    lock_counting()
    while count_batch():
        pass


@contextmanager
def one_moment() -> Iterator[None]:
    """Inside, everything is read as of one moment, even if another process counts meanwhile. Do not count inside."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@contextmanager
def up_to_date() -> Iterator[int]:
    """Counts recent moves; then, inside, everything is read as of one moment. Yields how many moves are left."""
    uncounted = catch_up(most=COUNTED_AT_ONCE, wait=False)
    with one_moment():
        yield uncounted


def prepare() -> None:
    """Makes the row that is locked for counting. Call before a transaction: others see the row only after a commit."""
    StatsLock.objects.bulk_create([StatsLock(pk=1)], ignore_conflicts=True)


def lock_counting(*, wait: bool = True) -> bool:
    """Takes the lock of counting until the transaction ends; False if it is taken and `wait` is false."""
    skip_locked = not wait and connection.features.has_select_for_update_skip_locked
    return StatsLock.objects.select_for_update(skip_locked=skip_locked).filter(pk=1).first() is not None


def count_batch() -> int:
    """Recounts the dossiers of the oldest moves in the queue, and removes those moves from it."""
    moves = dict(StatsQueue.objects.order_by("pk").values_list("pk", "dossier_id")[:BATCH])
    if moves:
        recount_dossiers(sorted(set(moves.values())))
        StatsQueue.objects.filter(pk__in=moves).delete()
    return len(moves)


def recount_dossiers(dossiers: list[int]) -> None:
    """Rebuilds the spells of these dossiers from history, and adds the difference to the months."""
    only = ", ".join(map(str, dossiers))
    before = read_contributions(only)
    for model in (LateSpell, Spell):
        model.objects.filter(dossier__in=dossiers).delete()
    sql = SpellSql(only)
    with connection.cursor() as cursor:
        cursor.execute(sql.insert_spells)
        cursor.execute(sql.insert_late_spells)
    add_difference(before, read_contributions(only))
