"""Due instants counted by hand, with the reasoning of each in a line.

The days off are written out here, so that nothing but the rules is under test. A limit reads “6.25 wd” (working
days), “5 d” (calendar days) or “3 h”, then “next” (counts from the next working day) or “>15:00” (so does what is
accepted later in the day than this).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from onestop.catalog.calendar import DEFAULT_HOURS, Calendar
from onestop.dossiers.deadlines.rules import Limit, due_at, explain, resumed_due

VN = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = {"wd": "working_days", "d": "days", "h": "hours"}


def span(first: str, last: str) -> Iterator[date]:
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        yield day
        day += timedelta(days=1)


OFF = frozenset(
    [
        *span("2018-12-31", "2019-01-01"),
        *span("2019-02-04", "2019-02-08"),
        *span("2019-04-29", "2019-05-01"),
        *span("2022-01-31", "2022-02-04"),
        *span("2023-01-20", "2023-01-26"),
        *span("2023-04-29", "2023-05-03"),
        *span("2023-09-01", "2023-09-04"),
        *span("2024-02-08", "2024-02-14"),
        *span("2024-04-29", "2024-05-01"),
        *span("2025-01-27", "2025-02-01"),
        *span("2025-04-30", "2025-05-02"),
        *span("2026-01-01", "2026-01-02"),
        *span("2026-02-16", "2026-02-20"),
        *span("2026-04-26", "2026-04-27"),
        *span("2026-04-30", "2026-05-01"),
        *span("2026-08-31", "2026-09-02"),
        *span("2026-11-24", "2026-11-24"),
    ]
)
MAKEUP = frozenset(
    date.fromisoformat(day)
    for day in ("2019-01-05", "2019-05-04", "2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22")
)
USUAL = Calendar(DEFAULT_HOURS, OFF, MAKEUP)
# Also open on Saturday mornings.
HALF_SATURDAY = Calendar({**DEFAULT_HOURS, 5: ((time(7, 30), time(11, 30)),)}, OFF, MAKEUP)
LONG_MORNING = Calendar({day: ((time(7), time(11, 30)), (time(13, 30), time(17))) for day in range(5)}, OFF, MAKEUP)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def limit(text: str) -> Limit:
    amount, unit, *rest = text.split()
    after = next((time.fromisoformat(word[1:]) for word in rest if word.startswith(">")), None)
    return Limit(Decimal(amount), UNITS[unit], "next" in rest, after)


Case = tuple[str, str, str, str]

TET: list[Case] = [
    # 2019: off from Monday 4 to Friday 8 February.
    ("2019-02-01 14:00", "1 wd", "2019-02-11 14:00", "3 h on Friday, 5 h on the Monday after Tết: 4 and 1"),
    ("2019-02-01 16:59", "1 wd", "2019-02-11 16:59", "one minute on Friday, all but one minute after Tết"),
    ("2019-01-31 07:30", "3 wd", "2019-02-11 17:00", "Thursday, Friday, and the Monday after Tết, all whole"),
    ("2019-02-05 09:00", "1 wd", "2019-02-11 17:00", "accepted on the first of Tết: the first day worked is whole"),
    ("2019-02-01 17:00", "2 h", "2019-02-11 09:30", "accepted at closing time: both hours lie after Tết"),
    ("2019-02-01 09:00", "5 d", "2019-02-11 17:00", "the fifth day, Wednesday 6, is in Tết: next working day"),
    ("2019-02-01 09:00", "10 d", "2019-02-11 17:00", "the tenth day is Monday 11 itself"),
    ("2019-02-01 09:00", "15 d", "2019-02-18 17:00", "the fifteenth day is Saturday 16: Monday 18"),
    ("2019-01-25 08:00", "6.25 wd", "2019-02-11 10:00", "50 h: 7.5 on Friday, 40 the week after, 2.5 after Tết"),
    ("2019-02-09 08:00", "4 h", "2019-02-11 11:30", "accepted on the Saturday after Tết: Monday's morning"),
    # 2022: off from Monday 31 January to Friday 4 February.
    ("2022-01-28 15:00", "3 h", "2022-02-07 08:30", "2 h on Friday, 1 h on the Monday after Tết"),
    ("2022-01-27 13:00", "2 wd", "2022-02-07 11:30", "16 h: 4 on Thursday, 8 on Friday, 4 after Tết: noon, not 13:00"),
    ("2022-01-28 07:30", "1 wd", "2022-01-28 17:00", "the last day before Tết, whole: never mind Tết"),
    ("2022-01-30 20:00", "3 d", "2022-02-07 17:00", "accepted on Sunday; the third day, 2 February, is in Tết"),
    ("2022-01-24 10:00", "7 d", "2022-02-07 17:00", "the seventh day, Monday 31, is the first off"),
    ("2022-01-24 10:00", "14 d", "2022-02-07 17:00", "the fourteenth day is the first worked after Tết"),
    ("2022-01-24 10:00", "10 wd", "2022-02-14 10:00", "80 h: 5.5, then 32 before Tết, 40 after, 2.5 on Monday 14"),
    # 2023: off from Friday 20 to Thursday 26 January.
    ("2023-01-19 16:30", "1 wd", "2023-01-27 16:30", "half an hour on Thursday, 7.5 h on Friday 27"),
    ("2023-01-19 16:30", "2 wd", "2023-01-30 16:30", "half an hour, Friday 27 whole, 7.5 h on Monday 30"),
    ("2023-01-20 08:00", "0.5 wd", "2023-01-27 11:30", "accepted on a day off: the morning of Friday 27"),
    ("2023-01-18 08:00", "4 d", "2023-01-27 17:00", "the fourth day is the first of Tết, a Sunday: Friday 27"),
    ("2023-01-18 08:00", "9 d", "2023-01-27 17:00", "the ninth day is Friday 27 itself"),
    ("2023-01-18 08:00", "10 d", "2023-01-30 17:00", "the tenth day is Saturday 28: Monday 30"),
    ("2023-01-19 11:00", "6 h", "2023-01-27 09:00", "0.5 before lunch, 4 after, 1.5 on Friday 27"),
    # 2024: off from Thursday 8 to Wednesday 14 February.
    ("2024-02-07 15:30", "2 wd", "2024-02-16 15:30", "1.5 h on Wednesday, 8 on Thursday 15, 6.5 on Friday 16"),
    ("2024-02-07 17:30", "1 wd", "2024-02-15 17:00", "accepted after closing: Thursday 15, whole"),
    ("2024-02-10 10:00", "1 h", "2024-02-15 08:30", "accepted on the first of Tết: the first hour of Thursday 15"),
    ("2024-02-05 09:00", "2 d", "2024-02-07 17:00", "the second day is the last before Tết"),
    ("2024-02-05 09:00", "3 d", "2024-02-15 17:00", "the third day is the first off"),
    ("2024-02-05 09:00", "5 d", "2024-02-15 17:00", "the fifth day is in Tết"),
    ("2024-02-06 13:45", "1.5 wd", "2024-02-15 08:15", "12 h: 3.25, 8 on Wednesday, 0.75 after Tết"),
    # 2025: off from Monday 27 January to Saturday 1 February.
    ("2025-01-24 16:00", "1 wd", "2025-02-03 16:00", "1 h on Friday, 7 h on Monday 3"),
    ("2025-01-24 16:59", "0.01 h", "2025-01-24 16:59:36", "36 seconds fit into the last minute before Tết"),
    ("2025-01-24 16:59", "0.25 h", "2025-02-03 07:44", "one minute of fifteen before Tết"),
    ("2025-01-22 07:30", "5 wd", "2025-02-04 17:00", "Wednesday to Friday, then Monday 3 and Tuesday 4"),
    ("2025-01-20 08:00", "10 d", "2025-02-03 17:00", "the tenth day, 30 January, is in Tết"),
    ("2025-01-20 08:00", "20 wd", "2025-02-24 08:00", "160 h: 39.5 before Tết, three weeks of 40, half an hour"),
    # 2026: off from Monday 16 to Friday 20 February.
    ("2026-02-12 16:30", "6.25 wd", "2026-03-02 09:00", "50 h: 0.5, 8 on Friday, 40 the week after Tết, 1.5"),
    ("2026-02-13 16:59", "1 h", "2026-02-23 08:29", "one minute before Tết, 59 after"),
    ("2026-02-13 17:00", "1 wd", "2026-02-23 17:00", "accepted at closing time: Monday 23, whole"),
    ("2026-02-17 00:00", "1 d", "2026-02-23 17:00", "the day after the first of Tết is off as well"),
    ("2026-02-17 08:00", "6 d", "2026-02-23 17:00", "days off count: the sixth day is Monday 23"),
    ("2026-02-17 08:00", "7 d", "2026-02-24 17:00", "the seventh day is Tuesday 24"),
    ("2026-02-13 09:00", "3 wd next", "2026-02-25 17:00", "the next working day is Monday 23; to Wednesday"),
    ("2026-02-13 15:00", "1 wd >15:00", "2026-02-23 15:00", "15:00 is not later than 15:00: 2 h today, 6 after Tết"),
    ("2026-02-13 15:01", "1 wd >15:00", "2026-02-23 17:00", "a minute later: Monday 23, whole"),
    ("2026-02-13 14:00", "3 d >15:00", "2026-02-23 17:00", "before 15:00: the third day, Monday 16, is off"),
    ("2026-02-13 15:01", "3 d >15:00", "2026-02-25 17:00", "Monday 23 is the first of three days"),
    ("2026-02-14 09:00", "3 d >15:00", "2026-02-25 17:00", "Saturday comes after Friday 15:01: the same days"),
]

MADE_UP: list[Case] = [
    # Friday 2 January 2026 off, Saturday 10 worked.
    ("2025-12-31 16:00", "1 wd", "2026-01-05 16:00", "1 h, four days off, 7 h on Monday"),
    ("2026-01-09 16:00", "1 wd", "2026-01-10 16:00", "1 h on Friday, 7 h on the make-up Saturday"),
    ("2026-01-09 17:00", "1 wd", "2026-01-10 17:00", "after closing: the make-up Saturday, whole"),
    ("2026-01-08 09:00", "2 d", "2026-01-10 17:00", "the second day is the make-up Saturday"),
    ("2026-01-08 09:00", "3 d", "2026-01-12 17:00", "the third day is Sunday: Monday"),
    ("2026-01-10 11:45", "2 h", "2026-01-10 15:00", "at lunch on the make-up Saturday: from 13:00"),
    ("2026-01-10 16:59", "1 wd", "2026-01-12 16:59", "its last minute counts; the rest on Monday"),
    ("2026-01-09 09:00", "1 wd next", "2026-01-10 17:00", "the next working day is the make-up Saturday"),
    ("2026-01-09 15:30", "1 d >15:00", "2026-01-10 17:00", "the first day is the make-up Saturday"),
    ("2025-12-30 10:00", "3 d", "2026-01-05 17:00", "the third day is the swapped Friday: Monday"),
    # Saturday 22 August 2026 worked for Monday 31, beside 1 and 2 September.
    ("2026-08-21 13:00", "1 wd", "2026-08-22 11:30", "Friday's afternoon, Saturday's morning"),
    ("2026-08-28 15:00", "1 wd", "2026-09-03 15:00", "2 h on Friday, 6 h on Thursday 3"),
    ("2026-08-20 08:00", "2 d", "2026-08-22 17:00", "the second day is the make-up Saturday"),
    ("2026-08-27 08:00", "5 d", "2026-09-03 17:00", "the fifth day, 1 September, is off"),
    ("2026-08-17 07:30", "6 wd", "2026-08-22 17:00", "a week of six days"),
    ("2026-08-17 07:30", "7 wd", "2026-08-24 17:00", "a week of six days, and Monday"),
    ("2026-09-02 10:00", "4 h", "2026-09-03 11:30", "accepted on National Day: the morning after"),
    # Saturday 5 January 2019 worked for Monday 31 December 2018.
    ("2018-12-28 16:00", "2 wd", "2019-01-03 16:00", "1 h, then Wednesday 2 whole, 7 h on Thursday"),
    ("2019-01-04 10:30", "1 wd", "2019-01-05 10:30", "5 h on Friday, 3 h on the make-up Saturday"),
    ("2018-12-28 09:00", "3 d", "2019-01-02 17:00", "the third day is the swapped Monday"),
    ("2019-01-04 17:01", "1 d", "2019-01-05 17:00", "the day after is the make-up Saturday"),
    # Saturday 4 May 2019 worked for Monday 29 April.
    ("2019-04-26 13:30", "1 wd", "2019-05-02 13:30", "3.5 h on Friday, 4.5 h on Thursday 2"),
    ("2019-05-03 13:30", "1 wd", "2019-05-04 13:30", "3.5 h on Friday, 4.5 h on the make-up Saturday"),
    ("2019-04-26 08:00", "8 d", "2019-05-04 17:00", "the eighth day is the make-up Saturday"),
    ("2019-04-26 08:00", "9 d", "2019-05-06 17:00", "the ninth day is Sunday"),
    # Saturday 4 May 2024 worked for Monday 29 April.
    ("2024-04-26 16:59", "2 wd", "2024-05-03 16:59", "one minute, Thursday 2 whole, the rest on Friday 3"),
    ("2024-05-04 07:30", "0.5 wd", "2024-05-04 11:30", "half the make-up Saturday"),
    ("2024-05-04 07:00", "8 h", "2024-05-04 17:00", "all of the make-up Saturday"),
    ("2024-05-02 12:00", "2 wd", "2024-05-04 11:30", "16 h: 4 on Thursday, 8 on Friday, 4 on Saturday"),
    # Saturday 26 April 2025 worked for Friday 2 May.
    ("2025-04-25 17:30", "1 wd", "2025-04-26 17:00", "after closing on Friday: Saturday, whole"),
    ("2025-04-29 14:00", "1 wd", "2025-05-05 14:00", "3 h on Tuesday, 5 h on Monday 5"),
    ("2025-04-24 08:00", "2 d", "2025-04-26 17:00", "the second day is the make-up Saturday"),
    ("2025-04-24 08:00", "3 d", "2025-04-28 17:00", "the third day is Sunday"),
    ("2025-04-28 08:00", "4 d", "2025-05-05 17:00", "the fourth day is the swapped Friday"),
]

HOLIDAYS: list[Case] = [
    ("2023-04-28 09:30", "1 wd", "2023-05-04 09:30", "6 h on Friday, 2 h on Thursday 4: three substitutes between"),
    ("2023-04-28 09:30", "5 d", "2023-05-04 17:00", "the fifth day, 3 May, is a substitute"),
    ("2023-08-31 16:00", "1 wd", "2023-09-05 16:00", "1 h on Thursday, 7 h on Tuesday 5"),
    ("2023-09-01 08:00", "4 d", "2023-09-05 17:00", "accepted on a day off; the fourth day is Tuesday 5"),
    ("2026-04-24 09:00", "3 d", "2026-04-28 17:00", "the third day is the substitute of Giỗ tổ"),
    ("2026-04-28 09:00", "2 d", "2026-05-04 17:00", "the second day is 30 April"),
    ("2026-04-29 16:00", "6 h next", "2026-05-04 15:00", "counted from Monday 4: 4 h and 2 h"),
    ("2026-04-30 16:00", "1 d >15:00", "2026-05-04 17:00", "accepted on a holiday: Monday 4 is the first day"),
    ("2026-11-23 15:00", "1 wd", "2026-11-25 15:00", "2 h on Monday, Tuesday 24 off, 6 h on Wednesday"),
    ("2026-11-23 09:00", "1 d", "2026-11-25 17:00", "the day after is Culture Day"),
    ("2026-11-24 09:00", "1 wd", "2026-11-25 17:00", "accepted on Culture Day"),
    ("2026-11-20 08:00", "2 wd next", "2026-11-25 17:00", "Monday 23 and Wednesday 25"),
]

# An ordinary week: Monday 2 to Friday 6 March 2026.
ORDINARY: list[Case] = [
    ("2026-03-02 07:30", "0.25 wd", "2026-03-02 09:30", "2 h"),
    ("2026-03-02 10:30", "0.25 wd", "2026-03-02 14:00", "1 h before lunch, 1 h after"),
    ("2026-03-02 09:00", "0.75 wd", "2026-03-02 16:30", "6 h: 2.5 before lunch, 3.5 after"),
    ("2026-03-03 14:20", "1.1 wd", "2026-03-04 15:08", "8 h 48: 2 h 40 on Tuesday, 4 h and 2 h 08 on Wednesday"),
    ("2026-03-06 16:00", "0.33 wd", "2026-03-09 09:08:24", "2 h 38 min 24 s: 1 h on Friday"),
    ("2026-03-02 08:00", "12.5 wd", "2026-03-18 13:30", "100 h: 39.5 and 40 in two weeks, 16, and 4.5 on Wednesday"),
    ("2026-03-02 07:30", "1.5 wd", "2026-03-03 11:30", "a day and a morning end at noon"),
    ("2026-03-02 13:00", "1 wd", "2026-03-03 11:30", "an afternoon and a morning"),
    ("2026-03-02 13:00", "1.5 wd", "2026-03-03 17:00", "an afternoon and a day"),
    ("2026-03-04 11:00", "1 h", "2026-03-04 13:30", "half an hour on each side of lunch"),
    ("2026-03-04 11:30", "1 h", "2026-03-04 14:00", "at 11:30 the morning is over"),
    ("2026-03-04 11:29:30", "0.01 h", "2026-03-04 13:00:06", "36 s: 30 before lunch, 6 after"),
    ("2026-03-04 10:00", "1.5 h", "2026-03-04 11:30", "ends with the morning"),
    ("2026-03-04 12:59", "4 h", "2026-03-04 17:00", "at lunch: the whole afternoon"),
    ("2026-03-04 11:00", "4.5 h", "2026-03-04 17:00", "half an hour and the afternoon"),
    ("2026-03-04 11:00", "4.75 h", "2026-03-05 07:45", "a quarter of an hour is left for Thursday"),
    ("2026-03-04 16:45", "24 h", "2026-03-09 16:45", "0.25, 8, 8, and 7.75 on Monday"),
    ("2026-03-04 23:59", "1 h", "2026-03-05 08:30", "accepted in the night"),
    ("2026-03-05 00:00", "1 h", "2026-03-05 08:30", "accepted at midnight: the day that begins"),
    ("2026-03-05 07:29:59", "8 h", "2026-03-05 17:00", "accepted before opening: the day itself"),
    ("2026-03-06 22:00", "0.5 wd", "2026-03-09 11:30", "Friday night: Monday's morning"),
    ("2026-03-06 16:59", "1 wd", "2026-03-09 16:59", "Friday's last minute is one"),
    ("2026-03-06 16:59:59", "1 h", "2026-03-09 08:29:59", "and its last second"),
    ("2026-03-08 12:00", "2 wd", "2026-03-10 17:00", "Sunday: Monday and Tuesday"),
    ("2026-03-02 08:00", "0 wd", "2026-03-02 08:00", "no time at all"),
    ("2026-03-07 08:00", "0 h", "2026-03-09 07:30", "no time at all, from the next opening"),
    ("2026-03-02 23:59", "1 d", "2026-03-03 17:00", "the day after"),
    ("2026-03-03 00:01", "1 d", "2026-03-04 17:00", "the day after, by the office's clock"),
    ("2026-03-05 09:00", "2 d", "2026-03-09 17:00", "the second day is Saturday: Monday"),
    ("2026-03-02 09:00", "30 d", "2026-04-01 17:00", "March has 31 days"),
    ("2024-02-26 09:00", "3 d", "2024-02-29 17:00", "the leap day"),
    ("2026-03-02 09:00", "0.5 d", "2026-03-03 17:00", "a fraction of a calendar day is a whole one"),
    ("2026-03-02 09:00", "3 d next", "2026-03-05 17:00", "Tuesday is the first: Thursday"),
    ("2026-03-06 09:00", "3 d next", "2026-03-11 17:00", "Monday is the first: Wednesday"),
    ("2026-03-04 15:00", "9 d >15:00", "2026-03-13 17:00", "not later than 15:00: Friday 13"),
    ("2026-03-04 15:00:01", "9 d >15:00", "2026-03-13 17:00", "later, but Thursday is the first day either way"),
    ("2026-03-08 10:00", "2 d >15:00", "2026-03-10 17:00", "Sunday: Monday is the first, Tuesday the second"),
]

OPEN_ON_SATURDAY: list[Case] = [
    ("2026-03-06 16:00", "1 wd", "2026-03-09 10:30", "1 h on Friday, 4 h on Saturday, 3 h on Monday"),
    ("2026-03-07 08:00", "4 h", "2026-03-09 08:00", "3.5 h on Saturday, half an hour on Monday"),
    ("2026-03-07 12:00", "1 h", "2026-03-09 08:30", "Saturday is over at noon"),
    ("2026-03-05 09:00", "2 d", "2026-03-07 11:30", "the second day is Saturday, which closes at 11:30"),
    ("2026-01-09 16:00", "1 wd", "2026-01-10 16:00", "a make-up Saturday works Monday's hours, not its own"),
    ("2026-02-21 08:00", "3 h", "2026-02-21 11:00", "the Saturday after Tết is worked"),
    ("2026-02-13 17:00", "1 wd", "2026-02-21 11:30", "the Saturdays before and after Tết make a day"),
    ("2026-03-06 08:00", "5 wd", "2026-03-12 13:30", "40 h: 7.5, 4, three days of 8, 4.5"),
    ("2025-01-24 16:00", "1 wd", "2025-02-03 10:30", "1 h, 4 h on Saturday 25, none on 1 February, 3 h on Monday"),
    (
        "2026-03-07 08:00",
        "1 d >15:00",
        "2026-03-09 17:00",
        "Saturday is worked and it is not 15:00: Sunday, so Monday",
    ),
]

LONG_MORNINGS: list[Case] = [
    ("2026-03-02 11:00", "1 h", "2026-03-02 14:00", "half an hour on each side of a lunch until 13:30"),
    ("2026-03-02 06:00", "1 wd", "2026-03-02 17:00", "4.5 h and 3.5 h are a day"),
    ("2026-03-02 13:00", "0.5 wd", "2026-03-03 07:30", "3.5 h from 13:30, half an hour from 7:00"),
]


CASES = [
    *((USUAL, *case) for case in [*TET, *MADE_UP, *HOLIDAYS, *ORDINARY]),
    *((HALF_SATURDAY, *case) for case in OPEN_ON_SATURDAY),
    *((LONG_MORNING, *case) for case in LONG_MORNINGS),
]


@pytest.mark.parametrize(("calendar", "accepted", "allowed", "due", "why"), CASES)
def test_a_limit_ends_when_counted_by_hand(
    calendar: Calendar, accepted: str, allowed: str, due: str, why: str
) -> None:
    assert due_at(at(accepted), limit(allowed), calendar) == at(due), why
    last = explain(at(accepted), limit(allowed), calendar)[-1]
    assert last.is_last
    assert last.until == at(due), why


# What happened on the way: the clock began again from zero, ran on with what was left, or a later instant was set.
Step = tuple[str, str, str]

STOPPED: list[tuple[str, str, list[Step], str, str]] = [
    (
        "2026-03-02 08:00",
        "3 wd",
        [("restart", "2026-03-03 09:00", "2026-03-09 10:00")],
        "2026-03-12 10:00",
        "24 h anew: 5.5 on Monday, 8, 8, 2.5 on Thursday",
    ),
    (
        "2026-03-02 08:00",
        "3 wd",
        [("resume", "2026-03-03 09:00", "2026-03-09 10:00")],
        "2026-03-11 09:00",
        "due Thursday 08:00, so 15 h were left: 5.5 on Monday, 8, 1.5 on Wednesday",
    ),
    (
        "2026-03-02 09:00",
        "10 d",
        [("restart", "2026-03-04 10:00", "2026-03-06 10:00")],
        "2026-03-16 17:00",
        "ten days after Friday 6",
    ),
    (
        "2026-03-02 09:00",
        "10 d",
        [("resume", "2026-03-04 10:00", "2026-03-06 10:00")],
        "2026-03-16 17:00",
        "due Thursday 12, two days waited: Saturday 14, so Monday",
    ),
    (
        "2026-03-02 09:00",
        "10 d",
        [("resume", "2026-03-04 10:00", "2026-03-09 10:01")],
        "2026-03-18 17:00",
        "five days and a minute are six: Wednesday 18",
    ),
    (
        "2026-03-02 09:00",
        "5 d",
        [("resume", "2026-03-03 09:00", "2026-03-03 15:00")],
        "2026-03-10 17:00",
        "due Monday 9, six hours are a begun day: Tuesday 10",
    ),
    (
        "2026-03-02 08:00",
        "2 wd",
        [("restart", "2026-03-02 10:00", "2026-03-04 08:00"), ("restart", "2026-03-04 15:00", "2026-03-06 14:00")],
        "2026-03-10 14:00",
        "only the second round matters: 16 h: 3 on Friday, 8, 5 on Tuesday",
    ),
    (
        "2026-03-02 08:00",
        "2 wd",
        [("resume", "2026-03-02 10:00", "2026-03-04 08:00"), ("resume", "2026-03-04 15:00", "2026-03-06 14:00")],
        "2026-03-09 14:30",
        "14 h were left at the first pause, 8.5 at the second: 3 on Friday, 5.5 on Monday",
    ),
    (
        "2026-03-02 08:00",
        "2 wd",
        [("restart", "2026-03-02 10:00", "2026-03-04 08:00"), ("resume", "2026-03-05 11:00", "2026-03-09 11:00")],
        "2026-03-10 08:00",
        "anew due Friday 08:00; 5 h left on Thursday: 4.5 on Monday, half an hour on Tuesday",
    ),
    (
        "2026-03-02 08:00",
        "2 wd",
        [("resume", "2026-03-02 10:00", "2026-03-04 08:00"), ("restart", "2026-03-05 11:00", "2026-03-09 11:00")],
        "2026-03-11 11:00",
        "what was left no longer matters: 16 h: 4.5 on Monday, 8, 3.5 on Wednesday",
    ),
    (
        "2026-02-12 08:00",
        "3 wd",
        [("resume", "2026-02-13 16:00", "2026-02-18 09:00")],
        "2026-02-24 09:00",
        "9.5 h were left (1, 8, 0.5); it came back in Tết: Monday 23 and 1.5 h",
    ),
    (
        "2026-02-12 08:00",
        "3 wd",
        [("restart", "2026-02-13 16:00", "2026-02-18 09:00")],
        "2026-02-25 17:00",
        "anew from the first opening after Tết: three whole days",
    ),
    (
        "2026-03-04 10:30",
        "8 h",
        [("resume", "2026-03-05 15:00", "2026-03-09 08:30")],
        "2026-03-06 15:00",
        "due Thursday 10:30, 3 h late at the pause, 3 h late after it: 1 h on Monday, 2 h on Friday",
    ),
    (
        "2026-01-08 13:00",
        "2 wd",
        [("resume", "2026-01-09 13:00", "2026-01-10 10:00")],
        "2026-01-12 10:00",
        "due on the make-up Saturday at 11:30; 8 h left: 5.5 of them on that Saturday, 2.5 on Monday",
    ),
    (
        "2026-03-02 08:00",
        "3 wd",
        [("resume", "2026-03-02 20:00", "2026-03-03 06:00")],
        "2026-03-05 08:00",
        "a pause in the night changes nothing",
    ),
    (
        "2026-08-19 08:00",
        "5 wd",
        [("resume", "2026-08-21 17:00", "2026-09-01 09:00")],
        "2026-09-07 08:00",
        "16.5 h left (Saturday 22, Monday, half an hour): Thursday 3, Friday 4, half an hour on Monday 7",
    ),
    (
        "2026-03-02 08:00",
        "1 wd >15:00",
        [("restart", "2026-03-02 10:00", "2026-03-04 15:30")],
        "2026-03-05 17:00",
        "the supplement came after 15:00: Thursday, whole",
    ),
    (
        "2026-03-02 08:00",
        "1 wd",
        [("extend", "2026-03-02 16:00", "2026-03-06 17:00")],
        "2026-03-06 17:00",
        "an extension says itself until when",
    ),
    (
        "2026-03-02 08:00",
        "1 wd",
        [("extend", "2026-03-02 16:00", "2026-03-06 17:00"), ("resume", "2026-03-04 13:00", "2026-03-09 13:00")],
        "2026-03-11 17:00",
        "20 h were left of the extension: 4 on Monday, 8, 8",
    ),
    (
        "2026-03-02 08:00",
        "2 wd",
        [("restart", "2026-03-02 10:00", "2026-03-04 08:00"), ("extend", "2026-03-05 08:00", "2026-03-10 17:00")],
        "2026-03-10 17:00",
        "extended after a supplement",
    ),
    (
        "2026-03-02 09:00",
        "10 d",
        [("extend", "2026-03-06 09:00", "2026-03-13 20:00"), ("resume", "2026-03-09 08:00", "2026-03-10 08:00")],
        "2026-03-16 17:00",
        "extended to Friday 13 in the evening, one day waited: Saturday, so Monday",
    ),
    (
        "2026-03-02 08:00",
        "1 wd",
        [("extend", "2026-03-02 16:00", "2026-03-05 12:15"), ("resume", "2026-03-05 11:00", "2026-03-05 11:00")],
        "2026-03-05 12:15",
        "half an hour of work was left; a pause of no length does not put 12:15 back to 11:30",
    ),
]


@pytest.mark.parametrize(("accepted", "allowed", "steps", "due", "why"), STOPPED)
def test_a_clock_that_was_stopped_ends_when_counted_by_hand(
    accepted: str, allowed: str, steps: list[Step], due: str, why: str
) -> None:
    now = due_at(at(accepted), limit(allowed), USUAL)
    for kind, begun, ended in steps:
        match kind:
            case "restart":
                now = due_at(at(ended), limit(allowed), USUAL)
            case "resume":
                now = resumed_due(now, at(begun), at(ended), limit(allowed), USUAL)
            case "extend":
                now = at(ended)
    assert now == at(due), why


def test_what_was_left_is_granted_in_the_half_saturday_of_the_agency() -> None:
    """Due Saturday 08:00; 1.5 h were left on Friday at 16:00, and it came back on Saturday at 10:00."""
    paused, resumed = at("2026-03-06 16:00"), at("2026-03-07 10:00")
    due = due_at(at("2026-03-06 08:00"), limit("1 wd"), HALF_SATURDAY)
    assert resumed_due(due, paused, resumed, limit("1 wd"), HALF_SATURDAY) == at("2026-03-07 11:30")
