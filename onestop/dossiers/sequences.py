"""The numbers of the day, taken without gaps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from .models import DailySequence

Key = tuple[str, date]


def take_numbers(counts: Mapping[Key, int]) -> dict[Key, int]:
    """Takes the next so many numbers of each identifier and day, and tells the last of them.

    The rows stay locked until the transaction ends: what is undone gives its numbers back. To be called in one.
    """
    # Everybody locks them in the same order, so that no two wait for each other.
    keys = sorted(counts)
    if not keys:
        return {}
    table = DailySequence._meta.db_table
    # The framework's own way of inserting what may be there can replace a number, but not add to it.
    statement = f"""
        INSERT INTO {table} (identifier, day, last) VALUES {", ".join(["(%s, %s, %s)"] * len(keys))}
        ON CONFLICT (identifier, day) DO UPDATE SET last = {table}.last + excluded.last
        RETURNING id, identifier, day, last
    """  # noqa: S608 made of the table's own name and signs for the values
    given = [value for identifier, day in keys for value in (identifier, day.isoformat(), counts[identifier, day])]
    return {(row.identifier, row.day): row.last for row in DailySequence.objects.raw(statement, given)}
