"""Real rows that nineteen offices published satisfy the identities that ours do, by the same rounding of percents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onestop.common.wording import pair
from onestop.statistics.figures.figures import Figures

ROWS = Path(__file__).resolve().parents[2] / "../shared/data/statistics_golden.json"

if not ROWS.exists():
    pytest.skip("the published rows are not beside this checkout", allow_module_level=True)

OFFICES: list[dict[str, Any]] = json.loads(ROWS.read_text(encoding="utf-8"))["offices"]


def read(row: dict[str, Any]) -> Figures:
    return Figures(
        carried_over=row["PreExtisting"],
        new_reception=row["NewReception"],
        solved_in_time=row["SolvedInTime"],
        solved_late=row["SolvedLate"],
        pending=row["Pending"],
        pending_late=row["PendingLate"],
    )


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office["OfficeName"])
def test_a_published_row_adds_up_as_ours_do(office: dict[str, Any]) -> None:
    row = office["Statistic"]
    figures = read(row)
    assert (figures.total, figures.solved, figures.still_open) == (
        row["Total"],
        row["TotalSolved"],
        row["TotalPending"],
    )
    assert figures.total == figures.solved + figures.still_open


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office["OfficeName"])
def test_a_published_percent_is_what_we_reckon(office: dict[str, Any]) -> None:
    """But of nothing: there these offices say 100 % in time, and we say 0."""
    row, figures = office["Statistic"], read(office["Statistic"])
    for names, part, whole in (
        (("SolvedInTimePercent", "SolvedLatePercent"), figures.solved_in_time, figures.solved),
        (("PendingLatePercent", "PendingPercent"), figures.pending_late, figures.still_open),
    ):
        if whole:
            assert tuple(round(float(row[name]) * 10) for name in names) == pair(part, whole)


def test_there_are_rows_of_which_anything_was_solved_late_or_is_overdue() -> None:
    """Otherwise the percents above would all be nought or a hundred."""
    assert len(OFFICES) == 19
    assert any(read(office["Statistic"]).solved_late for office in OFFICES)
    assert any(read(office["Statistic"]).pending_late for office in OFFICES)
