"""Counting a period the slow way: each dossier's rows read into lists, each sentence of the definition one line.

Nothing here is shared with `onestop.statistics`: no aggregate, no constant, no property of a dossier but its rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from onestop.catalog.models import Agency
from onestop.dossiers.models import Dossier, DueDate, Transition


class Step(NamedTuple):
    move: str
    source: int | None
    target: int
    at: datetime


class Due(NamedTuple):
    at: datetime | None
    since: datetime


@dataclass
class History:
    """What happened to one dossier, in the order in which it happened."""

    pk: int
    agency: int
    procedure: int
    channel: str
    is_test: bool
    steps: list[Step] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)

    def accepted(self) -> datetime | None:
        """The first move into “accepted”."""
        return next((step.at for step in self.steps if step.target == 2), None)

    def closed(self, as_of: datetime) -> datetime | None:
        """When it was closed, if it is closed as of then: the last move into 7, 8, 9, not reopened since."""
        standing: datetime | None = None
        for step in self.steps:
            if step.at < as_of:
                if step.target in (7, 8, 9):
                    standing = step.at
                elif step.move == "reopen":
                    standing = None
        return standing

    def ending(self, as_of: datetime) -> str:
        """The move that closed it, or that turned it away, if that still stands as of then."""
        standing = ""
        for step in self.steps:
            if step.at < as_of:
                if step.target in (3, 7, 8, 9):
                    standing = step.move
                elif step.move == "reopen":
                    standing = ""
        return standing

    def turned_away(self, as_of: datetime) -> datetime | None:
        standing: datetime | None = None
        for step in self.steps:
            if step.at < as_of:
                if step.target == 3:
                    standing = step.at
                elif step.move == "reopen":
                    standing = None
        return standing

    def worked(self, until: datetime) -> int:
        """Whole seconds in which the office had it to work on, accepted and not waiting for the citizen."""
        total = timedelta()
        for step, following in zip(self.steps, [*self.steps[1:], None], strict=True):
            if step.target in (2, 4):
                end = min(following.at, until) if following else until
                total += max(end - step.at, timedelta())
        return total // timedelta(seconds=1)

    def reopened(self, start: datetime, end: datetime) -> bool:
        return any(step.move == "reopen" and start <= step.at < end for step in self.steps)

    def paused(self, as_of: datetime) -> datetime | None:
        """When the pause began in which it is as of then."""
        past = [step for step in self.steps if step.at < as_of]
        if not past or past[-1].target not in (5, 6):
            return None
        return [step for step in past if step.source not in (5, 6)][-1].at

    def due(self, end: datetime, at: datetime) -> datetime | None:
        """The due instant in force at `at`, as far as was known before `end`."""
        held = [due.at for due in self.dues if due.since <= at and due.since < end]
        return held[-1] if held else None

    def late(self, end: datetime, at: datetime) -> bool:
        due = self.due(end, at)
        return due is not None and at > due


def read_histories() -> list[History]:
    """Every dossier there is."""
    rows = Dossier.objects.values_list("pk", "agency", "procedure", "channel", "is_test")
    found = {row[0]: History(*row) for row in rows}
    moves = list(Transition.objects.order_by("pk"))
    # The last correction of a move tells when it was made. Neither that nor a due date moved is a step on the way.
    right = {move.corrects_id: move.corrected_at for move in moves if move.corrects_id}
    undone = {move.undoes_id for move in moves}
    for move in moves:
        if move.move not in ("correct_time", "postpone", "undo") and move.pk not in undone:
            at = right.get(move.pk) or move.at
            found[move.dossier_id].steps.append(Step(move.move, move.from_state, move.to_state, at))
    for due in DueDate.objects.order_by("pk"):
        if due.why == "corrected":
            # All due dates are told anew.
            found[due.dossier_id].dues.clear()
        found[due.dossier_id].dues.append(Due(due.due_at, due.since))
    return list(found.values())


def below(agency: Agency) -> set[int]:
    """`agency` and all under it, found by asking each for its parent."""
    children = defaultdict(list)
    for pk, parent in Agency.objects.values_list("pk", "parent"):
        children[parent].append(pk)
    found, todo = set(), [agency.pk]
    while todo:
        found.add(todo[-1])
        todo += children[todo.pop()]
    return found


@dataclass
class Count:
    """How many dossiers each figure counts, which they are, and how long the solved ones took."""

    dossiers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    worked: list[int] = field(default_factory=list)

    def __getitem__(self, figure: str) -> int:
        return len(self.dossiers[figure])


def count(histories: Iterable[History], start: datetime, end: datetime) -> Count:
    found = Count()
    for history in histories:
        if history.is_test:
            continue
        if (away := history.turned_away(end)) and away >= start:
            found.dossiers["refused"].append(history.pk)
        for figure in _figures_of(history, start, end):
            found.dossiers[figure].append(history.pk)
            if figure == "solved":
                found.worked.append(history.worked(history.closed(end) or end))
    return found


def _figures_of(history: History, start: datetime, end: datetime) -> list[str]:
    """Of the period [start, end), the figures that count it."""
    accepted = history.accepted()
    if accepted is None or accepted >= end:
        return []
    if history.closed(start) and not history.reopened(start, end):
        return []
    names = ["total", "new_reception" if accepted >= start else "carried_over"]
    closed, paused = history.closed(end), history.paused(end)
    if not closed:
        late = history.late(end, paused or end)
        return [*names, "still_open", "pending_late" if late else "pending"]
    endings = {"deny": ["denied"], "withdraw": ["withdrawn"], "stop": ["stopped"]}.get(history.ending(end), [])
    return [*names, "solved", "solved_late" if history.late(end, closed) else "solved_in_time", *endings]
