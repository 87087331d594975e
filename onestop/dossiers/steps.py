"""The steps of a dossier from intake to result, for its page at the desk and for the citizen's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Dossier, State


class StepStatus(StrEnum):
    DONE = "done"
    CURRENT = "current"
    AHEAD = "ahead"
    # The dossier ended here, without the steps after it.
    ENDED = "ended"


@dataclass(frozen=True)
class Step:
    """`at`: when the step was done; `note`: the state of the dossier, where it is at this step now or ended here."""

    name: Promise
    status: StepStatus
    at: datetime | None = None
    note: Promise | str = ""


def steps_of(dossier: Dossier) -> Iterator[Step]:
    """Each step that was done, the one at which the dossier is or ended, and those ahead of it."""
    moments = (
        (_("Tiếp nhận"), dossier.accepted_at),
        (_("Giải quyết"), dossier.decided_at),
        (_("Trả kết quả"), dossier.returned_at),
    )
    has_ended = dossier.state in (State.REFUSED, State.WITHDRAWN, State.STOPPED)
    is_open = True
    for name, at in moments:
        if at is not None:
            yield Step(name, StepStatus.DONE, at)
        elif is_open:
            is_open = False
            yield Step(name, StepStatus.ENDED if has_ended else StepStatus.CURRENT, note=State(dossier.state).label)
        elif not has_ended:
            yield Step(name, StepStatus.AHEAD)
