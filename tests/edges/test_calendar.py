"""What the calendar does to a due date: one line for each case. Add the next report as a line of its list."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from onestop.catalog.calendar import calendar_of
from onestop.catalog.models import CalendarDay
from onestop.common.time import VIETNAM
from onestop.dossiers.deadlines.rules import Limit, due_at

pytestmark = pytest.mark.django_db

# What is on record, when it is accepted, its limit in working days, when it is due.
# "" is a database to which nobody has told anything; "2026-03-03 off" is such a day.
PUBLIC_HOLIDAYS = [
    ("Tết 2026 in a new database", "", "2026-02-12T16:30", 3, "2026-02-24T16:30"),
    ("New year 2027 in a new database", "", "2026-12-31T10:00", 1, "2027-01-04T10:00"),
    ("make-up day 22/8/2026 works in a new database", "", "2026-08-21T10:00", 1, "2026-08-22T10:00"),
    ("a year that nobody has announced yet", "", "2030-01-30T10:00", 1, "2030-02-07T10:00"),
    ("a limit over three years", "", "2025-12-31T10:00", 500, "2028-01-05T10:00"),
    ("a local day off does not do away with Tết", "2026-07-20 off", "2026-02-12T16:30", 3, "2026-02-24T16:30"),
    ("a local make-up day neither", "2026-07-18 working", "2026-02-12T16:30", 3, "2026-02-24T16:30"),
    ("a holiday that the office works", "2026-02-17 working", "2026-02-12T16:30", 3, "2026-02-23T16:30"),
    ("another year is untouched by it", "2026-02-17 working", "2026-12-31T10:00", 1, "2027-01-04T10:00"),
    ("beyond the years the program knows", "", "2101-02-01T10:00", 1, "2101-02-02T10:00"),
]


@pytest.mark.parametrize(("recorded", "accepted", "days", "due"), [case[1:] for case in PUBLIC_HOLIDAYS], ids=str)
def test_public_holidays_are_counted(recorded: str, accepted: str, days: int, due: str) -> None:
    if recorded:
        day, kind = recorded.split()
        CalendarDay.objects.create(date=day, kind=kind, name="Ngày của cơ quan")
    start = datetime.fromisoformat(accepted).replace(tzinfo=VIETNAM)
    counted = due_at(start, Limit(Decimal(days), "working_days"), calendar_of(None))
    assert counted == datetime.fromisoformat(due).replace(tzinfo=VIETNAM)


def test_a_day_that_was_taken_off_the_record_stays_off() -> None:
    CalendarDay.objects.create(date="2026-07-20", kind="off", name="Nghỉ bão")
    CalendarDay.objects.get(date="2026-09-01").delete()
    assert calendar_of(None).is_working(date(2026, 9, 1))
    # Nor does the next day of that year bring it back.
    CalendarDay.objects.create(date="2026-07-21", kind="off", name="Nghỉ bão")
    assert calendar_of(None).is_working(date(2026, 9, 1))
