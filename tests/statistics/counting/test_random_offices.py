"""Figures, months and drill-downs agree with counting by hand in offices whose dossiers lived by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from random import Random
from statistics import median_low

import pytest
import time_machine

from onestop.statistics.counting.incremental import catch_up
from onestop.statistics.counting.recount import recount
from onestop.statistics.figures.drill_down import FIGURES, dossier_keys
from onestop.statistics.figures.figures import Figures, figures, grouped_figures, median_seconds
from onestop.statistics.periods import Period
from onestop.statistics.scope import FigureScope
from tests.statistics.histories import History, below, count, read_histories
from tests.statistics.offices import LATER, Office, live_on, random_offices

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

INSTANT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def long_afterwards() -> Iterator[None]:
    """All that these tests tell is past: nothing is recorded before it happens."""
    with time_machine.travel(LATER):
        yield


def kinds(history: History, period: Period) -> set[str]:
    """The cases that are easily missed, of which this dossier is one in `period`."""
    accepted, start, end = history.accepted(), period.start, period.end
    closed, paused, due = history.closed(end), history.paused(end), history.dues[-1].at if history.dues else None
    times = {(step.target, step.at) for step in history.steps}
    cases = {
        "accepted at the start": accepted == start,
        "accepted at the end": accepted == end,
        "closed at the start": bool({(7, start), (8, start), (9, start)} & times),
        "closed at the end": bool({(7, end), (8, end), (9, end)} & times),
        "closed at the due instant": closed is not None and closed == due,
        "closed just after the due instant": closed is not None and due is not None and closed - due == INSTANT,
        "due at the end": not closed and due == end,
        "closed twice": sum(step.target in (7, 8, 9) for step in history.steps) > 1,
        "reopened from before": bool(history.closed(start)) and history.reopened(start, end),
        "reopened at the start": ("reopen", start) in {(step.move, step.at) for step in history.steps},
        "reopened before acceptance": accepted is not None and history.steps[-1].move == "accept",
        "paused in time, past due": paused is not None and due is not None and paused <= due < end,
        "paused late": paused is not None and history.late(end, paused),
        "due instant changed at the end": any(held.since == end for held in history.dues[1:]),
        "accepted without due instant": accepted is not None and due is None,
        "closed before acceptance": accepted is None and history.closed(end) is not None,
        "test": history.is_test,
    }
    return {case for case, holds in cases.items() if holds} | {step.move for step in history.steps}


ALL_KINDS = 17 + 17  # the cases above, and every move
SIX = ("carried_over", "new_reception", "solved_in_time", "solved_late", "pending", "pending_late")


@pytest.mark.parametrize("seed", range(3))
def test_figures_agree_with_counting_by_hand(seed: int) -> None:
    check_offices(seed, offices=40)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 120))
def test_figures_agree_with_counting_by_hand_in_thousands_of_offices(seed: int) -> None:
    check_offices(seed, offices=150)


def check_offices(seed: int, offices: int) -> None:
    random = Random(seed)  # noqa: S311 chance for a test, no secret
    made = random_offices(random, offices=offices, dossiers=12)
    catch_up()
    for office in made:
        live_on(office, random)
    assert catch_up() == 0
    histories, met = read_histories(), Counter[str]()
    for office in made:
        for period in random.sample(office.periods, 2):
            met.update(check(office, period, histories, random))
    assert len(met) == ALL_KINDS + len(FIGURES), met
    assert_nothing_differs_when_all_is_counted_anew()


def check(office: Office, period: Period, histories: list[History], random: Random) -> Counter[str]:
    """One agency of the office in one period: every figure, every drill-down, one division."""
    scope, end = FigureScope(random.choice(office.agencies)), min(period.end, office.now)
    own = below(scope.agency)
    theirs = [history for history in histories if history.agency in own]
    expected = count(theirs, period.start, end)
    found = figures(scope, period, office.now)
    for name in FIGURES:
        assert getattr(found, name) == expected[name], (name, str(scope.agency), period, office.now, theirs)
        counted = dossier_keys(name, scope, period, office.now)
        assert sorted(counted) == sorted(expected.dossiers[name]), name
    assert found.worked_seconds == sum(expected.worked)
    assert median_seconds(scope, period) == (median_low(expected.worked) if expected.worked else None)
    assert_identities(found, theirs, end)
    assert_divided(scope, period, office, theirs, random.choice(["agency", "procedure", "channel"]))
    met = Counter(kind for history in theirs for kind in kinds(history, period))
    return met + Counter({name: 1 for name in FIGURES if expected[name]})


def assert_identities(found: Figures, theirs: list[History], end: datetime) -> None:
    solved, pending = found.solved_in_time + found.solved_late, found.pending + found.pending_late
    assert found.carried_over + found.new_reception == found.total == solved + pending
    assert (solved, pending) == (found.solved, found.still_open)
    assert min(asdict(found).values()) >= 0
    # What this period leaves is what the next one finds, before anything is reopened there.
    left = [h for h in theirs if not h.is_test and (h.accepted() or end) < end and not h.closed(end)]
    assert pending == len(left)


def assert_divided(scope: FigureScope, period: Period, office: Office, theirs: list[History], by: str) -> None:
    """The parts by agency, procedure or channel are counted rightly, and their sum is the whole."""
    end = min(period.end, office.now)
    parts = grouped_figures(scope, period, [by], office.now)
    kinds = {getattr(history, by) for history in theirs}
    expected = {kind: count([h for h in theirs if getattr(h, by) == kind], period.start, end) for kind in kinds}
    for kind, counted in expected.items():
        part = parts.get((kind,), Figures())
        assert {name: getattr(part, name) for name in FIGURES} == {name: counted[name] for name in FIGURES}
    assert {key for (key,) in parts} <= kinds
    assert sum(parts.values(), Figures()) == figures(scope, period, office.now)


def assert_nothing_differs_when_all_is_counted_anew() -> None:
    """What was kept up move by move is what counting everything from the beginning gives."""
    found = recount()
    assert found.agrees, found
