"""What holds of every due date, whatever the office, the limit and the moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from onestop.catalog.calendar import DEFAULT_HOURS, Calendar, Session
from onestop.catalog.models import Procedure
from onestop.dossiers.deadlines.dossier import expected_due
from onestop.dossiers.deadlines.promises import offered
from onestop.dossiers.deadlines.rules import (
    Limit,
    clock_start,
    due_at,
    explain,
    progress,
    resumed_due,
    working_time_between,
)

VN = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_DAY = date(2026, 1, 1)
thorough = settings(max_examples=150, deadline=None, database=None)

dates = st.integers(0, 60).map(lambda number: FIRST_DAY + timedelta(days=number))
moments = st.integers(0, 60 * 24 * 60).map(
    lambda minutes: datetime.combine(FIRST_DAY, time(), VN) + timedelta(minutes=minutes)
)
amounts = st.integers(0, 2000).map(lambda hundredths: Decimal(hundredths) / 100)
limits = st.builds(
    Limit,
    amounts,
    st.sampled_from(["working_days", "days", "hours"]),
    st.booleans(),
    st.none() | st.sampled_from([time(9), time(12), time(15)]),
)


@st.composite
def sessions(draw: st.DrawFn) -> tuple[Session, ...]:
    marks = sorted(draw(st.sets(st.integers(0, 47), max_size=4)))
    times = [time(mark // 2, mark % 2 * 30) for mark in marks]
    return tuple(zip(times[::2], times[1::2], strict=False))


@st.composite
def offices(draw: st.DrawFn) -> Calendar:
    """Some are open at odd hours; all are open on Tuesday mornings."""
    hours = {weekday: draw(st.just(DEFAULT_HOURS.get(weekday, ())) | sessions()) for weekday in range(7)}
    hours[1] = hours[1] or ((time(8), time(12)),)
    return Calendar(hours, draw(st.frozensets(dates, max_size=12)), draw(st.frozensets(dates, max_size=6)))


@thorough
@given(offices(), moments, limits, amounts)
def test_more_limit_is_never_an_earlier_date(
    office: Calendar, accepted: datetime, limit: Limit, more: Decimal
) -> None:
    longer = replace(limit, amount=limit.amount + more)
    assert due_at(accepted, limit, office) <= due_at(accepted, longer, office)


@thorough
@given(offices(), moments, moments, limits)
def test_what_is_accepted_later_is_never_due_earlier(
    office: Calendar, one: datetime, other: datetime, limit: Limit
) -> None:
    assert due_at(min(one, other), limit, office) <= due_at(max(one, other), limit, office)


@thorough
@given(offices(), moments, limits, dates)
def test_one_more_day_off_never_moves_a_date_earlier(
    office: Calendar, accepted: datetime, limit: Limit, day: date
) -> None:
    closed = replace(office, off=office.off | {day})
    assert due_at(accepted, limit, office) <= due_at(accepted, limit, closed)


@thorough
@given(offices(), moments, moments, moments, limits)
def test_a_pause_never_makes_the_due_date_earlier(
    office: Calendar, due: datetime, one: datetime, other: datetime, limit: Limit
) -> None:
    """Whatever instant an extension has set, at night or at noon."""
    assert resumed_due(due, min(one, other), max(one, other), limit, office) >= due


@thorough
@given(offices(), moments, limits)
def test_a_dossier_is_due_while_the_office_works(office: Calendar, accepted: datetime, limit: Limit) -> None:
    """After a session's opening and at its closing at the latest; without any time to pass, at an opening too."""
    due = due_at(accepted, limit, office)
    if limit.amount == 0:
        assert due >= accepted
        assert any(opens <= due <= closes for opens, closes in office.sessions(due.date()))
    else:
        assert due > accepted
        assert any(opens < due <= closes for opens, closes in office.sessions(due.date()))


@thorough
@given(offices(), moments, limits)
def test_the_explanation_ends_where_the_limit_does(office: Calendar, accepted: datetime, limit: Limit) -> None:
    days = explain(accepted, limit, office)
    due = due_at(accepted, limit, office)
    assert days[-1].until == due
    assert [day.is_last for day in days] == [False] * (len(days) - 1) + [True]
    assert [day.date for day in days] == [accepted.date() + timedelta(days=number) for number in range(len(days))]
    assert [day.total for day in days] == [
        sum((before.counted for before in days[: number + 1]), timedelta()) for number in range(len(days))
    ]
    if limit.unit == "days":
        assert days[-1].total == timedelta(days=ceil(limit.amount))
    else:
        seconds = limit.amount * (8 if limit.unit == "working_days" else 1) * 3600
        assert days[-1].total == timedelta(seconds=int(seconds))


@thorough
@given(offices(), moments, amounts, st.lists(moments, min_size=4, max_size=4, unique=True), moments)
def test_what_was_used_and_what_is_left_make_the_limit_through_every_pause(
    office: Calendar, accepted: datetime, amount: Decimal, turns: list[datetime], at: datetime
) -> None:
    limit = Limit(amount, "hours")
    start = clock_start(accepted, limit, office)
    first, second, third, fourth = sorted(turn + timedelta(days=61) for turn in turns)
    rounds = [(first, second), (third, fourth)]
    due = due_at(accepted, limit, office)
    whole = working_time_between(start, due, office)
    for number, (paused, resumed) in enumerate(rounds):
        past = rounds[:number]
        before = progress(start, due, paused, office, past)
        waiting = progress(start, due, resumed + timedelta(days=3), office, [*past, (paused, None)])
        assert before == waiting
        assert before.spent + before.left == whole
        due = resumed_due(due, paused, resumed, limit, office)
        after = progress(start, due, resumed, office, rounds[: number + 1])
        assert after == before
    late = progress(start, due, fourth + (at - accepted if at > accepted else timedelta()), office, rounds)
    assert late.spent + late.left == whole


def test_no_limit_means_no_date() -> None:
    moment = datetime(2026, 3, 2, 8, tzinfo=VN)
    assert expected_due(offered(Procedure(limit=None, limit_unit="")), moment, Calendar(DEFAULT_HOURS)) is None


def test_a_limit_of_twenty_years_ends() -> None:
    """20 × 261 working days from a Monday: 1,044 weeks of five days, with nothing off."""
    accepted = datetime(2026, 3, 2, 7, 30, tzinfo=VN)
    twenty_years = Limit(Decimal(20 * 261), "working_days")
    due = due_at(accepted, twenty_years, Calendar(DEFAULT_HOURS))
    assert due == datetime(2026, 3, 2, 17, tzinfo=VN) + timedelta(weeks=1044, days=-3)
    assert explain(accepted, twenty_years, Calendar(DEFAULT_HOURS))[-1].until == due
