"""How a due date came about, day by day, and how far a dossier has got towards it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from onestop.catalog.calendar import DEFAULT_HOURS, Calendar
from onestop.dossiers.deadlines.rules import CountedDayKind, Limit, Pause, TimeSpent, explain, progress

VN = ZoneInfo("Asia/Ho_Chi_Minh")
# Thursday 1 and Friday 2 January off, Saturday 10 worked.
OFFICE = Calendar(
    DEFAULT_HOURS, off=frozenset({date(2026, 1, 1), date(2026, 1, 2)}), makeup=frozenset({date(2026, 1, 10)})
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def told(accepted: str, amount: str, unit: str, from_next_day: bool = False) -> list[tuple[str, str, str, str]]:
    """Each day's date and kind, with what it counted and the total in hours or days."""
    one = timedelta(days=1) if unit == "days" else timedelta(hours=1)
    return [
        (f"{day.date:%a %d}", day.kind.value, f"{day.counted / one:g}", f"{day.total / one:g}")
        for day in explain(at(accepted), Limit(Decimal(amount), unit, from_next_day), OFFICE)
    ]


def test_working_days_leave_out_weekends_and_holidays_and_take_in_make_up_days() -> None:
    assert told("2025-12-31 16:00", "7.5", "working_days") == [
        ("Wed 31", "working", "1", "1"),
        ("Thu 01", "holiday", "0", "1"),
        ("Fri 02", "holiday", "0", "1"),
        ("Sat 03", "weekly_off", "0", "1"),
        ("Sun 04", "weekly_off", "0", "1"),
        ("Mon 05", "working", "8", "9"),
        ("Tue 06", "working", "8", "17"),
        ("Wed 07", "working", "8", "25"),
        ("Thu 08", "working", "8", "33"),
        ("Fri 09", "working", "8", "41"),
        ("Sat 10", "makeup", "8", "49"),
        ("Sun 11", "weekly_off", "0", "49"),
        ("Mon 12", "working", "8", "57"),
        ("Tue 13", "working", "3", "60"),
    ]


def test_calendar_days_count_whatever_the_day_and_the_last_is_put_off() -> None:
    assert told("2025-12-30 10:00", "3", "days") == [
        ("Tue 30", "before_start", "0", "0"),
        ("Wed 31", "working", "1", "1"),
        ("Thu 01", "holiday", "1", "2"),
        ("Fri 02", "holiday", "1", "3"),
        ("Sat 03", "weekly_off", "0", "3"),
        ("Sun 04", "weekly_off", "0", "3"),
        ("Mon 05", "working", "0", "3"),
    ]


@pytest.mark.parametrize("unit", ["working_days", "days"])
def test_days_before_the_clock_starts_are_told_apart(unit: str) -> None:
    one = "8" if unit == "working_days" else "1"
    assert told("2025-12-31 10:00", "1", unit, from_next_day=True) == [
        ("Wed 31", "before_start", "0", "0"),
        ("Thu 01", "holiday", "0", "0"),
        ("Fri 02", "holiday", "0", "0"),
        ("Sat 03", "weekly_off", "0", "0"),
        ("Sun 04", "weekly_off", "0", "0"),
        ("Mon 05", "working", one, one),
    ]


def test_each_day_ends_with_its_last_working_instant_within_the_limit() -> None:
    days = explain(at("2026-01-09 17:00"), Limit(Decimal("1.5"), "working_days"), OFFICE)
    assert [day.until for day in days] == [None, at("2026-01-10 17:00"), None, at("2026-01-12 11:30")]
    assert [day.kind for day in days] == [
        CountedDayKind.BEFORE_START,
        CountedDayKind.MAKEUP,
        CountedDayKind.WEEKLY_OFF,
        CountedDayKind.WORKING,
    ]


def test_a_limit_of_nothing_is_one_day_that_counts_nothing() -> None:
    (day,) = explain(at("2026-03-02 09:00"), Limit(Decimal(0), "hours"), OFFICE)
    assert (day.counted, day.until, day.is_last) == (timedelta(), at("2026-03-02 09:00"), True)


def hours(spent: float, left: float) -> TimeSpent:
    return TimeSpent(timedelta(hours=spent), timedelta(hours=left))


# Accepted on Monday 2 March at 08:00 with 16 hours: due on Wednesday at 08:00.
START, DUE = at("2026-03-02 08:00"), at("2026-03-04 08:00")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02 08:00", hours(0, 16)),
        ("2026-03-02 12:00", hours(3.5, 12.5)),
        ("2026-03-02 23:00", hours(7.5, 8.5)),
        ("2026-03-04 08:00", hours(16, 0)),
        ("2026-03-04 09:30", hours(17.5, -1.5)),
        # Late over a weekend: no work, no more delay.
        ("2026-03-08 12:00", hours(39.5, -23.5)),
        # Before the clock starts nothing is used.
        ("2026-03-01 08:00", hours(0, 16)),
        ("2026-02-27 08:00", hours(0, 16)),
    ],
)
def test_progress_is_in_working_time_and_what_is_left_is_negative_when_late(moment: str, expected: TimeSpent) -> None:
    assert progress(START, DUE, at(moment), OFFICE) == expected


@pytest.mark.parametrize(
    ("due", "moment", "pauses", "expected"),
    [
        # Waiting since Tuesday 08:00, for two weeks: the figures of then stand, long after the due instant.
        ("2026-03-04 08:00", "2026-03-17 10:00", [("2026-03-03 08:00", None)], hours(8, 8)),
        # Came back after a week with 8 hours: due on Wednesday 11 at 08:00.
        ("2026-03-11 08:00", "2026-03-10 08:00", [("2026-03-03 08:00", "2026-03-10 08:00")], hours(8, 8)),
        ("2026-03-11 08:00", "2026-03-10 13:00", [("2026-03-03 08:00", "2026-03-10 08:00")], hours(11.5, 4.5)),
        # Seen from within a pause that has since ended.
        ("2026-03-04 08:00", "2026-03-05 10:00", [("2026-03-03 08:00", "2026-03-10 08:00")], hours(8, 8)),
        # Two pauses, told in the wrong order; on Wednesday 11 it came back with 4 hours: due at 13:00 + ½ h.
        (
            "2026-03-11 13:30",
            "2026-03-11 09:00",
            [("2026-03-10 13:00", "2026-03-11 08:00"), ("2026-03-03 08:00", "2026-03-10 08:30")],
            hours(12, 3),
        ),
        # A pause that is yet to begin.
        ("2026-03-04 08:00", "2026-03-02 09:00", [("2026-03-03 08:00", "2026-03-10 08:00")], hours(1, 15)),
        # Late when it paused, and by as much while it waits.
        ("2026-03-04 08:00", "2026-03-20 09:00", [("2026-03-04 10:00", None)], hours(18, -2)),
        # Began again from zero on Monday 2 March: an earlier pause no longer matters.
        ("2026-03-04 08:00", "2026-03-03 08:00", [("2026-02-24 08:00", "2026-02-26 08:00")], hours(8, 8)),
    ],
)
def test_time_inside_a_pause_is_not_counted(
    due: str, moment: str, pauses: list[tuple[str, str | None]], expected: TimeSpent
) -> None:
    waits: list[Pause] = [(at(begun), at(ended) if ended else None) for begun, ended in pauses]
    assert progress(START, at(due), at(moment), OFFICE, waits) == expected
