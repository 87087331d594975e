"""Undoing one's own last move: everything is as before, the history tells both, and what cannot be undone says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_django
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from onestop.common.errors import InputRefused
from onestop.dossiers import fees, lifecycle
from onestop.dossiers.deadlines.dossier import time_used
from onestop.dossiers.documents import KINDS
from onestop.dossiers.documents.issuing import FormUnavailable, print_form, printable
from onestop.dossiers.lifecycle import UNDOABLE, undoable_move
from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.models import PAUSED, Dossier, Move, Paper, State, Transition
from onestop.staff.models import User
from tests import people

pytestmark = pytest.mark.django_db

# Columns that tell when the row was written, and so differ after two moves.
WRITTEN = ("moved_at", "changed_at")


def everything_but_the_moves(dossier: Dossier) -> dict[str, Any]:
    row = Dossier.objects.filter(pk=dossier.pk).values().get()
    parts = ("due_dates", "supplements", "papers", "fees", "attachments")
    return {
        "row": {name: value for name, value in row.items() if name not in WRITTEN},
        **{name: list(getattr(dossier, name).values()) for name in parts},
    }


def arguments(move: Move) -> dict[str, Any]:
    match move:
        case Move.ASK_PAYMENT:
            return {"fees": [people.a_fee()]}
        case Move.ASK_SUPPLEMENT:
            return {"comment": "Thiếu giấy", "papers": [Paper(name="Giấy chứng sinh")], "fees": [people.a_fee()]}
        case Move.HAND_OVER:
            return {"unit": people.department(), "comment": "Nhờ xác minh"}
        case _:
            return {"comment": "Có lý do"}


CASES = [(state, move) for move in UNDOABLE for state in lifecycle.MOVES[move].sources]


@pytest.mark.both_databases
@pytest.mark.parametrize(("state", "move"), CASES)
def test_after_the_undoing_all_is_as_it_was_and_the_history_tells_both(state: State, move: Move) -> None:
    dossier, person = people.a_dossier_in(state), people.ha()
    if move == Move.RETURN_RESULT:
        dossier.fees.update(paid_at=timezone.now())
    before, moves = everything_but_the_moves(dossier), dossier.transitions.count()
    lifecycle.MAKE[move](dossier, person, **arguments(move))
    assert everything_but_the_moves(dossier) != before
    made = undoable_move(dossier, person, timezone.now())
    assert made is not None
    undoing = lifecycle.undo(dossier, person, step=made.pk)
    assert everything_but_the_moves(dossier) == before
    assert dossier.transitions.count() == moves + 2
    assert (undoing.undoes, undoing.from_state, undoing.to_state) == (made, made.to_state, made.from_state)
    assert undoing.unit_id == made.unit_id
    assert undoing.comment == f"Hoàn tác “{move.label}”."


def test_a_pause_that_was_ended_by_mistake_goes_on_from_when_it_began() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=3)):
        dossier = people.a_dossier_in(State.AWAITING_SUPPLEMENT)
    begun = dossier.paused_at
    lifecycle.withdraw(dossier, people.ha(), comment="Nhầm hồ sơ")
    lifecycle.undo(dossier, people.ha())
    dossier.refresh_from_db()
    assert dossier.state in PAUSED
    assert dossier.paused_at == begun is not None


def test_a_pause_that_was_undone_takes_no_time_off_the_limit() -> None:
    dossier = people.a_dossier()
    lifecycle.ask_payment(dossier, people.ha(), fees=[people.a_fee()])
    lifecycle.undo(dossier, people.ha())
    later = timezone.now() + timedelta(days=3)
    used = time_used(Dossier.objects.get(pk=dossier.pk), later)
    untouched = time_used(people.a_dossier_accepted(dossier.accepted_at or later), later)
    assert used == untouched is not None


def test_a_second_request_for_papers_is_the_first_again_and_prints_as_such() -> None:
    dossier, person = people.a_dossier(), people.ha()
    lifecycle.ask_supplement(dossier, person, comment="Thiếu giấy chứng sinh")
    lifecycle.undo(dossier, person)
    lifecycle.ask_supplement(dossier, person, comment="Thiếu tờ khai")
    assert [(one.ordinal, one.request) for one in dossier.supplements.all()] == [(1, "Thiếu tờ khai")]
    forms = [(kind.name, move.comment) for kind, move in printable(dossier) if move.move == Move.ASK_SUPPLEMENT]
    assert ("supplement_request", "Thiếu tờ khai") in forms
    assert "Thiếu giấy chứng sinh" not in {comment for _name, comment in forms}
    kind, move = next(one for one in printable(dossier) if one[0].name == "supplement_request")
    assert print_form(dossier, kind, move, person).transition == move
    lifecycle.receive_supplement(dossier, people.lan())
    dossier.refresh_from_db()
    assert dossier.state == State.ACCEPTED


def test_moments_are_corrected_past_an_undone_move() -> None:
    dossier, person = people.a_dossier(), people.ha()
    accepted = dossier.transitions.get(move=Move.ACCEPT)
    lifecycle.ask_supplement(dossier, person, comment="Thiếu giấy")
    lifecycle.undo(dossier, person)
    undone = dossier.transitions.get(move=Move.ASK_SUPPLEMENT)
    right = accepted.at - timedelta(days=1)
    lifecycle.correct_time(dossier, person, step=accepted.pk, to=right, comment="Ghi nhầm")
    dossier.refresh_from_db()
    assert (dossier.accepted_at, dossier.paused_at) == (right, None)
    with pytest.raises(InputRefused):
        lifecycle.correct_time(dossier, person, step=undone.pk, to=right, comment="Ghi nhầm")


# ---- what cannot be undone


def refused(dossier: Dossier, person: User | None, step: int | None = None) -> str:
    moves = dossier.transitions.count()
    with pytest.raises(MoveRefused) as refusal:
        lifecycle.undo(dossier, person, step=step)
    assert dossier.transitions.count() == moves
    return str(refusal.value)


def test_only_the_maker_of_the_last_move_undoes_it_once_and_in_time(settings: pytest_django.Settings) -> None:
    dossier = people.a_dossier()
    started = lifecycle.start(dossier, people.ha())
    assert "Chỉ người thực hiện" in refused(dossier, people.binh())
    assert "Chỉ người thực hiện" in refused(dossier, None)
    almost = started.at + timedelta(minutes=settings.UNDO_MINUTES)
    with time_machine.travel(almost, tick=False):
        assert "10 phút" in refused(dossier, people.ha())
    with time_machine.travel(almost - timedelta(microseconds=1), tick=False):
        lifecycle.undo(dossier, people.ha())
    assert "“hoàn tác” không hoàn tác được" in refused(dossier, people.ha())


def test_where_the_setting_is_none_nothing_is_undone(settings: pytest_django.Settings) -> None:
    settings.UNDO_MINUTES = 0
    dossier = people.a_dossier()
    lifecycle.start(dossier, people.ha())
    refused(dossier, people.ha())
    assert undoable_move(dossier, people.ha(), timezone.now()) is None


@pytest.mark.parametrize("move", [move for move in Move if move not in UNDOABLE])
def test_what_gave_the_citizen_something_is_not_undone(move: Move) -> None:
    dossier, person = people.a_dossier(), people.ha()
    Transition.objects.bulk_create(
        [
            Transition(
                dossier=dossier,
                move=move,
                from_state=dossier.state,
                to_state=dossier.state,
                at=timezone.now(),
                accepted=True,
                actor=person,
                actor_name=person.full_name,
                unit=dossier.unit,
                overwritten={},
            )
        ]
    )
    assert "không hoàn tác được" in refused(dossier, person)


def test_a_stale_page_undoes_nothing_else() -> None:
    dossier, person = people.a_dossier(), people.ha()
    started = lifecycle.start(dossier, person)
    lifecycle.hand_over(dossier, person, unit=people.department())
    assert "“chuyển xử lý”" in refused(dossier, person, step=started.pk)


def printed(dossier: Dossier) -> None:
    kind, move = next(one for one in printable(dossier) if one[1].move == Move.ASK_SUPPLEMENT)
    print_form(dossier, kind, move, people.ha())


def paid(dossier: Dossier) -> None:
    fees.pay(dossier.fees.get(), people.ha(), method="cash")


@pytest.mark.parametrize(("left", "says"), [(printed, "Đã in giấy"), (paid, "đã được nộp")])
def test_what_has_left_the_office_is_not_undone(left: Callable[[Dossier], None], says: str) -> None:
    dossier = people.a_dossier()
    lifecycle.ask_supplement(dossier, people.ha(), comment="Thiếu giấy", fees=[people.a_fee()])
    left(dossier)
    assert says in refused(dossier, people.ha())


def test_a_result_with_its_file_is_not_undone() -> None:
    dossier = people.a_dossier()
    lifecycle.approve(dossier, people.ha(), files=[people.a_file()])
    assert "kèm tệp" in refused(dossier, people.ha())


def test_a_form_of_an_undone_move_is_not_printed_any_more() -> None:
    dossier, person = people.a_dossier(), people.ha()
    asked = lifecycle.ask_supplement(dossier, person, comment="Thiếu giấy")
    lifecycle.undo(dossier, person)
    with pytest.raises(FormUnavailable, match="hoàn tác"):
        print_form(dossier, KINDS["supplement_request"], asked, person)


def test_two_undoings_of_one_move_cannot_be_recorded() -> None:
    dossier, person = people.a_dossier(), people.ha()
    lifecycle.start(dossier, person)
    undoing = lifecycle.undo(dossier, person)
    undoing.pk = None
    with pytest.raises(IntegrityError):
        undoing.save(force_insert=True)
