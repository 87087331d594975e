"""Every legal move of the table, every illegal one, and what each leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from onestop.catalog.calendar import calendar_of
from onestop.catalog.models import Agency, Procedure
from onestop.common.append_only import AppendOnlyError
from onestop.common.errors import InputRefused
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.deadlines.dossier import expected_due
from onestop.dossiers.deadlines.promises import offered
from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.models import Attachment, Dossier, DueDate, Fee, Move, Paper, State, Transition
from onestop.staff.models import Role, User
from tests import people

pytestmark = pytest.mark.django_db


# From each state, where each move leads. What is not here is refused.
LEGAL: dict[State, dict[Move, State]] = {
    State.REGISTERED: {
        Move.ACCEPT: State.ACCEPTED,
        Move.REFUSE: State.REFUSED,
        Move.ASK_SUPPLEMENT: State.AWAITING_SUPPLEMENT,
        Move.WITHDRAW: State.WITHDRAWN,
        Move.AMEND: State.REGISTERED,
    },
    State.ACCEPTED: {
        Move.ASK_SUPPLEMENT: State.AWAITING_SUPPLEMENT,
        Move.ASK_PAYMENT: State.AWAITING_PAYMENT,
        Move.START: State.IN_PROGRESS,
        Move.APPROVE: State.COMPLETED,
        Move.DENY: State.COMPLETED,
        Move.WITHDRAW: State.WITHDRAWN,
        Move.STOP: State.STOPPED,
        Move.EXTEND: State.ACCEPTED,
        Move.HAND_OVER: State.ACCEPTED,
        Move.AMEND: State.ACCEPTED,
    },
    State.REFUSED: {Move.REOPEN: State.REGISTERED},
    State.IN_PROGRESS: {
        Move.ASK_SUPPLEMENT: State.AWAITING_SUPPLEMENT,
        Move.ASK_PAYMENT: State.AWAITING_PAYMENT,
        Move.APPROVE: State.COMPLETED,
        Move.DENY: State.COMPLETED,
        Move.WITHDRAW: State.WITHDRAWN,
        Move.STOP: State.STOPPED,
        Move.EXTEND: State.IN_PROGRESS,
        Move.HAND_OVER: State.IN_PROGRESS,
        Move.AMEND: State.IN_PROGRESS,
    },
    State.AWAITING_SUPPLEMENT: {
        Move.RECEIVE_SUPPLEMENT: State.ACCEPTED,
        Move.WITHDRAW: State.WITHDRAWN,
        Move.STOP: State.STOPPED,
        Move.HAND_OVER: State.AWAITING_SUPPLEMENT,
        Move.AMEND: State.AWAITING_SUPPLEMENT,
    },
    State.AWAITING_PAYMENT: {
        Move.RECEIVE_PAYMENT: State.ACCEPTED,
        Move.WITHDRAW: State.WITHDRAWN,
        Move.STOP: State.STOPPED,
        Move.HAND_OVER: State.AWAITING_PAYMENT,
        Move.AMEND: State.AWAITING_PAYMENT,
    },
    State.WITHDRAWN: {Move.REOPEN: State.IN_PROGRESS},
    State.STOPPED: {Move.REOPEN: State.IN_PROGRESS},
    State.COMPLETED: {Move.RETURN_RESULT: State.RETURNED, Move.REOPEN: State.IN_PROGRESS},
    State.RETURNED: {Move.REOPEN: State.IN_PROGRESS},
}

# A due date that falls on a day off is moved while it can still be kept, or count; a moment is put right at any time.
for _state, _moves in LEGAL.items():
    _moves[Move.CORRECT_TIME] = _state
    if _state not in (State.REGISTERED, State.REFUSED, State.WITHDRAWN, State.STOPPED):
        _moves[Move.POSTPONE] = _state

DESK, OFFICE = {Role.RECEPTION, Role.MANAGER}, {Role.OFFICER, Role.MANAGER}
ROLES: dict[Move, set[Role]] = {
    Move.REGISTER: DESK,
    Move.ACCEPT: DESK,
    Move.REFUSE: DESK,
    Move.ASK_SUPPLEMENT: DESK | OFFICE,
    Move.RECEIVE_SUPPLEMENT: DESK | OFFICE,
    Move.ASK_PAYMENT: DESK | OFFICE,
    Move.RECEIVE_PAYMENT: DESK | OFFICE,
    Move.START: OFFICE,
    Move.APPROVE: OFFICE,
    Move.DENY: OFFICE,
    Move.RETURN_RESULT: DESK,
    Move.EXTEND: OFFICE,
    Move.HAND_OVER: DESK | OFFICE,
    Move.AMEND: DESK | OFFICE,
    Move.WITHDRAW: DESK | OFFICE,
    Move.STOP: OFFICE,
    Move.REOPEN: {Role.MANAGER},
    Move.POSTPONE: {Role.MANAGER},
    Move.CORRECT_TIME: {Role.MANAGER},
    Move.UNDO: DESK | OFFICE,
}


def arguments(move: Move, dossier: Dossier) -> dict[str, Any]:
    """What a careful person would give with this move."""
    match move:
        case Move.REFUSE | Move.ASK_SUPPLEMENT | Move.DENY | Move.WITHDRAW | Move.STOP | Move.REOPEN:
            return {"comment": "Có lý do"}
        case Move.ASK_PAYMENT:
            return {"fees": [people.a_fee()]}
        case Move.EXTEND:
            later = (dossier.due_at or timezone.now()) + timedelta(days=7)
            return {"comment": "Xin lỗi", "due_at": later}
        case Move.AMEND:
            return {"changes": {"phone": "0909"}}
        case Move.HAND_OVER:
            return {"unit": people.department()}
        case Move.POSTPONE:
            return {"comment": "Nghỉ bão"}
        case Move.CORRECT_TIME:
            first = dossier.transitions.all()[0]
            step = dossier.transitions.filter(at=first.at).last()
            return {"comment": "Ghi nhầm", "step": (step or first).pk, "to": first.at - timedelta(days=1)}
        case _:
            return {}


def prepare(move: Move, dossier: Dossier) -> None:
    """What must have come about for the move to make sense."""
    if move == Move.POSTPONE:
        people.on_a_day_off(dossier)


def make(move: Move, dossier: Dossier, actor: User | None) -> None:
    lifecycle.MAKE[move](dossier, actor, **arguments(move, dossier))


def everything_about(dossier: Dossier) -> dict[str, Any]:
    """All that the database holds of it."""
    return {
        "row": Dossier.objects.filter(pk=dossier.pk).values().get(),
        **{
            name: list(getattr(dossier, name).values())
            for name in ("transitions", "due_dates", "supplements", "papers", "fees", "attachments")
        },
    }


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026, whose first day is a Sunday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=VIETNAM)


# ---- the table


# What is undone depends on the last move and not on the state: `test_undoing`.
@pytest.mark.parametrize("move", [move for move in Move if move != Move.UNDO])
@pytest.mark.parametrize("state", State)
def test_a_move_leads_where_the_table_says_or_changes_nothing(state: State, move: Move) -> None:
    dossier = people.a_dossier_in(state)
    prepare(move, dossier)
    before = everything_about(dossier)
    target = LEGAL[state].get(move)
    if target is None:
        with pytest.raises(MoveRefused):
            make(move, dossier, people.ha())
        assert everything_about(dossier) == before
        return
    make(move, dossier, people.ha())
    dossier.refresh_from_db()
    last = dossier.transitions.get(pk=max(dossier.transitions.values_list("pk", flat=True)))
    assert dossier.state == target
    assert (last.move, last.from_state, last.to_state) == (move, state, target)
    assert (last.actor, last.actor_name, last.actor_position) == (people.ha(), "Phạm Hà", "Chủ tịch")
    assert dossier.transitions.count() == len(before["transitions"]) + 1


@pytest.mark.parametrize("state", State)
def test_what_is_offered_to_a_manager_is_exactly_the_table(state: State) -> None:
    dossier = people.a_dossier_in(state)
    assert set(lifecycle.possible_moves(dossier, people.ha())) == set(LEGAL[state])


def a_state_for(move: Move) -> State:
    return next(state for state, moves in LEGAL.items() if move in moves)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("move", [move for move in Move if move not in (Move.REGISTER, Move.UNDO)])
def test_a_move_is_for_its_roles_only(move: Move, role: Role) -> None:
    dossier = people.a_dossier_in(a_state_for(move))
    prepare(move, dossier)
    actor = people.a_person(f"somebody-{role}", role, people.ward())
    allowed = role in ROLES[move]
    assert (move in lifecycle.possible_moves(dossier, actor)) == allowed
    if allowed:
        make(move, dossier, actor)
        return
    before = everything_about(dossier)
    with pytest.raises(MoveRefused, match="Vai trò"):
        make(move, dossier, actor)
    assert everything_about(dossier) == before


@pytest.mark.parametrize("role", Role)
def test_only_the_desk_takes_dossiers_in(role: Role) -> None:
    actor = people.a_person(f"somebody-{role}", role, people.ward())
    if role in ROLES[Move.REGISTER]:
        lifecycle.receive(people.a_new_dossier(), actor)
        return
    with pytest.raises(MoveRefused, match="Vai trò"):
        lifecycle.receive(people.a_new_dossier(), actor)
    assert not Dossier.objects.exists()


def test_the_system_itself_may_do_everything_but_what_a_leader_decides() -> None:
    dossier = people.a_dossier_in(State.ACCEPTED)
    lifecycle.approve(dossier, None)
    assert dossier.transitions.filter(move=Move.APPROVE).get().actor_name == people.ward().name
    with pytest.raises(MoveRefused, match="lãnh đạo"):
        make(Move.REOPEN, dossier, None)


@pytest.mark.parametrize(
    "move", [Move.REFUSE, Move.ASK_SUPPLEMENT, Move.DENY, Move.WITHDRAW, Move.STOP, Move.REOPEN, Move.POSTPONE]
)
def test_a_reason_of_blanks_is_no_reason(move: Move) -> None:
    dossier = people.a_dossier_in(a_state_for(move))
    with pytest.raises(InputRefused) as refused:
        lifecycle.MAKE[move](dossier, people.ha(), comment=" \n ")
    assert "comment" in refused.value.fields


# ---- who sees what


def test_a_dossier_is_seen_by_its_office_its_superiors_and_where_it_was_handed_over() -> None:
    dossier = people.a_dossier()
    stranger = people.a_person("xa", Role.MANAGER, people.another_province())

    def seers() -> set[str]:
        everybody = [people.lan(), people.minh(), people.tu(), people.thanh(), people.root(), stranger]
        return {person.username for person in everybody if Dossier.objects.visible_to(person).exists()}

    assert seers() == {"lan", "tu", "thanh", "root"}
    lifecycle.hand_over(dossier, people.lan(), unit=people.department())
    assert seers() == {"lan", "minh", "tu", "thanh", "root"}


def test_an_officer_elsewhere_moves_a_dossier_only_after_it_was_handed_over() -> None:
    dossier = people.a_dossier()
    with pytest.raises(MoveRefused, match="không thuộc cơ quan"):
        lifecycle.start(dossier, people.minh())
    lifecycle.hand_over(dossier, people.lan(), officer=people.minh())
    lifecycle.start(dossier, people.minh())
    assert (dossier.unit, dossier.officer) == (people.department(), people.minh())


def test_nobody_below_sees_what_the_office_above_received() -> None:
    people.a_dossier(agency=people.province(), by=people.root())
    assert not Dossier.objects.visible_to(people.lan()).exists()


# ---- intake


def test_receiving_gives_code_due_instant_and_two_transitions() -> None:
    with time_machine.travel(at(2, 9), tick=False):
        dossier = people.a_dossier(papers=[Paper(name="Tờ khai")], fees=[people.a_fee()], files=[people.a_file()])
    assert dossier.code == "H22.101.00-260302-0001"
    assert dossier.due_at == at(4, 9)
    assert [t.move for t in dossier.transitions.all()] == [Move.REGISTER, Move.ACCEPT]
    assert [t.accepted for t in dossier.transitions.all()] == [False, True]
    assert [paper.name for paper in dossier.papers.all()] == ["Tờ khai"]
    assert dossier.fees.get().demanded_at == at(2, 9)
    assert dossier.attachments.get().size == len(people.PDF)


def test_what_was_promised_before_the_intake_is_what_the_intake_gives() -> None:
    with time_machine.travel(at(2, 16, 30), tick=False):
        promised = expected_due(offered(people.a_procedure()), timezone.now(), calendar_of(people.ward()))
        assert people.a_dossier().due_at == promised == at(4, 16, 30)


def test_a_procedure_without_a_limit_promises_nothing() -> None:
    procedure = people.a_procedure(code="9", limit=None, limit_unit="")
    assert expected_due(offered(procedure), timezone.now(), calendar_of(people.ward())) is None
    dossier = people.a_dossier(procedure=procedure)
    assert dossier.due_at is None
    with pytest.raises(MoveRefused, match="không có hạn"):
        lifecycle.extend(dossier, people.ha(), due_at=timezone.now() + timedelta(days=9), comment="Xin lỗi")


def test_emoji_and_the_longest_texts_survive() -> None:
    dossier = people.a_dossier(applicant_name="👩‍👧 " + "ặ" * 496, summary="🏠" * 1000)
    dossier.refresh_from_db()
    assert dossier.applicant_name == "👩‍👧 " + "ặ" * 496
    assert dossier.summary == "🏠" * 1000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("applicant_name", " "),
        ("applicant_name", "a" * 501),
        ("summary", "a" * 1001),
        ("email", "không phải thư"),
        ("channel", "postal"),
        ("channel", "bồ câu"),
        ("applicant_kind", "mèo"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(field: str, value: str) -> None:
    procedure = people.a_procedure(postal=False)
    with pytest.raises(InputRefused) as refused:
        lifecycle.receive(people.a_new_dossier(procedure=procedure, **{field: value}), people.lan())
    assert set(refused.value.fields) == {field}
    assert not Dossier.objects.exists()


def test_a_procedure_no_longer_in_force_takes_no_dossiers() -> None:
    with pytest.raises(InputRefused) as refused:
        people.a_dossier(procedure=people.a_procedure(is_active=False))
    assert set(refused.value.fields) == {"procedure"}


def test_a_refused_intake_uses_up_no_number() -> None:
    with time_machine.travel(at(2, 9), tick=False):
        with pytest.raises(InputRefused):
            people.a_dossier(files=[people.a_file("thư.exe")])
        assert not Dossier.objects.exists()
        assert people.a_dossier().code == "H22.101.00-260302-0001"


# ---- time limits


def test_every_due_instant_is_kept_with_since_when_and_why() -> None:
    dossier = people.a_new_dossier()
    lifecycle.receive(dossier, people.lan(), at=at(2, 9))
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu", at=at(3, 9))
    lifecycle.receive_supplement(dossier, people.lan(), at=at(5, 10))
    lifecycle.ask_payment(dossier, people.lan(), fees=[people.a_fee()], at=at(6, 10))
    lifecycle.receive_payment(dossier, people.lan(), at=at(9, 10))
    lifecycle.extend(dossier, people.ha(), due_at=at(20, 17), comment="Xin lỗi", at=at(9, 11))
    kept = [(due.since, due.due_at, due.why) for due in dossier.due_dates.all()]
    assert kept == [
        (at(2, 9), at(4, 9), DueDate.Why.ACCEPTED),
        (at(5, 10), at(9, 10), DueDate.Why.SUPPLEMENT),  # from zero: Thursday, then Friday and Monday
        (at(9, 10), at(10, 10), DueDate.Why.PAYMENT),  # the one working day that was left
        (at(9, 11), at(20, 17), DueDate.Why.EXTENSION),
    ]
    assert dossier.due_at == at(20, 17)


def test_a_round_cut_short_by_a_withdrawal_stays_unanswered_and_another_can_follow() -> None:
    dossier = people.a_dossier_in(State.AWAITING_SUPPLEMENT)
    lifecycle.withdraw(dossier, people.lan(), comment="Nhầm hồ sơ")
    lifecycle.reopen(dossier, people.ha(), comment="Rút nhầm")
    lifecycle.ask_supplement(dossier, people.lan(), comment="Vẫn thiếu", papers=[Paper(name="Giấy khai sinh")])
    lifecycle.receive_supplement(dossier, people.lan())
    assert [bool(one.received_at) for one in dossier.supplements.all()] == [False, True]
    assert dossier.papers.get().received_at == dossier.moved_at


def test_a_move_is_not_made_in_the_future() -> None:
    dossier = people.a_dossier()
    with pytest.raises(InputRefused) as refused:
        lifecycle.start(dossier, people.binh(), at=timezone.now() + timedelta(minutes=1))
    assert list(refused.value.fields) == ["at"]
    assert dossier.transitions.count() == 2


def test_a_procedure_may_grant_only_the_rest_after_a_supplement() -> None:
    procedure = people.a_procedure(after_supplement=Procedure.AfterSupplement.RESUME)
    dossier = people.a_new_dossier(procedure=procedure)
    lifecycle.receive(dossier, people.lan(), at=at(2, 9))
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu", at=at(3, 9))
    lifecycle.receive_supplement(dossier, people.lan(), at=at(5, 10))
    assert dossier.due_at == at(6, 10)


def test_a_supplement_keeps_both_due_instants_and_who_asked_and_received() -> None:
    dossier = people.a_new_dossier()
    lifecycle.receive(dossier, people.lan(), at=at(2, 9))
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu", papers=[Paper(name="Giấy A")], at=at(3, 9))
    lifecycle.receive_supplement(dossier, people.ha(), comment="Đủ", files=[people.a_file()], at=at(5, 10))
    supplement = dossier.supplements.get()
    assert (supplement.ordinal, supplement.request, supplement.received_note) == (1, "Thiếu", "Đủ")
    assert (supplement.asked_by, supplement.received_by) == ("Nguyễn Thị Lan", "Phạm Hà")
    assert (supplement.old_due_at, supplement.new_due_at) == (at(4, 9), at(9, 10))
    assert [paper.name for paper in supplement.papers.all()] == ["Giấy A"]


def test_a_supplement_before_acceptance_sets_no_due_instant() -> None:
    dossier = people.a_registered_dossier()
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu")
    lifecycle.receive_supplement(dossier, people.lan())
    assert (dossier.state, dossier.due_at, dossier.code) == (State.REGISTERED, None, None)
    assert not dossier.due_dates.exists()


@pytest.mark.parametrize("pause", [Move.ASK_SUPPLEMENT, Move.ASK_PAYMENT])
def test_a_pause_returns_to_the_state_it_came_from(pause: Move) -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    make(pause, dossier, people.binh())
    make(Move.RECEIVE_SUPPLEMENT if pause == Move.ASK_SUPPLEMENT else Move.RECEIVE_PAYMENT, dossier, people.binh())
    assert dossier.state == State.IN_PROGRESS


def test_a_dossier_is_extended_once_only() -> None:
    dossier = people.a_dossier()
    make(Move.EXTEND, dossier, people.ha())
    with pytest.raises(MoveRefused, match="một lần"):
        make(Move.EXTEND, dossier, people.ha())
    assert dossier.due_dates.filter(why=DueDate.Why.EXTENSION).count() == 1


def test_an_extension_must_be_later() -> None:
    dossier = people.a_dossier()
    assert dossier.due_at is not None
    with pytest.raises(InputRefused) as refused:
        lifecycle.extend(dossier, people.ha(), due_at=dossier.due_at, comment="Xin lỗi")
    assert set(refused.value.fields) == {"due_at"}


def test_every_open_fee_is_paid_by_one_payment() -> None:
    dossier = people.a_dossier(fees=[people.a_fee(5_000)])
    lifecycle.ask_payment(dossier, people.lan(), fees=[people.a_fee(7_000)])
    lifecycle.receive_payment(dossier, people.lan(), method=Fee.Method.TRANSFER, receipt_no="BL 7")
    assert {(fee.amount, fee.method, fee.receipt_no) for fee in dossier.fees.exclude(paid_at=None)} == {
        (5_000, "transfer", "BL 7"),
        (7_000, "transfer", "BL 7"),
    }


def test_overdue_counts_neither_those_paused_in_time_nor_the_finished_nor_the_limitless() -> None:
    late = people.a_new_dossier()
    lifecycle.receive(late, people.lan(), at=at(2, 9))
    for move in (Move.ASK_SUPPLEMENT, Move.APPROVE):
        other = people.a_new_dossier()
        lifecycle.receive(other, people.lan(), at=at(2, 9))
        lifecycle.MAKE[move](other, people.ha(), comment="Có lý do", at=at(3, 9))
    people.a_dossier(procedure=people.a_procedure(code="9", limit=None, limit_unit=""))
    assert list(Dossier.objects.overdue(at(4, 9))) == []
    assert list(Dossier.objects.overdue(at(4, 9, 1))) == [late]


# ---- ends and corrections


def test_a_decision_is_kept_with_who_signed_it_and_the_result_itself() -> None:
    dossier = people.a_dossier()
    lifecycle.deny(dossier, people.binh(), comment="Sai mẫu", approver=people.ha(), files=[people.a_file()])
    dossier.refresh_from_db()
    assert (dossier.approved, dossier.approver_name, dossier.approver_position) == (False, "Phạm Hà", "Chủ tịch")
    assert dossier.decision_note == "Sai mẫu"
    assert dossier.decided_at == dossier.finished_at == dossier.transitions.get(move=Move.DENY).at
    assert dossier.attachments.count() == 1


def test_reopening_undoes_the_decision_and_keeps_it_in_the_facts() -> None:
    dossier = people.a_dossier_in(State.RETURNED)
    decided, returned = dossier.decided_at, dossier.returned_at
    assert decided is not None
    assert returned is not None
    lifecycle.reopen(dossier, people.ha(), comment="Trả nhầm")
    dossier.refresh_from_db()
    assert (dossier.approved, dossier.decided_at, dossier.returned_at, dossier.finished_at) == (None,) * 4
    assert (dossier.approver_name, dossier.decision_note) == ("", "")
    facts = dossier.transitions.get(move=Move.REOPEN).facts
    assert facts["approved"] is True
    assert facts["decided_at"] == timezone.localtime(decided).isoformat()
    assert facts["returned_at"] == timezone.localtime(returned).isoformat()


def test_what_was_withdrawn_before_acceptance_reopens_at_the_desk() -> None:
    dossier = people.a_registered_dossier()
    lifecycle.withdraw(dossier, people.lan(), comment="Xin rút")
    lifecycle.reopen(dossier, people.ha(), comment="Bấm nhầm")
    assert dossier.state == State.REGISTERED


@pytest.mark.parametrize(
    "target",
    [
        lambda: {"unit": people.another_province()},
        lambda: {"unit": people.ward_desk(), "officer": people.minh()},
        lambda: {},
    ],
    ids=["another province", "officer of another unit", "nothing changes"],
)
def test_a_senseless_hand_over_is_refused(target: Callable[[], dict[str, Agency | User]]) -> None:
    dossier = people.a_dossier()
    before = everything_about(dossier)
    with pytest.raises(InputRefused):
        lifecycle.hand_over(dossier, people.lan(), **target())  # type: ignore[arg-type] # parametrised arguments
    assert everything_about(dossier) == before


# ---- history


def test_history_is_neither_changed_nor_deleted() -> None:
    transition = people.a_dossier().transitions.latest("pk")
    with pytest.raises(AppendOnlyError):
        transition.save()
    with pytest.raises(AppendOnlyError):
        transition.delete()
    with pytest.raises(AppendOnlyError):
        Transition.objects.all().update(comment="khác")
    with pytest.raises(AppendOnlyError):
        Transition.objects.all().delete()


def test_a_move_is_never_dated_before_the_last_one() -> None:
    dossier = people.a_new_dossier()
    lifecycle.receive(dossier, people.lan(), at=at(3, 9))
    with pytest.raises(InputRefused) as refused:
        lifecycle.start(dossier, people.binh(), at=at(2, 9))
    assert set(refused.value.fields) == {"at"}
    with time_machine.travel(at(2, 9), tick=False):  # the clock was set back
        lifecycle.start(dossier, people.binh())
    assert dossier.transitions.get(move=Move.START).at == at(3, 9)


def test_a_move_that_fails_half_way_leaves_nothing() -> None:
    dossier = people.a_dossier()
    before = everything_about(dossier)
    with pytest.raises(InputRefused, match=r"thư\.exe"):
        lifecycle.approve(dossier, people.ha(), files=[people.a_file(), people.a_file("thư.exe")])
    assert everything_about(dossier) == before
    assert not Attachment.objects.exists()


def test_a_stale_copy_is_refused_by_what_the_database_says() -> None:
    dossier = people.a_dossier()
    stale = Dossier.objects.get(pk=dossier.pk)
    lifecycle.approve(dossier, people.ha())
    with pytest.raises(MoveRefused, match="đã xử lý xong"):
        lifecycle.deny(stale, people.binh(), comment="Sai mẫu")
    assert dossier.transitions.filter(move=Move.DENY).count() == 0


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.OFFICER, Role.MANAGER, Role.OPERATOR, Role.AUDITOR])
@pytest.mark.parametrize("state", State)
def test_whoever_tries_what_is_not_possible_is_told_what_is(state: State, role: Role) -> None:
    dossier = people.a_dossier_in(state)
    person = people.a_person(f"p-{role}", role, people.ward())
    possible = lifecycle.possible_moves(dossier, person)
    first = dossier.transitions.all()[0]
    needed: dict[Move, dict[str, Any]] = {
        Move.ASK_PAYMENT: {"fees": [people.a_fee()]},
        Move.CORRECT_TIME: {"step": first.pk, "to": first.at - timedelta(hours=1)},
    }
    # These three are asked for in other ways; they have tests of their own.
    for move in set(lifecycle.MOVES) - {*possible, Move.REGISTER, Move.EXTEND, Move.UNDO}:
        with pytest.raises(MoveRefused) as refused:
            lifecycle.MAKE[move](dossier, person, comment="x", **needed.get(move, {}))
        said = str(refused.value)
        for other in possible:
            assert str(other.label) in said, said
        assert possible or "không có thao tác nào thuộc quyền của bạn" in said


def test_the_table_in_the_docs_is_the_one_in_the_code() -> None:
    out = StringIO()
    call_command("print_moves", stdout=out)
    assert (settings.BASE_DIR / "docs/moves.md").read_text(encoding="utf-8") == out.getvalue()
