"""`load_calendar` adds what is missing, and leaves alone what people have edited."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from onestop.catalog.models import CalendarDay

pytestmark = pytest.mark.django_db


def load(*arguments: str) -> str:
    out = StringIO()
    call_command("load_calendar", *arguments, stdout=out)
    return out.getvalue()


def years() -> set[int]:
    return {day.year for day in CalendarDay.objects.values_list("date", flat=True)}


def test_the_years_from_2018_to_2027_are_filled() -> None:
    load()
    assert years() == set(range(2018, 2028))
    assert CalendarDay.objects.get(date=date(2026, 1, 2)).source == "Công văn 12729/VPCP-KGVX"


def test_only_the_years_asked_for_are_filled() -> None:
    load("--from", "2024", "--to", "2025")
    assert years() == {2024, 2025}


def test_a_second_run_adds_nothing_and_says_so() -> None:
    first = load("--from", "2026", "--to", "2026")
    before = list(CalendarDay.objects.values())
    assert f"2026: thêm {len(before)} ngày" in first
    assert "không thêm ngày nào" in load("--from", "2026", "--to", "2026")
    assert list(CalendarDay.objects.values()) == before


def test_a_year_that_is_not_announced_yet_is_said_to_be_expected_only() -> None:
    announced, expected, total = load("--from", "2026", "--to", "2027").splitlines()
    assert "dự kiến" not in announced
    assert expected.startswith("2027:")
    assert "dự kiến" in expected
    assert total == f"Đã thêm {CalendarDay.objects.count()} ngày."


def test_nothing_is_printed_when_quiet_is_asked_for() -> None:
    assert load("--verbosity", "0") == ""
    assert CalendarDay.objects.exists()
    assert load("--verbosity", "0") == ""


def test_an_edited_day_stays_as_it_was_edited() -> None:
    worked = CalendarDay.objects.create(date=date(2026, 9, 1), kind="working", name="Trực", source="UBND tỉnh")
    own = CalendarDay.objects.create(date=date(2026, 7, 20), kind="off", name="Nghỉ bão")
    load("--from", "2026", "--to", "2026")
    for day in (worked, own):
        before = {name: getattr(day, name) for name in ("kind", "name", "source")}
        day.refresh_from_db()
        assert {name: getattr(day, name) for name in before} == before


@pytest.mark.parametrize("arguments", [("--from", "2027", "--to", "2026"), ("--from", "0"), ("--to", "2150")])
def test_years_that_make_no_sense_are_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="Năm phải từ 2000 đến 2100"):
        load(*arguments)
    assert not CalendarDay.objects.exists()
