"""Months and years begin and end at midnight in Vietnam, whatever the server's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from onestop.statistics.periods import Period


def test_a_month_runs_from_its_first_midnight_to_that_of_the_next() -> None:
    october = Period(2026, 10)
    assert (october.first_day, october.day_after) == (date(2026, 10, 1), date(2026, 11, 1))
    assert october.start == datetime(2026, 9, 30, 17, tzinfo=UTC)
    assert october.end == datetime(2026, 10, 31, 17, tzinfo=UTC)


def test_a_year_runs_from_new_year_to_new_year() -> None:
    year = Period(2026)
    assert not year.is_month
    assert (year.first_day, year.day_after) == (date(2026, 1, 1), date(2027, 1, 1))
    assert (year.start, year.end) == (Period(2026, 1).start, Period(2026, 12).end)


@pytest.mark.parametrize("year", [2024, 2026])
def test_the_months_of_a_year_follow_each_other_without_a_gap(year: int) -> None:
    months = [Period(year, month) for month in range(1, 13)]
    assert months[0].start == Period(year).start
    for month, following in zip(months, [*months[1:], Period(year + 1, 1)], strict=True):
        assert month.next == following
        assert month.end == following.start
        assert month.is_month
    assert Period(year).next == Period(year + 1)


@pytest.mark.parametrize("text", ["2026-10", "2026-01", "2026-12", "2026", "1901", "9998-12"])
def test_a_period_reads_what_it_writes(text: str) -> None:
    assert str(Period.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2026-1", "10-2026", "26", "2026-10-01", " 2026", "2026\n", "9999", "1900", "x"]
)
def test_what_is_no_period_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="viết như 2026-10"):
        Period.parse(text)


def test_an_instant_belongs_to_the_month_it_has_in_vietnam() -> None:
    midnight = Period(2026, 10).start.astimezone(UTC)
    assert Period.month_of(midnight) == Period(2026, 10)
    assert Period.month_of(midnight - timedelta(microseconds=1)) == Period(2026, 9)
