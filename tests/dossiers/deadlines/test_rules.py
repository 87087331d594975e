"""When a dossier is due: cases counted by hand, then any case against a slow count, tick by tick."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from onestop.catalog.calendar import DEFAULT_HOURS, Calendar
from onestop.dossiers.deadlines.rules import (
    Limit,
    add_working_time,
    clock_start,
    due_at,
    resumed_due,
    working_time_between,
    years_spanned,
)

VN = ZoneInfo("Asia/Ho_Chi_Minh")
# Tết 2026 off; Friday 2 January swapped for Saturday 10 January.
OFFICE = Calendar(
    DEFAULT_HOURS,
    off=frozenset({date(2026, 1, 1), date(2026, 1, 2), *(date(2026, 2, day) for day in range(16, 21))}),
    makeup=frozenset({date(2026, 1, 10)}),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def working_days(amount: str, from_next_day: bool = False, next_day_after: time | None = None) -> Limit:
    return Limit(Decimal(amount), "working_days", from_next_day, next_day_after)


def days(amount: str, from_next_day: bool = False, next_day_after: time | None = None) -> Limit:
    return Limit(Decimal(amount), "days", from_next_day, next_day_after)


def hours(amount: str) -> Limit:
    return Limit(Decimal(amount), "hours")


@pytest.mark.parametrize(
    ("accepted", "limit", "due"),
    [
        # 6.25 days are 50 hours: half an hour that Thursday, 8 on Friday, five days after Tết make 48.5.
        ("2026-02-12 16:30", working_days("6.25"), "2026-03-02 09:00"),
        # Wednesday 7 and Thursday 8 are half worked; Friday 9 and the make-up Saturday are whole.
        ("2026-01-07 10:30", working_days("3"), "2026-01-10 10:30"),
        ("2026-01-07 10:30", working_days("4"), "2026-01-12 10:30"),
        # Whole days from an opening end with the day, not with the next morning.
        ("2026-03-02 07:30", working_days("1"), "2026-03-02 17:00"),
        ("2026-03-06 07:30", working_days("5"), "2026-03-12 17:00"),
        # Half a day ends with the morning, not with the afternoon's opening.
        ("2026-03-02 07:30", working_days("0.5"), "2026-03-02 11:30"),
        ("2026-03-02 13:00", working_days("0.5"), "2026-03-02 17:00"),
        # Accepted while closed: at noon, in the evening, on a Saturday.
        ("2026-03-02 12:15", hours("2"), "2026-03-02 15:00"),
        ("2026-03-02 20:00", working_days("1"), "2026-03-03 17:00"),
        ("2026-03-07 09:00", working_days("1"), "2026-03-09 17:00"),
        # The last second of the morning still counts.
        ("2026-03-02 11:29:59", hours("1"), "2026-03-02 13:59:59"),
        ("2026-03-02 16:00", hours("1.25"), "2026-03-03 07:45"),
        ("2026-03-02 08:00", hours("0.01"), "2026-03-02 08:00:36"),
        # 15 calendar days after Monday 2 March: Tuesday the 17th, at closing time.
        ("2026-03-02 09:10", days("15"), "2026-03-17 17:00"),
        # The fifth day is a Saturday, so Monday; the fifth day is in Tết, so the Monday after.
        ("2026-03-02 09:10", days("5"), "2026-03-09 17:00"),
        ("2026-02-12 09:10", days("5"), "2026-02-23 17:00"),
        # On the make-up Saturday itself.
        ("2026-01-08 09:10", days("2"), "2026-01-10 17:00"),
        # A fraction of a day is a whole one.
        ("2026-03-02 09:10", days("1.25"), "2026-03-04 17:00"),
        # The day after acceptance is the first, also when nobody works on the day of acceptance.
        ("2026-03-07 09:00", days("3"), "2026-03-10 17:00"),
        ("2026-03-02 20:00", days("0"), "2026-03-03 17:00"),
        ("2026-03-02 09:00", working_days("0"), "2026-03-02 09:00"),
    ],
)
def test_a_limit_ends_when_counted_by_hand(accepted: str, limit: Limit, due: str) -> None:
    assert due_at(at(accepted), limit, OFFICE) == at(due)


@pytest.mark.parametrize(
    ("accepted", "limit", "due"),
    [
        ("2026-03-02 08:00", working_days("1", from_next_day=True), "2026-03-03 17:00"),
        ("2026-03-06 08:00", working_days("1", from_next_day=True), "2026-03-09 17:00"),
        ("2026-03-02 15:00", working_days("1", next_day_after=time(15)), "2026-03-03 15:00"),
        ("2026-03-02 15:00:01", working_days("1", next_day_after=time(15)), "2026-03-03 17:00"),
        # The next working day is the first of the calendar days: Monday 9, so the third is Wednesday 11.
        ("2026-03-06 08:00", days("3", from_next_day=True), "2026-03-11 17:00"),
        ("2026-03-06 15:30", days("3", next_day_after=time(15)), "2026-03-11 17:00"),
        ("2026-03-06 08:00", days("3", next_day_after=time(15)), "2026-03-09 17:00"),
    ],
)
def test_a_limit_can_count_from_the_next_working_day(accepted: str, limit: Limit, due: str) -> None:
    assert due_at(at(accepted), limit, OFFICE) == at(due)


@pytest.mark.parametrize(
    ("accepted", "start"),
    [
        ("2026-03-02 07:29", "2026-03-02 07:30"),
        ("2026-03-02 11:29", "2026-03-02 11:29"),
        ("2026-03-02 11:30", "2026-03-02 13:00"),
        ("2026-02-13 17:00", "2026-02-23 07:30"),
    ],
)
def test_the_clock_starts_in_the_next_working_minute(accepted: str, start: str) -> None:
    assert clock_start(at(accepted), hours("1"), OFFICE) == at(start)


def test_an_instant_in_another_time_zone_is_the_same_instant() -> None:
    accepted = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert due_at(accepted, hours("2"), OFFICE) == at("2026-03-02 10:00")
    evening = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # Tuesday 01:00 here
    assert due_at(evening, days("1"), OFFICE) == at("2026-03-04 17:00")


def test_a_limit_of_many_years_is_counted_to_its_end() -> None:
    five_a_week = Calendar(DEFAULT_HOURS)
    # 2,600 working days are 520 weeks to the day.
    due = due_at(at("2026-03-02 07:30"), working_days("2600"), five_a_week)
    assert due == at("2026-03-02 17:00") + timedelta(weeks=520, days=-3)


@pytest.mark.parametrize("limit", [hours("1"), working_days("1"), days("1")])
def test_a_calendar_without_hours_is_an_error_not_an_endless_search(limit: Limit) -> None:
    never = Calendar({0: ()}, makeup=frozenset({date(2026, 3, 7)}))
    with pytest.raises(ValueError, match="không có giờ làm việc"):
        due_at(at("2026-03-02 08:00"), limit, never)


def test_time_passed_is_working_time_in_both_directions() -> None:
    monday, next_monday = at("2026-03-02 11:00"), at("2026-03-09 13:30")
    assert working_time_between(monday, next_monday, OFFICE) == timedelta(hours=41)
    assert working_time_between(next_monday, monday, OFFICE) == -timedelta(hours=41)
    assert working_time_between(at("2026-03-07 08:00"), at("2026-03-08 17:00"), OFFICE) == timedelta()


def test_working_time_can_be_taken_back() -> None:
    assert add_working_time(at("2026-03-02 08:30"), -timedelta(hours=2), OFFICE) == at("2026-02-27 16:00")
    # Where it could be Friday's end or Monday's opening, it is Friday's end.
    assert add_working_time(at("2026-03-02 08:30"), -timedelta(hours=1), OFFICE) == at("2026-02-27 17:00")
    assert add_working_time(at("2026-03-07 12:00"), timedelta(), OFFICE) == at("2026-03-07 12:00")


@pytest.mark.parametrize(
    ("due", "paused", "resumed", "limit", "new"),
    [
        # Ten working hours were left.
        ("2026-03-05 11:30", "2026-03-04 09:30", "2026-03-16 16:00", working_days("5"), "2026-03-18 08:30"),
        ("2026-03-05 17:00", "2026-03-05 16:00", "2026-03-07 10:00", hours("8"), "2026-03-09 08:30"),
        # Nothing was left.
        ("2026-03-05 17:00", "2026-03-05 17:00", "2026-03-09 10:00", hours("8"), "2026-03-09 10:00"),
        # Three hours late, and still so.
        ("2026-03-05 10:30", "2026-03-05 15:00", "2026-03-09 08:30", hours("8"), "2026-03-06 15:00"),
        # Waited five days and a bit, so six: Wednesday 11.
        ("2026-03-05 17:00", "2026-03-03 08:00", "2026-03-08 09:00", days("10"), "2026-03-11 17:00"),
        # Waited two days: Saturday, so Monday.
        ("2026-03-05 17:00", "2026-03-03 08:00", "2026-03-05 08:00", days("10"), "2026-03-09 17:00"),
        # Late by a day, and still so, on the minute.
        ("2026-03-05 17:00", "2026-03-06 17:00", "2026-03-09 08:15", days("10"), "2026-03-08 08:15"),
        # Extended to ten at night: the hour that was left is not lost.
        ("2026-03-05 22:00", "2026-03-05 21:00", "2026-03-06 21:00", days("10"), "2026-03-06 22:00"),
    ],
)
def test_what_was_left_at_the_pause_is_granted_again(
    due: str, paused: str, resumed: str, limit: Limit, new: str
) -> None:
    assert resumed_due(at(due), at(paused), at(resumed), limit, OFFICE) == at(new)


def test_the_years_of_a_limit_are_counted_in_office_time() -> None:
    new_years_morning = datetime(2025, 12, 31, 20, 0, tzinfo=UTC)
    assert list(years_spanned(new_years_morning, at("2028-01-03 17:00"))) == [2026, 2027, 2028]


# ---- against a count that knows nothing of sessions: ticks of six minutes, a tenth of an hour

TICK = timedelta(minutes=6)
FIRST_DAY = datetime(2026, 1, 1)
LENGTH = 150  # days; longer than any of the limits below can take

Hours = dict[int, list[tuple[int, int]]]  # in half hours of the day


@st.composite
def weeks(draw: st.DrawFn) -> Hours:
    week: Hours = {}
    for weekday in range(7):
        marks = sorted(draw(st.sets(st.integers(0, 47), max_size=4)))
        week[weekday] = list(zip(marks[::2], marks[1::2], strict=False))
    assume(sum(closes - opens for sessions in week.values() for opens, closes in sessions) >= 6)
    return week


@st.composite
def places(draw: st.DrawFn) -> tuple[Calendar, list[datetime]]:
    """A calendar, and the beginnings of all its working ticks, found without it."""
    week = draw(weeks())
    numbers = st.frozensets(st.integers(0, 60), max_size=12)
    off, makeup = draw(numbers), draw(numbers)
    calendar = Calendar(
        {weekday: tuple((half(a), half(b)) for a, b in sessions) for weekday, sessions in week.items()},
        off=frozenset((FIRST_DAY + timedelta(days=number)).date() for number in off),
        makeup=frozenset((FIRST_DAY + timedelta(days=number)).date() for number in makeup),
    )
    ticks = []
    for number in range(LENGTH * 240):
        day, tick = divmod(number, 240)
        moment = FIRST_DAY + number * TICK
        weekday = 0 if day in makeup else moment.weekday()
        if day not in off and any(a <= tick // 5 < b for a, b in week[weekday]):
            ticks.append(moment.replace(tzinfo=VN))
    return calendar, ticks


def half(number: int) -> time:
    return time(number // 2, number % 2 * 30)


moments = st.integers(20 * 240, 60 * 240).map(lambda number: (FIRST_DAY + number * TICK).replace(tzinfo=VN))
thorough = settings(max_examples=40, deadline=None, database=None)


@thorough
@given(places(), moments, st.integers(1, 120))
def test_working_time_ends_with_its_last_working_tick(
    place: tuple[Calendar, list[datetime]], accepted: datetime, amount: int
) -> None:
    calendar, ticks = place
    coming = [tick for tick in ticks if tick >= accepted]
    end = coming[amount - 1] + TICK
    assert due_at(accepted, Limit(Decimal(amount) / 10, "hours"), calendar) == end
    assert due_at(accepted, Limit(Decimal(amount) / 80, "working_days"), calendar) == end
    assert clock_start(accepted, hours("1"), calendar) == coming[0]


@thorough
@given(places(), moments, st.integers(1, 40))
def test_working_time_taken_back_ends_with_the_tick_before(
    place: tuple[Calendar, list[datetime]], start: datetime, amount: int
) -> None:
    calendar, ticks = place
    gone = [tick for tick in ticks if tick < start]
    assume(len(gone) > amount)
    assert add_working_time(start, -amount * TICK, calendar) == gone[-amount - 1] + TICK


@thorough
@given(places(), moments, moments)
def test_time_passed_is_the_number_of_working_ticks(
    place: tuple[Calendar, list[datetime]], start: datetime, end: datetime
) -> None:
    calendar, ticks = place
    passed = sum(start <= tick < end for tick in ticks) - sum(end <= tick < start for tick in ticks)
    assert working_time_between(start, end, calendar) == passed * TICK


@thorough
@given(places(), moments, st.integers(1, 40))
def test_calendar_days_end_with_the_last_tick_of_a_working_day(
    place: tuple[Calendar, list[datetime]], accepted: datetime, amount: int
) -> None:
    calendar, ticks = place
    last = accepted.date() + timedelta(days=amount)
    day = next(tick.date() for tick in ticks if tick.date() >= last)
    end = max(tick for tick in ticks if tick.date() == day) + TICK
    assert due_at(accepted, days(str(amount)), calendar) == end


@thorough
@given(places(), moments, moments, moments, st.sampled_from(["hours", "working_days", "days"]))
def test_a_pause_takes_no_time_away_and_makes_no_late_dossier_timely(
    place: tuple[Calendar, list[datetime]], due: datetime, paused: datetime, resumed: datetime, unit: str
) -> None:
    assume(paused <= resumed)
    calendar, ticks = place
    new = resumed_due(due, paused, resumed, Limit(Decimal(1), unit), calendar)
    if due < paused:
        assert new <= resumed
    elif unit == "days":
        assert new - resumed >= due - paused
    else:
        left = sum(paused <= tick < due for tick in ticks)
        assert sum(resumed <= tick < new for tick in ticks) == left
