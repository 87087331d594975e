"""Counting a period the slow way: each dossier's rows read into lists, each sentence of the definition one line.

Nothing here is shared with `figures`: no aggregate, no constant, no property of a dossier but its rows of history.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
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

    agency: int
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
    found = {
        pk: History(agency, is_test) for pk, agency, is_test in Dossier.objects.values_list("pk", "agency", "is_test")
    }
    for move in Transition.objects.order_by("pk"):
        found[move.dossier_id].steps.append(Step(move.move, move.from_state, move.to_state, move.at))
    for due in DueDate.objects.order_by("pk"):
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


def count(histories: Iterable[History], start: datetime, end: datetime) -> dict[str, int]:
    names = ("carried_over", "new_reception", "solved_in_time", "solved_late", "pending", "pending_late")
    counted = Counter(dict.fromkeys(names, 0))
    for history in histories:
        accepted = history.accepted()
        if history.is_test or accepted is None or accepted >= end:
            continue
        if history.closed(start) and not history.reopened(start, end):
            continue
        counted["new_reception" if accepted >= start else "carried_over"] += 1
        closed, paused = history.closed(end), history.paused(end)
        if closed:
            counted["solved_late" if history.late(end, closed) else "solved_in_time"] += 1
        else:
            counted["pending_late" if history.late(end, paused or end) else "pending"] += 1
    return dict(counted)
