"""When a dossier is due. Pure functions of instants, a limit and a calendar: they read and store nothing.

Every instant must be aware. The results are in the office's own time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from onestop.catalog.calendar import Calendar
from onestop.common.time import VIETNAM

_DAY: Final = timedelta(days=1)
_NOTHING: Final = timedelta()
# One unit of a limit in seconds of working time. "days" is missing: those are counted on the calendar.
_WORKING_SECONDS: Final = {"working_days": 8 * 3600, "hours": 3600}


# From when to when the clock stood still; without an end, it stands still now.
Pause = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class Limit:
    """How long a procedure may take; `unit` is one of `Procedure.Unit`.

    `next_day_after`: the limit of a dossier accepted later in the day runs from the next working day.
    """

    amount: Decimal
    unit: str
    from_next_day: bool = False
    next_day_after: time | None = None


class CountedDayKind(TextChoices):
    """How a day counts for a limit."""

    WORKING = "working", _("ngày làm việc")
    MAKEUP = "makeup", _("làm bù")
    WEEKLY_OFF = "weekly_off", _("nghỉ hằng tuần")
    HOLIDAY = "holiday", _("nghỉ lễ")
    BEFORE_START = "before_start", _("chưa bắt đầu tính")


@dataclass(frozen=True)
class CountedDay:
    """One day on the way from acceptance to the due instant.

    `counted` is how much of the limit it used: working time, or one whole day where the limit is in calendar days;
    `total` is the sum of all days so far. `until` is its last working instant within the limit, None without any.
    """

    date: date
    kind: CountedDayKind
    counted: timedelta
    total: timedelta
    until: datetime | None
    is_last: bool


@dataclass(frozen=True)
class TimeSpent:
    """Working time `spent` and `left`; what is left is negative when late."""

    spent: timedelta
    left: timedelta

    @property
    def late(self) -> timedelta:
        """By how much the limit is passed; nothing while there is time left."""
        return max(-self.left, _NOTHING)

    @property
    def share(self) -> int:
        """How much of the limit is spent, in percent, rounded down; 100 once it is passed."""
        whole = self.spent + self.left
        return min(100, int(100 * (self.spent / whole))) if whole > _NOTHING else 100


def clock_start(accepted: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """When the limit begins to run: at acceptance, or at the next opening when the office is closed then."""
    accepted = accepted.astimezone(VIETNAM)
    if _waits_for_next_day(accepted, limit, calendar):
        return next(_sessions_from(accepted.date() + _DAY, calendar))[0]
    return next(
        max(opens, accepted) for opens, closes in _sessions_from(accepted.date(), calendar) if accepted < closes
    )


def due_at(accepted: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The last instant at which a dossier accepted at `accepted` is on time.

    Working days (of eight hours) and hours are working time; a limit that is used up between two sessions ends with
    the earlier one. Calendar days end at the close of business of the last of them, or of the next working day if
    that is a day off (Bộ luật Dân sự 2015 điều 147–148); a fraction counts as a whole day. The first of them is the
    day after acceptance, or the next working day where the limit counts from there.
    """
    start = clock_start(accepted, limit, calendar)
    if limit.unit in _WORKING_SECONDS:
        # A limit has two decimals at most, so this is a whole number of seconds.
        seconds = int(limit.amount * _WORKING_SECONDS[limit.unit])
        return add_working_time(start, timedelta(seconds=seconds), calendar)
    day_zero = _day_zero(accepted, limit, calendar)
    # A limit of zero days must not end before it begins.
    return _close_of_business(max(day_zero + _whole_days(limit) * _DAY, start.date()), calendar)


def explain(accepted: datetime, limit: Limit, calendar: Calendar) -> list[CountedDay]:
    """Explains `due_at`: every day from acceptance to the last, which ends with the due instant."""
    start, due = clock_start(accepted, limit, calendar), due_at(accepted, limit, calendar)
    day_zero = _day_zero(accepted, limit, calendar)
    days: list[CountedDay] = []
    total = _NOTHING
    for day in _dates(accepted.astimezone(VIETNAM).date(), due.date()):
        within = [
            (max(opens, start), min(closes, due))
            for opens, closes in calendar.sessions(day)
            if opens <= due and start <= closes
        ]
        if limit.unit in _WORKING_SECONDS:
            has_begun = bool(within)
            counted = sum((closes - opens for opens, closes in within), _NOTHING)
        else:
            has_begun = day > day_zero
            counted = _DAY if has_begun and (day - day_zero).days <= _whole_days(limit) else _NOTHING
        total += counted
        until = within[-1][1] if within else None
        days.append(CountedDay(day, _kind(day, calendar, has_begun), counted, total, until, day == due.date()))
    return days


def progress(
    start: datetime, due: datetime, at: datetime, calendar: Calendar, pauses: Iterable[Pause] = ()
) -> TimeSpent:
    """How much working time a dossier had used at `at`, and how much it had left until `due`.

    `start` is when its clock last began from zero; `due` is the instant in force at `at`, which the end of each pause
    has moved. `pauses` do not overlap; one without an end goes on. Time inside a pause is not counted: during a pause
    both figures stay as they were when it began.
    """
    at, running_since, spent = max(at, start), start, _NOTHING
    for paused, resumed in sorted(pauses, key=lambda pause: pause[0]):
        if at <= paused:
            break
        if resumed is None or at < resumed:
            at = max(paused, start)
            break
        spent += max(working_time_between(running_since, paused, calendar), _NOTHING)
        running_since = max(resumed, start)
    return TimeSpent(
        spent + working_time_between(running_since, at, calendar), working_time_between(at, due, calendar)
    )


