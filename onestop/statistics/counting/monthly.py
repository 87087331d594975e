"""From spells to months: how much a set of spells adds to each month, and adding differences to stored months."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection

from onestop.dossiers.models import Move
from onestop.statistics.models import AgencyMonth, Month, ProcedureMonth

from .spell_sql import dialect

# The measures of a month, in the order of `contributions`.
MEASURES = tuple(field.name for field in Month._meta.fields if field.name != "month")
KEY = ("agency_id", "procedure_id", "channel", "month")
AGENCY_KEY = ("agency_id", "month")

Key = tuple[int, int, str, str]
# The measures of each agency, procedure, channel and month.
Contributions = dict[Key, tuple[int, ...]]


def contributions(spells: str = "statistics_spell", late_spells: str = "statistics_latespell", only: str = "") -> str:
    """SQL: the measures, by agency, procedure, channel and month, of the rows in two tables of spells.

    `only`: SQL for the keys of the dossiers to count; by default all.
    """
    month = dialect().month
    stands = f"(reopened_at IS NULL OR {month('reopened_at')} > {month('closed_at')})"
    counts = f"opened_at IS NOT NULL AND {stands}"
    where = f"dossier_id IN ({only})" if only else "true"

    def part(table: str, instant: str, condition: str, **measures: str) -> str:
        columns = ", ".join(f"{measures.get(name, '0')} AS {name}" for name in MEASURES)
        return f"""
            SELECT agency_id, procedure_id, channel, {month(instant)} AS month, {columns}
            FROM {table} WHERE {condition} AND {where}"""

    def one_if(condition: str) -> str:
        return f"CASE WHEN {condition} THEN 1 ELSE 0 END"

    parts = [
        part(
            spells,
            "opened_at",
            "opened_at IS NOT NULL",
            accepted=one_if("closed_before IS NULL"),
            net_open="1",
        ),
        part(
            spells,
            "closed_at",
            "closed_at IS NOT NULL",
            refused=one_if(f"opened_at IS NULL AND {stands}"),
            net_open="CASE WHEN opened_at IS NULL THEN 0 ELSE -1 END",
            in_time=one_if(f"{counts} AND (due_at IS NULL OR due_at >= closed_at)"),
            late=one_if(f"{counts} AND due_at < closed_at"),
            denied=one_if(f"{counts} AND outcome = '{Move.DENY}'"),
            withdrawn=one_if(f"{counts} AND outcome = '{Move.WITHDRAW}'"),
            stopped=one_if(f"{counts} AND outcome = '{Move.STOP}'"),
            worked_seconds=f"CASE WHEN {counts} THEN worked_seconds ELSE 0 END",
        ),
        part(late_spells, "since", "true", net_late="1"),
        part(late_spells, "until", "until IS NOT NULL", net_late="-1"),
    ]
    sums = ", ".join(f"CAST(SUM({name}) AS bigint) AS {name}" for name in MEASURES)
    return f"SELECT {', '.join(KEY)}, {sums} FROM ({' UNION ALL '.join(parts)}) AS part GROUP BY {', '.join(KEY)}"


def read_contributions(only: str) -> Contributions:
    """The measures of the stored spells of the dossiers that `only` lists."""
    with connection.cursor() as cursor:
        cursor.execute(contributions(only=only))
        return {
            (agency, procedure, channel, str(month)): tuple(int(value) for value in measures)
            for agency, procedure, channel, month, *measures in cursor.fetchall()
        }


def add_difference(before: Mapping[Key, tuple[int, ...]], after: Mapping[Key, tuple[int, ...]]) -> None:
    """Adds the difference between `after` and `before` to the stored months."""
    nothing = (0,) * len(MEASURES)
    changes: dict[Key, tuple[int, ...]] = {}
    for key in before.keys() | after.keys():
        pairs = zip(after.get(key, nothing), before.get(key, nothing), strict=True)
        change = tuple(new - old for new, old in pairs)
        if any(change):
            changes[key] = change
    by_agency: dict[tuple[int, str], list[int]] = {}
    for (agency, _procedure, _channel, month), change in changes.items():
        sums = by_agency.setdefault((agency, month), [0] * len(MEASURES))
        by_agency[agency, month] = [one + other for one, other in zip(sums, change, strict=True)]
    _add(ProcedureMonth, KEY, [(*key, *change) for key, change in changes.items()])
    _add(AgencyMonth, AGENCY_KEY, [(*key, *change) for key, change in by_agency.items()])


def _add(model: type[Month], key: tuple[str, ...], rows: Iterable[tuple[int | str, ...]]) -> None:
    """Adds each row's measures to the stored row of its key, or makes that row."""
    rows = list(rows)
    if not rows:
        return
    table, columns = model._meta.db_table, (*key, *MEASURES)
    one = f"({', '.join(['%s'] * len(columns))})"
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in MEASURES)
    # Django's own upsert overwrites; this one adds.
    statement = (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * len(rows))} "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sums}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for row in rows for value in row])
