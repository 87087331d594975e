"""The SQL that turns a dossier's history into spells.

They are written as SQL because they define every figure, and because the same statements count one dossier after a
move and all dossiers in a recount. They run on PostgreSQL and on SQLite; `SqlVendor` has the differences between the
two. No text from outside gets into the statements.

`models.SpellQuerySet` reads a period from the spells. At an instant, only what happened before it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from django.db import connection

from onestop.dossiers.models import CLOSING, PAUSED, DueDate, Move, State

# Columns, in the order of the statements.
SORTED = ("dossier_id", "agency_id", "procedure_id", "channel")
SPELL = (
    *SORTED,
    "number",
    "opened_at",
    "closed_before",
    "closed_at",
    "outcome",
    "due_at",
    "worked_seconds",
    "reopened_at",
)
LATE_SPELL = (*SORTED, "since", "until")


@dataclass(frozen=True)
class SqlVendor:
    """Expressions that differ between PostgreSQL and SQLite."""

    month_of: str
    micros_between: str
    greatest: str
    least: str
    # Equal, or both null.
    same: str
    # Later than any real instant: means "until now" in a comparison, and is stored nowhere.
    never: str

    def month(self, instant: str) -> str:
        return self.month_of.format(instant)

    def instant(self, at: datetime) -> str:
        text = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        return f"CAST('{text}Z' AS timestamptz)" if self is POSTGRESQL else f"'{text}'"

    def micros(self, start: str, end: str) -> str:
        return self.micros_between.format(start=start, end=end)


POSTGRESQL = SqlVendor(
    month_of="CAST(date_trunc('month', {} AT TIME ZONE 'Asia/Ho_Chi_Minh') AS date)",
    micros_between="CAST(EXTRACT(EPOCH FROM {end} - {start}) * 1000000 AS bigint)",
    greatest="GREATEST",
    least="LEAST",
    same="IS NOT DISTINCT FROM",
    never="CAST('9999-01-01 00:00:00Z' AS timestamptz)",
)
SQLITE = SqlVendor(
    # Django gives SQLite these functions; they know time zones to the microsecond.
    month_of="substr(django_datetime_cast_date({}, 'Asia/Ho_Chi_Minh', 'UTC'), 1, 7) || '-01'",
    micros_between="django_timestamp_diff({end}, {start})",
    greatest="MAX",
    least="MIN",
    same="IS",
    never="'9999-01-01 00:00:00'",
)


def dialect() -> SqlVendor:
    return POSTGRESQL if connection.vendor == "postgresql" else SQLITE


def _moves(*moves: Move) -> str:
    return "(" + ", ".join(f"'{move.value}'" for move in moves) + ")"


def _states(*states: State) -> str:
    return "(" + ", ".join(str(state.value) for state in states) + ")"


BEGINNINGS = _moves(Move.ACCEPT, Move.REOPEN, Move.REFUSE)
# These moves are made in any state: if the dossier is closed afterwards, they are no closing.
IN_ANY_STATE = _moves(Move.POSTPONE, Move.CORRECT_TIME, Move.UNDO)
TURNS = _moves(
    Move.ACCEPT,
    Move.ASK_SUPPLEMENT,
    Move.RECEIVE_SUPPLEMENT,
    Move.ASK_PAYMENT,
    Move.RECEIVE_PAYMENT,
    Move.REOPEN,
)


class SpellSql:
    """The statements over all dossiers, or over those with the keys in `dossiers`, which is SQL: a list or a query."""

    def __init__(self, dossiers: str = "") -> None:
        self.sql = dialect()
        self.only = f"AND dossier_id IN ({dossiers})" if dossiers else ""

    @cached_property
    def segments(self) -> str:
        """Each dossier's time from its acceptance on, split where it begins to run, pauses or ends; numbered by spell.

        Refusals and their reopenings are included: each begins a spell that was never opened. A move counts at the
        moment of its last correction. One that was undone does not count.
        """
        return f"""
            SELECT dossier_id, move, to_state, at, accepted,
                   LEAD(at) OVER history AS until,
                   SUM(CASE WHEN move IN {BEGINNINGS} THEN 1 ELSE 0 END) OVER history AS number
            FROM (
                SELECT recorded.id, recorded.dossier_id, recorded.move, recorded.to_state, recorded.accepted,
                       COALESCE(correction.corrected_at, recorded.at) AS at
                FROM dossiers_transition AS recorded
                LEFT JOIN (
                    SELECT corrects_id, corrected_at,
                           ROW_NUMBER() OVER (PARTITION BY corrects_id ORDER BY id DESC) AS turn
                    FROM dossiers_transition
                    WHERE corrects_id IS NOT NULL {self.only}
                ) AS correction ON correction.corrects_id = recorded.id AND correction.turn = 1
                WHERE (recorded.accepted AND (recorded.move IN {TURNS} OR to_state IN {_states(*CLOSING)}
                                              AND recorded.move NOT IN {IN_ANY_STATE})
                       OR recorded.move = '{Move.REFUSE}' OR recorded.move = '{Move.REOPEN}') {self.only}
                      AND NOT EXISTS (SELECT 1 FROM dossiers_transition AS undoing
                                      WHERE undoing.undoes_id = recorded.id)
            ) AS made
            WINDOW history AS (PARTITION BY dossier_id ORDER BY id)"""

    @cached_property
    def due_dates(self) -> str:
        """Each due instant and until when it held: [since, until). Of two set at one instant, the later one.

        Those before the last correction are void: a correction writes all due dates again.
        """
        corrected = f"why = '{DueDate.Why.CORRECTED}'"
        return f"""
            SELECT dossier_id, due_at, since,
                   COALESCE(LEAD(since) OVER (PARTITION BY dossier_id ORDER BY id), {self.sql.never}) AS until
            FROM dossiers_duedate AS recorded
            WHERE NOT EXISTS (SELECT 1 FROM dossiers_duedate AS correction
                              WHERE correction.{corrected} AND correction.dossier_id = recorded.dossier_id
                                    AND correction.id > recorded.id) {self.only}"""

    @cached_property
    def stretches(self) -> str:
        """Spells from their segments, with the closing before and the beginning after each. From `segment`."""
        micros = self.sql.micros("at", "until")
        ends = f"(to_state IN {_states(*CLOSING)} OR move = '{Move.REFUSE}')"
        return f"""
            SELECT dossier_id, number, opened_at, closed_at, outcome, is_reopening,
                   LAG(closed_at) OVER spells AS closed_before,
                   LEAD(begun_at) OVER spells AS reopened_at,
                   CAST(SUM(worked) OVER spells AS bigint) / 1000000 AS worked_seconds
            FROM (
                SELECT dossier_id, number,
                       MIN(at) AS begun_at,
                       MIN(CASE WHEN accepted THEN at END) AS opened_at,
                       MAX(CASE WHEN move = '{Move.REOPEN}' THEN 1 ELSE 0 END) AS is_reopening,
                       MAX(CASE WHEN {ends} THEN at END) AS closed_at,
                       MAX(CASE WHEN {ends} THEN move END) AS outcome,
                       SUM(CASE WHEN to_state IN {_states(State.ACCEPTED, State.IN_PROGRESS)}
                                THEN COALESCE({micros}, 0) ELSE 0 END) AS worked
                FROM segment
                GROUP BY dossier_id, number
            ) AS grouped
            WINDOW spells AS (PARTITION BY dossier_id ORDER BY number)"""

    @cached_property
    def spells(self) -> str:
        """The columns of `SPELL`. From `stretch` and `due`; test dossiers are left out."""
        return """
            SELECT stretch.dossier_id, dossier.agency_id, dossier.procedure_id, dossier.channel, number, opened_at,
                   CASE WHEN is_reopening = 1 THEN closed_before END AS closed_before,
                   closed_at, COALESCE(outcome, '') AS outcome,
                   CASE WHEN opened_at IS NOT NULL THEN due.due_at END AS due_at,
                   CASE WHEN closed_at IS NULL OR opened_at IS NULL THEN 0
                        ELSE stretch.worked_seconds END AS worked_seconds,
                   CASE WHEN closed_at IS NOT NULL THEN stretch.reopened_at END AS reopened_at
            FROM stretch
            JOIN dossiers_dossier AS dossier ON dossier.id = stretch.dossier_id AND NOT dossier.is_test
            LEFT JOIN due ON due.dossier_id = stretch.dossier_id
                         AND due.since <= stretch.closed_at AND due.until > stretch.closed_at
            WHERE opened_at IS NOT NULL OR closed_at IS NOT NULL"""

    @cached_property
    def late_spells(self) -> str:
        """The columns of `LATE_SPELL`. From `segment`, `due` and `spell`.

        A running dossier is overdue once the due instant in force has passed. A paused one is overdue for the whole
        pause or not at all: as it was when the pause began.
        """
        sql = self.sql
        end = f"{sql.least}(COALESCE(segment.until, {sql.never}), due.until)"
        return f"""
            SELECT dossier_id, agency_id, procedure_id, channel, since,
                   CASE WHEN until < {sql.never} THEN until END AS until
            FROM (
                SELECT spell.dossier_id, spell.agency_id, spell.procedure_id, spell.channel,
                       {sql.greatest}(segment.at, due.since, due.due_at) AS since, {end} AS until
                FROM segment
                JOIN spell ON spell.dossier_id = segment.dossier_id AND spell.number = segment.number
                JOIN due ON due.dossier_id = segment.dossier_id AND due.due_at < {end}
                WHERE segment.to_state IN {_states(State.ACCEPTED, State.IN_PROGRESS)} AND segment.accepted
                UNION ALL
                SELECT spell.dossier_id, spell.agency_id, spell.procedure_id, spell.channel,
                       segment.at, COALESCE(segment.until, {sql.never})
                FROM segment
                JOIN spell ON spell.dossier_id = segment.dossier_id AND spell.number = segment.number
                JOIN due ON due.dossier_id = segment.dossier_id
                        AND due.since <= segment.at AND due.until > segment.at AND due.due_at < segment.at
                WHERE segment.to_state IN {_states(*PAUSED)}
            ) AS stretches
            WHERE since < until"""

    @cached_property
    def insert_spells(self) -> str:
        columns = ", ".join(SPELL)
        source = f"{self._with('segment', 'due', 'stretch')} SELECT {columns} FROM ({self.spells}) AS made"
        return f"INSERT INTO statistics_spell ({columns}) {source}"

    @cached_property
    def insert_late_spells(self) -> str:
        source = f"{self._with('segment', 'due', 'stretch', 'spell')} {self.late_spells}"
        return f"INSERT INTO statistics_latespell ({', '.join(LATE_SPELL)}) {source}"

    def _with(self, *names: str) -> str:
        parts = {
            "segment": self.segments,
            "due": self.due_dates,
            "stretch": self.stretches,
            "spell": self.spells,
        }
        return "WITH " + ", ".join(f"{name} AS ({parts[name]})" for name in names)