def resumed_due(due: datetime, paused: datetime, resumed: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The due instant when a dossier due at `due` waited from `paused` to `resumed`.

    Working time that was left at the pause runs again from the resumption. With calendar days the due day moves by
    the days waited, a begun one counting whole, to its close of business or that of the next working day.

    A dossier already late when it paused stays late by as much: its due instant is then the same working time
    before the resumption, or, with calendar days, the same time on the clock.
    """
    due, paused, resumed = (moment.astimezone(VIETNAM) for moment in (due, paused, resumed))
    if limit.unit in _WORKING_SECONDS:
        # An extension may set a due instant between two sessions; it must not move back to the end of the earlier.
        return max(due, add_working_time(resumed, working_time_between(paused, due, calendar), calendar))
    waited = resumed - paused
    if due < paused:
        return due + waited
    days = -(-waited // _DAY)
    # An extension may have set a due instant after hours; the time that was left of it counts as well.
    return max(_close_of_business(due.date() + days * _DAY, calendar), due + waited)


def after_day_off(due: datetime, calendar: Calendar) -> datetime | None:
    """The close of the next working day if `due` falls on a day off (Bộ luật Dân sự 2015 điều 148.5); else None."""
    day = due.astimezone(VIETNAM).date()
    return None if calendar.is_working(day) else _close_of_business(day, calendar)


def add_working_time(start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """The instant when `amount` of working time has passed since `start`; for a negative amount, the one before it.

    Between two sessions it is the end of the earlier. An amount of zero returns `start`.
    """
    start = start.astimezone(VIETNAM)
    if amount > _NOTHING:
        for opens, closes in _sessions_from(start.date(), calendar):
            opens = max(opens, start)
            if opens + amount <= closes:
                return opens + amount
            amount -= max(closes - opens, _NOTHING)
    if amount < _NOTHING:
        for opens, closes in _sessions_back_from(start.date(), calendar):
            closes = min(closes, start)
            if opens < closes + amount:
                return closes + amount
            amount += max(closes - opens, _NOTHING)
    return start


def working_time_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """The working time from `start` to `end`; negative when `end` is the earlier."""
    start, end = start.astimezone(VIETNAM), end.astimezone(VIETNAM)
    if end < start:
        return -working_time_between(end, start, calendar)
    return sum(
        (
            max(min(closes, end) - max(opens, start), _NOTHING)
            for day in _dates(start.date(), end.date())
            for opens, closes in calendar.sessions(day)
        ),
        _NOTHING,
    )


def years_spanned(start: datetime, due: datetime) -> range:
    """The years whose holidays matter for a limit that runs from `start` to `due`."""
    return range(start.astimezone(VIETNAM).year, due.astimezone(VIETNAM).year + 1)


def _waits_for_next_day(accepted: datetime, limit: Limit, calendar: Calendar) -> bool:
    if limit.next_day_after is None:
        return limit.from_next_day
    # A day off counts as late: it comes after every hour of the working day before it.
    late = accepted.time() > limit.next_day_after or not calendar.is_working(accepted.date())
    return limit.from_next_day or late


def _day_zero(accepted: datetime, limit: Limit, calendar: Calendar) -> date:
    """The day before the first of a limit's calendar days."""
    accepted = accepted.astimezone(VIETNAM)
    if _waits_for_next_day(accepted, limit, calendar):
        return clock_start(accepted, limit, calendar).date() - _DAY
    return accepted.date()


def _whole_days(limit: Limit) -> int:
    return int(limit.amount.to_integral_value(ROUND_CEILING))


def _kind(day: date, calendar: Calendar, has_begun: bool) -> CountedDayKind:
    if not calendar.is_working(day):
        return CountedDayKind.HOLIDAY if calendar.is_off(day) else CountedDayKind.WEEKLY_OFF
    if not has_begun:
        return CountedDayKind.BEFORE_START
    return CountedDayKind.MAKEUP if calendar.is_makeup(day) else CountedDayKind.WORKING


def _dates(first: date, last: date) -> Iterator[date]:
    return (first + number * _DAY for number in range((last - first).days + 1))


def _close_of_business(day: date, calendar: Calendar) -> datetime:
    """When `day`, or the first working day after it, ends."""
    opens, _closes = next(_sessions_from(day, calendar))
    return calendar.sessions(opens.date())[-1][1]


def _sessions_from(day: date, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The sessions of `day` and of every day after it, without end."""
    _require_hours(calendar)
    while True:
        yield from calendar.sessions(day)
        day += _DAY


def _sessions_back_from(day: date, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The sessions of `day` and of every day before it, the latest first."""
    _require_hours(calendar)
    while True:
        yield from reversed(calendar.sessions(day))
        day -= _DAY


def _require_hours(calendar: Calendar) -> None:
    """Raises ValueError for a calendar without hours: a search for its next session would never end."""
    if not any(calendar.hours.values()):
        raise ValueError("lịch không có giờ làm việc nào")
