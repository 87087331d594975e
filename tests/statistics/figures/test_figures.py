"""What is counted in a period: each rule of the count by a dossier worked out by hand, then all of them by chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

import pytest
import time_machine

from onestop.catalog.models import Agency, Procedure
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from onestop.statistics.counting.incremental import catch_up
from onestop.statistics.figures.figures import figures
from onestop.statistics.periods import Period
from onestop.statistics.scope import FigureScope
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SEPTEMBER, OCTOBER, NOVEMBER = (Period(2026, month) for month in (9, 10, 11))
LATER = datetime(2040, 1, 1, tzinfo=VIETNAM)


@pytest.fixture(autouse=True)
def long_afterwards() -> Iterator[None]:
    """All that these tests tell is past: nothing is recorded before it happens."""
    with time_machine.travel(LATER):
        yield


INSTANT = timedelta(microseconds=1)


def on(month: int, day: int, hour: int = 8) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=VIETNAM)


def received(at: datetime, **traits: object) -> Dossier:
    """Two working days are allowed for it: from a Thursday, 8:00, until the Monday, 8:00."""
    dossier = people.a_new_dossier(**traits)
    lifecycle.receive(dossier, None, at=at)
    return dossier


def without_limit() -> Procedure:
    return people.a_procedure(code="2.4", limit=None, limit_unit="")


def approve(dossier: Dossier, at: datetime) -> None:
    lifecycle.approve(dossier, None, at=at)


def reopen(dossier: Dossier, at: datetime) -> None:
    lifecycle.reopen(dossier, people.root(), comment="Duyệt nhầm", at=at)


SIX = ("carried_over", "new_reception", "solved_in_time", "solved_late", "pending", "pending_late")


def counted(period: Period, agency: Agency | None = None, now: datetime = LATER) -> dict[str, int]:
    """What the six figures count, without the noughts."""
    catch_up()
    found = asdict(figures(FigureScope(agency or people.province()), period, now))
    return {name: found[name] for name in SIX if found[name]}


# ---- what there was to do


def test_a_dossier_is_new_in_the_month_of_its_acceptance_and_carried_over_after() -> None:
    received(on(9, 10))
    assert counted(Period(2026, 8)) == {}
    assert counted(SEPTEMBER) == {"new_reception": 1, "pending_late": 1}
    assert counted(OCTOBER) == {"carried_over": 1, "pending_late": 1}


def test_a_month_begins_at_midnight_in_vietnam_and_ends_just_before_the_next() -> None:
    received(OCTOBER.start)
    received(OCTOBER.start - INSTANT)
    received(OCTOBER.end)
    received(OCTOBER.end - INSTANT)
    assert OCTOBER.start.utcoffset() == timedelta(hours=7)
    october = counted(OCTOBER)
    assert (october["new_reception"], october["carried_over"]) == (2, 1)
    assert counted(NOVEMBER)["new_reception"] == 1


def test_what_was_closed_before_the_month_is_no_more_counted() -> None:
    dossier = received(on(9, 10))
    approve(dossier, OCTOBER.start - INSTANT)
    assert counted(SEPTEMBER) == {"new_reception": 1, "solved_late": 1}
    assert counted(OCTOBER) == {}


def test_what_is_closed_at_the_first_instant_of_a_month_was_still_to_do_in_it() -> None:
    approve(received(on(9, 30)), OCTOBER.start)
    assert counted(SEPTEMBER) == {"new_reception": 1, "pending": 1}
    assert counted(OCTOBER) == {"carried_over": 1, "solved_in_time": 1}


def test_what_was_reopened_in_the_month_is_carried_over_into_it() -> None:
    dossier = received(on(9, 10))
    approve(dossier, on(9, 11))
    reopen(dossier, on(10, 20))
    assert counted(SEPTEMBER) == {"new_reception": 1, "solved_in_time": 1}
    assert counted(OCTOBER) == {"carried_over": 1, "pending_late": 1}
    approve(dossier, on(10, 21))
    assert counted(OCTOBER) == {"carried_over": 1, "solved_late": 1}
    assert counted(NOVEMBER) == {}


def test_what_was_reopened_at_the_first_instant_of_a_month_was_not_open_in_the_one_before() -> None:
    dossier = received(on(8, 20))
    approve(dossier, on(8, 21))
    reopen(dossier, OCTOBER.start)
    assert counted(SEPTEMBER) == {}
    assert counted(OCTOBER) == {"carried_over": 1, "pending_late": 1}


def test_what_was_closed_reopened_and_closed_again_is_closed_when_it_was_last_closed() -> None:
    dossier = received(on(10, 1))
    approve(dossier, on(10, 2))
    reopen(dossier, on(10, 3))
    lifecycle.stop(dossier, None, comment="x", at=on(10, 6))
    assert counted(OCTOBER) == {"new_reception": 1, "solved_late": 1}


def test_handing_over_the_result_does_not_move_the_closing() -> None:
    dossier = received(on(9, 10))
    approve(dossier, on(9, 11))
    lifecycle.return_result(dossier, None, at=on(10, 5))
    assert counted(SEPTEMBER) == {"new_reception": 1, "solved_in_time": 1}
    assert counted(OCTOBER) == {}


@pytest.mark.parametrize("end", [lifecycle.withdraw, lifecycle.stop, lifecycle.deny, lifecycle.approve])
def test_withdrawn_stopped_denied_and_approved_are_all_solved(end: Callable[..., object]) -> None:
    end(received(on(10, 1)), None, comment="x", at=on(10, 2))
    assert counted(OCTOBER) == {"new_reception": 1, "solved_in_time": 1}


def test_what_was_never_accepted_is_not_counted() -> None:
    waiting, refused, withdrawn, asked = (people.a_new_dossier() for _ in range(4))
    for dossier in (waiting, refused, withdrawn, asked):
        lifecycle.register(dossier, None, at=on(10, 1))
    lifecycle.refuse(refused, None, comment="x", at=on(10, 2))
    lifecycle.withdraw(withdrawn, None, comment="x", at=on(10, 2))
    lifecycle.ask_supplement(asked, None, comment="x", at=on(10, 2))
    assert counted(OCTOBER) == {}


def test_what_was_withdrawn_reopened_and_then_accepted_is_new_when_accepted() -> None:
    dossier = people.a_new_dossier()
    lifecycle.register(dossier, None, at=on(9, 1))
    lifecycle.withdraw(dossier, None, comment="x", at=on(9, 2))
    reopen(dossier, on(10, 7))
    lifecycle.accept(dossier, None, at=on(10, 8))
    assert counted(SEPTEMBER) == {}
    assert counted(OCTOBER) == {"new_reception": 1, "pending_late": 1}


def test_test_dossiers_are_not_counted() -> None:
    received(on(10, 1), is_test=True)
    assert counted(OCTOBER) == {}


# ---- in time or late


def test_closing_at_the_due_instant_is_in_time_and_the_next_instant_is_late() -> None:
    punctual, late = received(on(10, 1)), received(on(10, 1))
    assert punctual.due_at == on(10, 5)
    approve(punctual, on(10, 5))
    approve(late, on(10, 5) + INSTANT)
    assert counted(OCTOBER) == {"new_reception": 2, "solved_in_time": 1, "solved_late": 1}


def test_what_is_due_at_the_end_of_the_month_is_not_late_in_it() -> None:
    dossier = received(on(10, 1))
    lifecycle.extend(dossier, None, due_at=OCTOBER.end, comment="x", at=on(10, 2))
    assert counted(OCTOBER) == {"new_reception": 1, "pending": 1}
    assert counted(NOVEMBER) == {"carried_over": 1, "pending_late": 1}


def test_an_extension_counts_from_when_it_was_given() -> None:
    dossier = received(on(9, 24))
    lifecycle.extend(dossier, None, due_at=on(11, 20), comment="x", at=OCTOBER.start)
    assert counted(SEPTEMBER) == {"new_reception": 1, "pending_late": 1}
    assert counted(OCTOBER) == {"carried_over": 1, "pending": 1}


def test_an_extension_after_a_wrong_closing_does_not_make_that_closing_punctual() -> None:
    dossier = received(on(9, 10))
    approve(dossier, on(9, 28))
    reopen(dossier, on(10, 1))
    lifecycle.extend(dossier, None, due_at=on(11, 20), comment="x", at=on(10, 2))
    assert counted(SEPTEMBER) == {"new_reception": 1, "solved_late": 1}
    assert counted(OCTOBER) == {"carried_over": 1, "pending": 1}


def test_without_a_due_instant_nothing_is_late() -> None:
    received(on(9, 1), procedure=without_limit())
    approve(received(on(9, 1), procedure=without_limit()), on(10, 20))
    assert counted(OCTOBER) == {"carried_over": 2, "solved_in_time": 1, "pending": 1}


def test_a_paused_dossier_is_late_only_if_it_was_when_the_pause_began() -> None:
    in_time, late = received(on(9, 24)), received(on(9, 24))
    lifecycle.ask_supplement(in_time, None, comment="x", at=on(9, 28))
    lifecycle.ask_payment(late, None, fees=[people.a_fee()], at=on(9, 28) + INSTANT)
    assert counted(SEPTEMBER) == {"new_reception": 2, "pending": 1, "pending_late": 1}
    assert counted(OCTOBER) == {"carried_over": 2, "pending": 1, "pending_late": 1}


def test_handing_a_paused_dossier_over_does_not_begin_its_pause_anew() -> None:
    dossier = received(on(9, 24))
    lifecycle.ask_supplement(dossier, None, comment="x", at=on(9, 25))
    lifecycle.hand_over(dossier, None, unit=people.department(), at=on(10, 8))
    assert counted(OCTOBER) == {"carried_over": 1, "pending": 1}


def test_when_the_pause_is_over_the_new_due_instant_holds() -> None:
    dossier = received(on(10, 1))
    lifecycle.ask_supplement(dossier, None, comment="x", at=on(10, 2))
    lifecycle.receive_supplement(dossier, None, at=on(10, 8))
    approve(dossier, on(10, 12))
    assert counted(OCTOBER) == {"new_reception": 1, "solved_in_time": 1}


# ---- whose


def test_an_agency_counts_what_it_and_all_below_it_received() -> None:
    received(on(10, 1), agency=people.ward_desk())
    received(on(10, 1), agency=people.department())
    received(on(10, 1), agency=people.another_province())
    news = [counted(OCTOBER, agency)["new_reception"] for agency in (people.ward(), people.province())]
    assert news == [1, 2]


def test_a_dossier_handed_over_is_counted_where_it_was_received() -> None:
    lifecycle.hand_over(received(on(10, 1)), None, unit=people.department(), at=on(10, 2))
    assert counted(OCTOBER, people.ward()) == {"new_reception": 1, "pending_late": 1}
    assert counted(OCTOBER, people.department()) == {}


# ---- when


def test_a_past_month_does_not_change_by_later_moves() -> None:
    dossiers = [received(on(9, 24)) for _ in range(4)]
    approve(dossiers[0], on(9, 25))
    lifecycle.ask_supplement(dossiers[1], None, comment="x", at=on(9, 25))
    before = counted(SEPTEMBER)
    lifecycle.return_result(dossiers[0], None, at=on(10, 1))
    reopen(dossiers[0], on(10, 2))
    lifecycle.receive_supplement(dossiers[1], None, at=on(10, 1))
    lifecycle.extend(dossiers[2], None, due_at=on(12, 1), comment="x", at=on(10, 1))
    lifecycle.withdraw(dossiers[3], None, comment="x", at=on(10, 1))
    assert before == {"new_reception": 4, "solved_in_time": 1, "pending": 1, "pending_late": 2}
    assert counted(SEPTEMBER) == before


def test_a_month_that_has_not_ended_is_counted_as_of_now() -> None:
    dossier = received(on(10, 1))
    assert counted(OCTOBER, now=on(10, 2)) == {"new_reception": 1, "pending": 1}
    assert counted(OCTOBER, now=on(10, 20)) == {"new_reception": 1, "pending_late": 1}
    approve(dossier, on(10, 21))
    assert counted(OCTOBER, now=on(10, 22)) == {"new_reception": 1, "solved_late": 1}


def test_a_year_counts_its_days_as_one_period() -> None:
    approve(received(datetime(2025, 12, 25, 8, tzinfo=VIETNAM)), on(1, 2))
    for month in (3, 6):
        approve(received(on(month, 5)), on(month, 6))
    received(on(12, 31))
    assert counted(Period(2026), now=LATER) == {
        "carried_over": 1,
        "new_reception": 3,
        "solved_in_time": 2,
        "solved_late": 1,
        "pending": 1,
    }
