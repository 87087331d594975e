"""Recount: counts everything from history and compares it with what was counted incrementally.

The SQL statements are the same as in the incremental counting, but fill temporary tables. Only rows that differ are
written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

from onestop.catalog.models import Agency, Procedure
from onestop.dossiers.models import Dossier, StatsQueue
from onestop.statistics.periods import Period

from .incremental import BATCH, count_batch, lock_counting, one_moment, prepare
from .monthly import AGENCY_KEY, KEY, MEASURES, contributions
from .spell_sql import LATE_SPELL, SPELL, SpellSql, dialect

# Sorting ten million moves needs more memory than a web process may take.
WORKING_MEMORY = "256MB"
# With more moves than this in the queue, most dossiers are counted for the first time, as after an import.
MANY = 100 * BATCH
# How many differences are listed one by one.
MOST_LISTED = 1000


@dataclass(frozen=True)
class FigureDifference:
    """A stored measure of a month that differs from history; of a whole agency if it names no procedure."""

    agency: str
    procedure: str
    channel: str
    month: str
    measure: str
    kept: int
    counted: int


@dataclass
class Recount:
    """The result of a recount. The lists end at `MOST_LISTED`; the numbers count all differences.

    `dossiers`: the codes of dossiers whose stored spells differ from history.
    """

    wrong_months: int = 0
    differences: list[FigureDifference] = field(default_factory=list)
    wrong_dossiers: int = 0
    dossiers: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.wrong_months and not self.wrong_dossiers


def recount(
    since: Period | None = None, *, repair: bool = False, on_step: Callable[[str], object] = lambda step: None
) -> Recount:
    """Counts all months, or those from `since` on, and compares; with `repair`, corrects what differs."""
    prepare()
    # Moves are made meanwhile, so the stored figures and the history must be read as of one moment.
    with one_moment(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SET LOCAL work_mem = '{WORKING_MEMORY}'")
        lock_counting()
        # Moves in the queue are counted first: they are no difference. A very long queue is deleted instead, because
        # everything is counted below.
        if repair and StatsQueue.objects.all()[: MANY + 1].count() > MANY:
            StatsQueue.objects.all().delete()
        while count_batch():
            pass
        tables = _count_all(cursor, since, on_step)
        on_step("so sánh")
        pairs = _pairs(since)
        result = _compare(cursor, pairs)
        if repair and not result.agrees:
            on_step("sửa")
            for pair in pairs:
                pair.repair(cursor)
        for table in (*tables, *(pair.wrong for pair in pairs)):
            cursor.execute(f"DROP TABLE {table}")
    return result


def _count_all(cursor: CursorWrapper, since: Period | None, on_step: Callable[[str], object]) -> list[str]:
    sql = SpellSql(_touched(since) if since else "")
    sums = ", ".join(f"SUM({name}) AS {name}" for name in MEASURES)
    made = (
        ("segment", "đọc lịch sử", sql.segments),
        ("due", "đọc hạn trả", sql.due_dates),
        ("stretch", "chia đợt xử lý", sql.stretches),
        ("spell", "gắn hạn trả", sql.spells),
        ("late_spell", "tính quá hạn", sql.late_spells),
        ("month_counted", "cộng theo tháng", contributions("spell", "late_spell")),
        ("agency_counted", "cộng theo cơ quan", f"SELECT agency_id, month, {sums} FROM month_counted GROUP BY 1, 2"),
    )
    for name, step, statement in made:
        on_step(step)
        cursor.execute(f"CREATE TEMPORARY TABLE {name} AS {statement}")
        if connection.vendor == "postgresql":
            cursor.execute(f"ANALYZE {name}")
    return [name for name, _step, _statement in made]


def _touched(since: Period) -> str:
    """SQL for the dossiers that may count in a month from `since` on."""
    start = dialect().instant(since.start)
    return f"SELECT id FROM dossiers_dossier WHERE finished_at IS NULL OR moved_at >= {start}"


class Pair(NamedTuple):
    """A table as counted now and as stored. Rows with the same `key` correspond; `scope` selects those to compare."""

    counted: str
    kept: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    scope: str

    @property
    def wrong(self) -> str:
        """The temporary table of the keys whose rows differ."""
        return f"wrong_{self.kept}"

    def compare(self, cursor: CursorWrapper) -> int:
        """Finds the keys of rows that are in only one of the two tables. Returns the number of keys."""
        names = ", ".join(self.key)
        only = [self._only_in(*sides) for sides in ((self.counted, self.kept), (self.kept, self.counted))]
        cursor.execute(f"CREATE TEMPORARY TABLE {self.wrong} AS {only[0]} UNION {only[1]}")
        cursor.execute(f"SELECT COUNT(*) FROM (SELECT DISTINCT {names} FROM {self.wrong}) AS wrong")
        return int(cursor.fetchone()[0])

    def _only_in(self, one: str, other: str) -> str:
        same = " AND ".join(
            f"other.{name} = one.{name}" if name in self.key else f"other.{name} {dialect().same} one.{name}"
            for name in self.columns
        )
        # A month whose measures are all zero may have a row or none.
        something = f"({' OR '.join(f'{name} <> 0' for name in MEASURES)})" if "month" in self.key else "true"
        return (
            f"SELECT {', '.join(self.key)} FROM {one} AS one WHERE {something} AND {self.scope} "
            f"AND NOT EXISTS (SELECT 1 FROM {other} AS other WHERE {same})"
        )

    def repair(self, cursor: CursorWrapper) -> None:
        columns = ", ".join(self.columns)
        here = f"({', '.join(self.key)}) IN (SELECT {', '.join(self.key)} FROM {self.wrong})"
        cursor.execute(f"DELETE FROM {self.kept} WHERE {here}")
        cursor.execute(f"INSERT INTO {self.kept} ({columns}) SELECT {columns} FROM {self.counted} WHERE {here}")

    def list_differences(
        self, cursor: CursorWrapper, most: int
    ) -> Iterator[tuple[dict[str, Any], dict[str, int], dict[str, int]]]:
        """The first wrong rows of months: the key, the stored measures and the counted ones.

        The values of a key have the types of their columns, which a cursor does not know.
        """
        columns = [f"wrong.{name}" for name in self.key]
        columns += [f"COALESCE({table}.{name}, 0)" for table in ("kept", "counted") for name in MEASURES]
        joins = " ".join(
            f"LEFT JOIN {table} AS {name} ON {' AND '.join(f'{name}.{part} = wrong.{part}' for part in self.key)}"
            for name, table in (("kept", self.kept), ("counted", self.counted))
        )
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM (SELECT DISTINCT * FROM {self.wrong}) AS wrong {joins} "
            f"ORDER BY {', '.join(str(place + 1) for place in range(len(self.key)))} LIMIT {most}"
        )
        for row in cursor.fetchall():
            key, rest = row[: len(self.key)], row[len(self.key) :]
            kept, counted = rest[: len(MEASURES)], rest[len(MEASURES) :]
            yield (
                dict(zip(self.key, key, strict=True)),
                dict(zip(MEASURES, kept, strict=True)),
                dict(zip(MEASURES, counted, strict=True)),
            )


def _pairs(since: Period | None) -> list[Pair]:
    dossiers = f"dossier_id IN ({_touched(since)})" if since else "true"
    months = f"month >= '{since.first_day}'" if since else "true"
    return [
        Pair("spell", "statistics_spell", ("dossier_id",), SPELL, dossiers),
        Pair("late_spell", "statistics_latespell", ("dossier_id",), LATE_SPELL, dossiers),
        Pair("month_counted", "statistics_proceduremonth", KEY, (*KEY, *MEASURES), months),
        Pair("agency_counted", "statistics_agencymonth", AGENCY_KEY, (*AGENCY_KEY, *MEASURES), months),
    ]


def _compare(cursor: CursorWrapper, pairs: list[Pair]) -> Recount:
    result = Recount()
    for pair in pairs:
        wrong = pair.compare(cursor)
        if "month" in pair.key:
            result.wrong_months += wrong
            result.differences += _differences(cursor, pair)
    of_dossiers = " UNION ".join(f"SELECT dossier_id FROM {pair.wrong}" for pair in pairs if "month" not in pair.key)
    cursor.execute(of_dossiers)
    wrong_dossiers = [pk for (pk,) in cursor.fetchall()]
    result.wrong_dossiers = len(wrong_dossiers)
    result.dossiers = [str(one) for one in Dossier.objects.filter(pk__in=sorted(wrong_dossiers)[:MOST_LISTED])]
    return result


def _differences(cursor: CursorWrapper, pair: Pair) -> Iterator[FigureDifference]:
    agencies = dict(Agency.objects.values_list("pk", "code"))
    procedures = dict(Procedure.objects.values_list("pk", "code"))
    for key, kept, counted in pair.list_differences(cursor, MOST_LISTED):
        agency, month = agencies[key["agency_id"]], str(key["month"])[:7]
        procedure, channel = procedures.get(key.get("procedure_id", 0), ""), key.get("channel", "")
        for measure in MEASURES:
            if kept[measure] != counted[measure]:
                yield FigureDifference(
                    agency, procedure, channel, month, measure, int(kept[measure]), int(counted[measure])
                )
