"""Which hours an office works, and where they come from."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from onestop.catalog.calendar import DEFAULT_HOURS, Calendar, calendar_of, public_holidays
from onestop.catalog.models import Agency, CalendarDay, WorkingHours

VN = ZoneInfo("Asia/Ho_Chi_Minh")
SATURDAY_WORKED, SUNDAY, MONDAY, TUESDAY_OFF = (date(2026, 3, day) for day in (7, 8, 9, 10))


def spans(calendar: Calendar, day: date) -> list[str]:
    return [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in calendar.sessions(day)]


def test_sessions_are_instants_in_office_time() -> None:
    morning, afternoon = Calendar(DEFAULT_HOURS).sessions(MONDAY)
    assert morning == (datetime(2026, 3, 9, 7, 30, tzinfo=VN), datetime(2026, 3, 9, 11, 30, tzinfo=VN))
    assert afternoon == (datetime(2026, 3, 9, 13, 0, tzinfo=VN), datetime(2026, 3, 9, 17, 0, tzinfo=VN))


def test_an_off_day_has_no_sessions_and_a_make_up_day_has_mondays() -> None:
    hours = {0: ((time(8), time(12)),), 5: ((time(9), time(10)),), 1: ((time(7), time(8)),)}
    calendar = Calendar(hours, off=frozenset({TUESDAY_OFF}), makeup=frozenset({SATURDAY_WORKED}))
    assert spans(calendar, SATURDAY_WORKED) == ["08:00-12:00"]
    assert spans(calendar, date(2026, 3, 14)) == ["09:00-10:00"]
    assert spans(calendar, TUESDAY_OFF) == []
    assert [calendar.is_working(day) for day in (SATURDAY_WORKED, SUNDAY, MONDAY, TUESDAY_OFF)] == [
        True,
        False,
        True,
        False,
    ]


def hours(agency: Agency | None, weekday: int, opens: int, closes: int) -> None:
    WorkingHours.objects.create(agency=agency, weekday=weekday, opens=time(opens), closes=time(closes))


def agency(code: str, parent: Agency | None = None) -> Agency:
    return Agency.objects.create(code=code, name=code, level=Agency.Level.PROVINCE, parent=parent)


@pytest.mark.django_db
def test_without_any_hours_on_record_the_usual_ones_hold() -> None:
    calendar = calendar_of(agency("H22"))
    assert spans(calendar, MONDAY) == ["07:30-11:30", "13:00-17:00"]
    assert spans(calendar, SATURDAY_WORKED) == []


@pytest.mark.django_db
def test_hours_are_the_agencys_own_else_its_nearest_superiors_else_those_for_all() -> None:
    province = agency("H22")
    department = agency("H22.1", province)
    office = agency("H22.1.2", department)
    elsewhere = agency("H23")

    hours(None, 0, 9, 10)
    assert spans(calendar_of(office), MONDAY) == ["09:00-10:00"]
    hours(province, 0, 7, 11)
    hours(province, 1, 7, 11)
    assert spans(calendar_of(office), MONDAY) == ["07:00-11:00"]
    hours(department, 0, 8, 12)
    calendar = calendar_of(office)
    assert spans(calendar, MONDAY) == ["08:00-12:00"]
    # One row of its own, and nothing comes from above any more.
    assert spans(calendar, TUESDAY_OFF) == []
    hours(office, 5, 8, 9)
    assert spans(calendar_of(office), SATURDAY_WORKED) == ["08:00-09:00"]
    assert spans(calendar_of(office), MONDAY) == []
    assert spans(calendar_of(elsewhere), MONDAY) == ["09:00-10:00"]


@pytest.mark.django_db
def test_hours_that_overlap_are_counted_once() -> None:
    office = agency("H22")
    for opens, closes in ((13, 17), (8, 12), (9, 11), (12, 13), (18, 19)):
        hours(office, 0, opens, closes)
    assert spans(calendar_of(office), MONDAY) == ["08:00-17:00", "18:00-19:00"]


@pytest.mark.django_db
def test_days_on_record_are_in_the_calendar_and_tell_which_years_are_known(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    office = agency("H22.1", agency("H22"))
    CalendarDay.objects.create(date=TUESDAY_OFF, kind=CalendarDay.Kind.OFF, name="Nghỉ")
    CalendarDay.objects.create(date=SATURDAY_WORKED, kind=CalendarDay.Kind.WORKING, name="Làm bù")
    CalendarDay.objects.create(date=date(2027, 3, 6), kind=CalendarDay.Kind.WORKING, name="Làm bù")
    with django_assert_num_queries(2):
        calendar = calendar_of(office)
    assert spans(calendar, TUESDAY_OFF) == []
    assert spans(calendar, SATURDAY_WORKED) == ["07:30-11:30", "13:00-17:00"]
    # A year of which only a make-up day is known is not a year whose holidays are known.
    assert [calendar.knows(year) for year in (2025, 2026, 2027)] == [False, True, False]


def known(year: int) -> dict[date, str]:
    return {day.date: day.kind for day in public_holidays(year)}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2024, 2, 8), date(2024, 2, 14)),
        (date(2025, 1, 27), date(2025, 1, 31)),
        (date(2026, 2, 16), date(2026, 2, 20)),
    ],
)
def test_the_days_of_tet_are_known(first: date, last: date) -> None:
    days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
    assert all(known(first.year).get(day) == "off" for day in days)


def test_days_swapped_by_decision_are_known() -> None:
    assert known(2026)[date(2026, 8, 31)] == "off"
    assert known(2026)[date(2026, 8, 22)] == "working"
    # The two ends of a swap lie in two years.
    assert known(2018)[date(2018, 12, 31)] == "off"
    assert known(2019)[date(2019, 1, 5)] == "working"
    assert {day.year for year in (2018, 2019) for day in known(year)} == {2018, 2019}


def test_the_first_friday_of_2026_is_off_and_made_up_for_by_its_decision() -> None:
    days = {day.date: day for day in public_holidays(2026)}
    assert days[date(2026, 1, 2)].kind == CalendarDay.Kind.OFF
    assert days[date(2026, 1, 10)].kind == CalendarDay.Kind.WORKING
    assert {days[date(2026, 1, number)].source for number in (2, 10)} == {"Công văn 12729/VPCP-KGVX"}
    assert date(2026, 1, 2) not in known(2025)


def test_every_day_has_a_name_and_a_source() -> None:
    for day in public_holidays(2026):
        day.clean_fields()
        assert day.source
