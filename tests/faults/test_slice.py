"""A slice of the fault suite that is quick enough for every day; `make test-faults` has the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection

from .lanes import results_of
from .plans import Plan, plan_of
from .points import Point

# Killed at three points; everything at once; one worker on SQLite killed at three points; and one whose portal fails.
ON_POSTGRESQL, ON_SQLITE = (104, 116), (15, 55)
NEEDS_POSTGRESQL = "SQLite has one writer at a time; needs PostgreSQL"


def test_nothing_is_lost_disordered_or_stuck_whatever_goes_wrong() -> None:
    seeds = ON_SQLITE if connection.vendor == "sqlite" else ON_POSTGRESQL
    results = list(results_of([plan_of(seed) for seed in seeds]))
    assert [complaint for result in results for complaint in result.complaints] == []
    assert all(result.deliveries and result.faults for result in results if not result.skipped)


def test_the_oracle_sees_what_is_lost_by_one_who_ticks_before_sending_and_is_killed() -> None:
    points = (Point("before", "request", 3),)
    plan = Plan(1, "ticking", on_sqlite=connection.vendor == "sqlite", hands=1, points=points)
    [result] = results_of([plan], sender="ticking")
    assert "lost" in {complaint.partition(":")[0] for complaint in result.complaints}


def test_the_oracle_sees_what_is_lost_by_one_who_keeps_a_cursor_while_others_commit_late() -> None:
    if connection.vendor == "sqlite":
        pytest.skip(NEEDS_POSTGRESQL)
    plan = Plan(1, "with a cursor", hands=4, late=True, busy_seconds=2)
    results = results_of([replace(plan, seed=seed) for seed in (1, 2)], sender="with_a_cursor")
    found = [complaint.partition(":")[0] for result in results for complaint in result.complaints]
    assert "lost" in found
