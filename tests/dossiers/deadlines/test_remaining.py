"""The time that is left is told in the unit of the limit: working days, working hours or days."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from onestop.catalog.models import Procedure
from onestop.common.time import VIETNAM
from onestop.dossiers.deadlines.remaining import remaining, share_calendars
from onestop.dossiers.models import Dossier
from tests import people

pytestmark = pytest.mark.django_db

# Sunday is the first day of March 2026; the office works from 7:30 to 11:30 and from 13:00 to 17:00.
CASES = [
    ("working_days", "02 09:00", "04 09:00", "2 ngày làm việc", False),
    ("working_days", "06 09:00", "10 09:00", "2 ngày làm việc", False),  # over a weekend
    ("working_days", "03 10:00", "04 09:00", "7 giờ làm việc", False),
    ("working_days", "04 08:55", "04 09:00", "5 phút", False),
    ("working_days", "04 14:00", "04 09:00", "3 giờ làm việc", True),
    ("working_days", "09 09:00", "04 09:00", "3 ngày làm việc", True),
    ("working_days", "04 20:00", "04 17:00", "3 giờ", True),  # after the close of business
    ("hours", "02 09:00", "04 09:00", "16 giờ làm việc", False),
    ("hours", "04 14:30", "04 09:00", "4 giờ làm việc", True),
    ("days", "06 09:00", "10 09:00", "4 ngày", False),
    ("days", "04 14:00", "04 09:00", "5 giờ", True),
]


@pytest.mark.parametrize(("unit", "now", "due", "words", "is_late"), CASES)
def test_the_time_left_is_told_in_the_unit_of_the_limit(
    unit: str, now: str, due: str, words: str, is_late: bool
) -> None:
    procedure = people.a_procedure(limit=Decimal(2), limit_unit=Procedure.Unit(unit))
    left = remaining(people.a_new_dossier(procedure=procedure), _at(due), _at(now))
    assert (left.in_words, left.is_late) == (words, is_late)


def test_the_calendars_of_a_page_are_read_in_one_query() -> None:
    for agency in (people.ward(), people.ward_desk()):
        people.a_dossier(agency=agency)
    dossiers = list(Dossier.objects.select_related("agency", "procedure"))
    with CaptureQueriesContext(connection) as queries:
        share_calendars(dossiers)
        assert all(dossier.calendar.hours for dossier in dossiers)
    assert len(queries) == 1


def _at(text: str) -> datetime:
    return datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=VIETNAM)
