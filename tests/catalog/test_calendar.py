"""Which hours an office works, and where they come from."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from onestop.catalog.calendar import DEFAULT_HOURS, Calendar, calendar_of, calendars_of, years_only_expected
from onestop.catalog.holidays import public_holidays
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
def test_the_calendars_of_many_are_those_of_each_in_two_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    province = agency("H22")
    own, inherited, also_inherited, usual = (
        agency("H22.1", province),
        agency("H22.2", province),
        agency("H22.3", province),
        agency("H23"),
    )
    hours(province, 0, 7, 11)
    hours(own, 0, 9, 10)
    CalendarDay.objects.create(date=TUESDAY_OFF, kind=CalendarDay.Kind.OFF, name="Nghỉ")
    offices = [own, inherited, also_inherited, usual]
    with django_assert_num_queries(1):
        calendars = calendars_of(offices)
    assert calendars == {office.pk: calendar_of(office) for office in offices}
    assert spans(calendars[own.pk], MONDAY) == ["09:00-10:00"]
    # So that the sessions of a day are worked out once.
    assert calendars[inherited.pk] is calendars[also_inherited.pk]
    with django_assert_num_queries(0):
        assert calendars_of([]) == {}


@pytest.mark.django_db
def test_hours_that_overlap_are_counted_once() -> None:
    office = agency("H22")
    for opens, closes in ((13, 17), (8, 12), (9, 11), (12, 13), (18, 19)):
        hours(office, 0, opens, closes)
    assert spans(calendar_of(office), MONDAY) == ["08:00-17:00", "18:00-19:00"]


@pytest.mark.django_db
def test_days_on_record_are_in_the_calendar(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    office = agency("H22.1", agency("H22"))
    CalendarDay.objects.create(date=TUESDAY_OFF, kind=CalendarDay.Kind.OFF, name="Nghỉ")
    CalendarDay.objects.create(date=SATURDAY_WORKED, kind=CalendarDay.Kind.WORKING, name="Làm bù")
    with django_assert_num_queries(1):
        calendar = calendar_of(office)
        assert spans(calendar, TUESDAY_OFF) == []
        assert spans(calendar, SATURDAY_WORKED) == ["07:30-11:30", "13:00-17:00"]
        # Of every year that the program has holidays for, they are known.
        assert [calendar.knows(year) for year in (1999, 2025, 2026, 2100, 2101)] == [False, True, True, True, False]


@pytest.mark.django_db
def test_without_an_agency_the_hours_for_all_hold() -> None:
    hours(agency("H22"), 0, 7, 11)
    assert spans(calendar_of(None), MONDAY) == ["07:30-11:30", "13:00-17:00"]
    hours(None, 0, 9, 10)
    assert spans(calendar_of(None), MONDAY) == ["09:00-10:00"]


@pytest.mark.django_db
def test_years_that_nobody_has_announced_are_told_until_they_are_on_record(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assert years_only_expected(datetime(2025, 6, 1, tzinfo=VN)) == []
    assert years_only_expected(datetime(2026, 6, 1, tzinfo=VN)) == [2027]
    now = datetime(2027, 6, 1, tzinfo=VN)
    assert years_only_expected(now) == [2027, 2028]
    CalendarDay.objects.create(date=date(2028, 3, 1), kind=CalendarDay.Kind.OFF, name="Nghỉ")
    with django_assert_num_queries(1):
        assert years_only_expected(now) == [2027]
    CalendarDay.objects.create(date=date(2027, 3, 6), kind=CalendarDay.Kind.WORKING, name="Làm bù")
    assert years_only_expected(now) == []


@pytest.mark.django_db
def test_the_year_turns_at_midnight_in_vietnam() -> None:
    assert years_only_expected(datetime(2026, 12, 31, 16, 59, tzinfo=UTC)) == [2027]
    assert years_only_expected(datetime(2026, 12, 31, 17, 0, tzinfo=UTC)) == [2027, 2028]


# Every working weekday that was off and every weekend day that was worked, as announced for public servants; for
# 2027, as the law fixes it.
ANNOUNCED = {
    2018: ("01-01 02-14 02-15 02-16 02-19 02-20 04-25 04-30 05-01 09-03 12-31", ""),
    2019: ("01-01 02-04 02-05 02-06 02-07 02-08 04-15 04-29 04-30 05-01 09-02", "01-05 05-04"),
    2020: ("01-01 01-23 01-24 01-27 01-28 01-29 04-02 04-30 05-01 09-02", ""),
    2021: ("01-01 02-10 02-11 02-12 02-15 02-16 04-21 04-30 05-03 09-02 09-03", ""),
    2022: ("01-03 01-31 02-01 02-02 02-03 02-04 04-11 05-02 05-03 09-01 09-02", ""),
    2023: ("01-02 01-20 01-23 01-24 01-25 01-26 05-01 05-02 05-03 09-01 09-04", ""),
    2024: ("01-01 02-08 02-09 02-12 02-13 02-14 04-18 04-29 04-30 05-01 09-02 09-03", "05-04"),
    2025: ("01-01 01-27 01-28 01-29 01-30 01-31 04-07 04-30 05-01 05-02 09-01 09-02", "04-26"),
    2026: (
        "01-01 01-02 02-16 02-17 02-18 02-19 02-20 04-27 04-30 05-01 08-31 09-01 09-02 11-24",
        "01-10 08-22",
    ),
    2027: ("01-01 02-04 02-05 02-08 02-09 02-10 04-16 04-30 05-03 09-02 09-03 11-24", ""),
}


@pytest.mark.parametrize("year", ANNOUNCED)
def test_the_days_off_and_made_up_for_are_those_announced(year: int) -> None:
    days = public_holidays(year)
    off, worked = ([date.fromisoformat(f"{year}-{day}") for day in text.split()] for text in ANNOUNCED[year])
    assert [day.date for day in days if day.kind == CalendarDay.Kind.OFF and day.date.weekday() < 5] == off
    assert [day.date for day in days if day.kind == CalendarDay.Kind.WORKING] == worked
    assert all(day.weekday() == 5 for day in worked)


def sources(year: int) -> dict[date, str]:
    return {day.date: day.source for day in public_holidays(year)}


@pytest.mark.parametrize(
    ("day", "document"),
    [
        (date(2018, 12, 31), "6519/VPCP-KGVX"),
        (date(2019, 5, 4), "6519/VPCP-KGVX"),
        (date(2023, 1, 20), "8056/VPCP-KGVX"),
        (date(2023, 9, 4), "8056/VPCP-KGVX"),
        (date(2024, 2, 14), "8662/VPCP-KGVX"),
        (date(2024, 4, 29), "2450/VPCP-KGVX"),
        (date(2025, 4, 26), "8726/VPCP-KGVX"),
        (date(2026, 1, 2), "12729/VPCP-KGVX"),
        (date(2026, 1, 10), "12729/VPCP-KGVX"),
        (date(2026, 8, 22), "9859/VPCP-KGVX"),
        (date(2026, 11, 24), "80-NQ/TW"),
    ],
)
def test_a_day_that_was_decided_names_the_document(day: date, document: str) -> None:
    assert document in sources(day.year)[day]


def test_days_without_a_known_document_name_the_library_and_those_not_yet_announced_say_so() -> None:
    assert sources(2026)[date(2026, 4, 30)].startswith("Lịch có sẵn của phần mềm")
    assert not any("dự kiến" in source for year in range(2018, 2027) for source in sources(year).values())
    assert all(source.endswith(", dự kiến") for source in sources(2027).values())


def test_the_second_day_before_tet_is_named_by_the_lunar_month() -> None:
    names = {day.date: day.name for year in (2024, 2025) for day in public_holidays(year)}
    assert names[date(2024, 2, 8)] == "29 Tết"
    assert names[date(2025, 1, 27)] == "28 Tết"


@pytest.mark.parametrize("year", [2026, 2027])
def test_every_day_has_a_name_and_a_source(year: int) -> None:
    for day in public_holidays(year):
        CalendarDay(**day._asdict()).clean_fields()
        assert day.source
