"""A slice of the fault suite that is quick enough for every day; `make test-faults` has the rest."""

from __future__ import annotations

import pytest
from django.db import connection

from .lanes import results_of
from .plans import Plan, plan_of
from .points import Point
from .result import Result

# Killed at three points; everything at once.
ON_POSTGRESQL = (104, 116)
# Killed at three points; a portal that misbehaves.
ON_SQLITE = (15, 35)


def ticking() -> Plan:
    points = (Point("before", "request", 3),)
    return Plan(1, "ticking", on_sqlite=connection.vendor == "sqlite", hands=1, points=points, sender="ticking")


def with_a_cursor() -> Plan:
    return Plan(1, "with a cursor", hands=4, late=0.9, busy_seconds=2, sender="with_a_cursor")


@pytest.fixture(scope="module")
def results() -> dict[str, list[Result]]:
    """Of ours and of each naive sender; all run in one lane, which takes some seconds to make."""
    if connection.vendor == "sqlite":
        plans = [*map(plan_of, ON_SQLITE), ticking()]
    else:
        plans = [*map(plan_of, ON_POSTGRESQL), ticking(), with_a_cursor()]
    results: dict[str, list[Result]] = {}
    for plan, result in zip(plans, results_of(plans), strict=True):
        results.setdefault(plan.sender, []).append(result)
    return results


def properties(results: list[Result]) -> set[str]:
    """Which of them are broken."""
    return {complaint.partition(":")[0] for result in results for complaint in result.complaints}


def test_nothing_is_lost_disordered_or_stuck_whatever_goes_wrong(results: dict[str, list[Result]]) -> None:
    assert [result.complaints for result in results["ours"]] == [[], []]
    assert all(result.deliveries and result.faults for result in results["ours"])


def test_the_oracle_sees_what_is_lost_by_one_who_ticks_before_sending_and_is_killed(
    results: dict[str, list[Result]],
) -> None:
    assert "lost" in properties(results["ticking"])


def test_the_oracle_sees_what_is_lost_by_one_who_keeps_a_cursor_while_others_commit_late(
    results: dict[str, list[Result]],
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time; needs PostgreSQL")
    assert "lost" in properties(results["with_a_cursor"])
