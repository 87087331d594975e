"""The numbers of the day: taken without gaps, and never one that a dossier already has.

Numbers count from 1 for each identifier and day (`Series.key`). The number taken is the next after the last one whose
code no dossier has, whichever system gave that code. So at any time each number from 1 to the last one is in one
code: given here, or brought along from outside. A code from outside with a higher number is skipped when the count
reaches it; until then it changes nothing, however large its number is.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from onestop.dossiers.codes.format import Series
from onestop.dossiers.models import DailySequence, Dossier

Key = tuple[str, date]

# How many codes are looked up at once.
_LOOKED_UP: Final = 500


def take_codes(requested: Sequence[Series], *, beside: Collection[str] = (), held: Iterable[Key] = ()) -> list[str]:
    """The next code of each series that is `requested`, in that order.

    `beside`: codes that the same transaction is about to store. `held`: see `hold`.

    The rows of the sequences stay locked until the transaction ends; a rollback returns the numbers. Call it inside a
    transaction, and only once, so that two transactions never wait for each other. One statement takes the numbers and
    the lock, and a second one looks for their codes: the first would not see codes that were stored while it waited
    for the lock.
    """
    counts = Counter(series.key for series in requested)
    last = _take({**dict.fromkeys(held, 0), **counts})
    left: dict[Key, deque[int]] = defaultdict(deque)
    for index, series in enumerate(requested):
        left[series.key].append(index)
    following = {key: last[key] - count + 1 for key, count in counts.items()}
    codes = [""] * len(requested)
    ahead = 1
    while left:
        looked_at = {
            key: range(following[key], following[key] + max(len(places), ahead)) for key, places in left.items()
        }
        candidates = {
            series.code(number)
            for key, places in left.items()
            for series in {requested[index] for index in places}
            for number in looked_at[key]
        }
        taken = _there(candidates) | (candidates & set(beside))
        for key, places in left.items():
            for number in looked_at[key]:
                if not places:
                    break
                if (code := requested[places[0]].code(number)) not in taken:
                    codes[places.popleft()] = code
                following[key] = number + 1
        left = {key: places for key, places in left.items() if places}
        # Thousands of numbers in a row may be taken by codes from outside, so each round looks up twice as many.
        ahead = min(2 * ahead, _LOOKED_UP)
    for (identifier, day), number in following.items():
        if number - 1 != last[identifier, day]:
            DailySequence.objects.filter(identifier=identifier, day=day).update(last=number - 1)
    return codes


def hold(key: Key) -> None:
    """Keeps every other process from taking a number of that key until the transaction ends.

    Call it to store a code from outside: another process would not see the code before the commit, and give it again.
    """
    _take({key: 0})


def _take(counts: Mapping[Key, int]) -> dict[Key, int]:
    """Adds `counts` to the sequences, and returns the last number of each."""
    # Always locked in the same order, so that no two processes wait for each other.
    keys = sorted(counts)
    if not keys:
        return {}
    table = DailySequence._meta.db_table
    # Django's own upsert can replace a number, but not add to it.
    statement = f"""
        INSERT INTO {table} (identifier, day, last) VALUES {", ".join(["(%s, %s, %s)"] * len(keys))}
        ON CONFLICT (identifier, day) DO UPDATE SET last = {table}.last + excluded.last
        RETURNING id, identifier, day, last
    """  # noqa: S608 made of the table's own name and signs for the values
    params = [value for identifier, day in keys for value in (identifier, day.isoformat(), counts[identifier, day])]
    return {(row.identifier, row.day): row.last for row in DailySequence.objects.raw(statement, params)}


def _there(codes: Iterable[str]) -> set[str]:
    """The `codes` that a dossier has."""
    taken: set[str] = set()
    every = list(codes)
    for start in range(0, len(every), _LOOKED_UP):
        some = Dossier.objects.filter(code__in=every[start : start + _LOOKED_UP]).order_by()
        taken.update(code for code in some.values_list("code", flat=True) if code)
    return taken
