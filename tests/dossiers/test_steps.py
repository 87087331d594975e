"""The steps of a dossier from intake to result."""

from __future__ import annotations

import pytest

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, State
from onestop.dossiers.steps import StepStatus, steps_of
from tests import people

pytestmark = pytest.mark.django_db

D, C, A, E = StepStatus.DONE, StepStatus.CURRENT, StepStatus.AHEAD, StepStatus.ENDED
STAGES = {
    State.REGISTERED: [C, A, A],
    State.REFUSED: [E],
    State.ACCEPTED: [D, C, A],
    State.IN_PROGRESS: [D, C, A],
    State.AWAITING_SUPPLEMENT: [D, C, A],
    State.AWAITING_PAYMENT: [D, C, A],
    State.WITHDRAWN: [D, E],
    State.STOPPED: [D, E],
    State.COMPLETED: [D, D, C],
    State.RETURNED: [D, D, D],
}


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_place(state: State) -> None:
    assert [step.status for step in steps_of(people.a_dossier_in(state))] == STAGES[state]


def test_a_step_that_was_done_has_its_moment_and_the_current_one_the_state() -> None:
    dossier = people.a_dossier_in(State.AWAITING_PAYMENT)
    accepted, current, _ahead = steps_of(dossier)
    assert accepted.at == dossier.accepted_at
    assert (current.at, current.note) == (None, State.AWAITING_PAYMENT.label)


def test_what_is_reopened_is_worked_on_again() -> None:
    dossier = people.a_dossier_in(State.COMPLETED)
    lifecycle.reopen(dossier, people.ha(), comment="Sai tên")
    assert [step.status for step in steps_of(Dossier.objects.get())] == [D, C, A]
