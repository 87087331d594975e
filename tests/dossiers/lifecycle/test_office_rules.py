"""Fees, opinions, steps with a time limit, supplements that never come: what the office must not get wrong."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from onestop.catalog.models import Procedure
from onestop.common.errors import InputRefused
from onestop.common.time import VIETNAM
from onestop.dossiers import fees, lifecycle, opinions
from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.models import Dossier, Fee, Opinion, Paper, State
from onestop.staff.models import Role
from tests import people

pytestmark = pytest.mark.django_db


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """March 2026, which begins on a Sunday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=VIETNAM)


def owing(**traits: bool) -> Dossier:
    fee = people.a_fee()
    for name, value in traits.items():
        setattr(fee, name, value)
    return people.a_dossier_in(State.COMPLETED, fees=[fee])


# ---- fees


def test_a_fee_is_paid_once_and_says_how() -> None:
    fee = owing().fees.get()
    fees.pay(fee, people.lan(), method=Fee.Method.TRANSFER, receipt_no="BL01")
    fee.refresh_from_db()
    assert (fee.method, fee.receipt_no) == ("transfer", "BL01")
    assert fee.paid_at is not None
    with pytest.raises(MoveRefused, match="đã được nộp"):
        fees.pay(fee, people.lan())
    with pytest.raises(MoveRefused, match="đã được nộp"):
        fees.waive(fee, people.ha(), reason="Hộ nghèo")


def test_a_fee_is_waived_by_a_manager_with_a_reason_only() -> None:
    fee = owing().fees.get()
    with pytest.raises(InputRefused, match="lý do miễn"):
        fees.waive(fee, people.ha(), reason="  ")
    with pytest.raises(MoveRefused, match="cán bộ một cửa"):
        fees.waive(fee, people.lan(), reason="Hộ nghèo")
    fees.waive(fee, people.ha(), reason="Hộ nghèo")
    fee.refresh_from_db()
    assert (fee.waived_by, fee.waived_reason) == ("Phạm Hà", "Hộ nghèo")
    with pytest.raises(MoveRefused, match="đã được miễn"):
        fees.pay(fee, people.lan())


def test_nobody_settles_a_fee_of_another_office() -> None:
    fee = owing().fees.get()
    elsewhere = people.a_person("xa", Role.RECEPTION, people.another_province())
    with pytest.raises(MoveRefused, match="không thuộc cơ quan"):
        fees.pay(fee, elsewhere)


def test_the_table_itself_refuses_a_waiver_without_a_reason() -> None:
    fee = owing().fees.get()
    fee.waived_at = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        fee.save()


def test_a_result_is_not_handed_over_while_a_mandatory_fee_is_open() -> None:
    dossier = owing()
    with pytest.raises(MoveRefused, match="Lệ phí"):
        lifecycle.return_result(dossier, people.lan())
    assert Dossier.objects.get().state == State.COMPLETED
    fees.pay(dossier.fees.get(), people.lan())
    lifecycle.return_result(dossier, people.lan())
    assert Dossier.objects.get().state == State.RETURNED


def test_a_manager_may_hand_it_over_all_the_same_and_says_why() -> None:
    dossier = owing()
    with pytest.raises(InputRefused) as refused:
        lifecycle.return_result(dossier, people.ha())
    assert list(refused.value.fields) == ["despite_fees"]
    lifecycle.return_result(dossier, people.ha(), despite_fees="Nộp sau theo cam kết")
    assert dossier.transitions.latest("pk").facts["despite_fees"] == "Nộp sau theo cam kết"


def test_a_fee_that_is_not_mandatory_holds_nothing_back() -> None:
    dossier = owing(is_mandatory=False)
    lifecycle.return_result(dossier, people.lan())
    assert dossier.state == State.RETURNED


def test_a_waived_fee_is_not_paid_by_a_payment_that_comes_later() -> None:
    dossier = people.a_dossier(fees=[people.a_fee(5_000)])
    fees.waive(dossier.fees.get(), people.ha(), reason="Hộ nghèo")
    lifecycle.ask_payment(dossier, people.lan(), fees=[people.a_fee(7_000)])
    lifecycle.receive_payment(dossier, people.lan())
    assert [(fee.amount, fee.paid_at is None) for fee in dossier.fees.all()] == [(5_000, True), (7_000, False)]


# ---- opinions


def test_an_opinion_is_asked_and_answered_once() -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    due = timezone.now() + timedelta(days=3)
    opinion = opinions.ask(
        dossier, people.binh(), agency=people.department(), question=" Có hộ tịch gốc? ", due_at=due
    )
    assert (opinion.question, opinion.asked_by, opinion.answered_at) == ("Có hộ tịch gốc?", "Lê Bình", None)
    opinions.answer(opinion, people.minh(), text="Có, quyển 3.")
    opinion.refresh_from_db()
    assert (opinion.answer, opinion.answered_by) == ("Có, quyển 3.", "Trần Minh")
    with pytest.raises(MoveRefused, match="đã được trả lời"):
        opinions.answer(opinion, people.minh(), text="Lại nữa")
    dossier.refresh_from_db()
    assert dossier.state == State.IN_PROGRESS


def test_an_opinion_that_makes_no_sense_is_refused_by_field() -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    with pytest.raises(InputRefused) as refused:
        opinions.ask(dossier, people.binh(), agency=people.department(), question=" ", due_at=timezone.now())
    assert set(refused.value.fields) == {"question", "due_at"}
    assert not Opinion.objects.exists()


def test_only_who_works_on_it_asks_and_only_who_was_asked_answers() -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    later = timezone.now() + timedelta(days=1)
    for stranger in (people.lan(), people.minh(), people.thanh()):
        with pytest.raises(MoveRefused):
            opinions.ask(dossier, stranger, agency=people.department(), question="?", due_at=later)
    opinion = opinions.ask(dossier, people.binh(), agency=people.department(), question="?", due_at=later)
    with pytest.raises(MoveRefused, match="không hỏi cơ quan của bạn"):
        opinions.answer(opinion, people.thanh(), text="x")
    with pytest.raises(InputRefused, match="nội dung trả lời"):
        opinions.answer(opinion, people.minh(), text="")


def test_nobody_is_asked_about_a_dossier_that_has_ended() -> None:
    dossier = people.a_dossier_in(State.COMPLETED)
    with pytest.raises(MoveRefused, match="kết thúc"):
        opinions.ask(
            dossier,
            people.binh(),
            agency=people.department(),
            question="?",
            due_at=timezone.now() + timedelta(days=1),
        )


# ---- steps


def test_a_hand_over_may_give_the_step_a_time_limit() -> None:
    dossier = people.a_dossier()
    limit = timezone.now() + timedelta(hours=4)
    lifecycle.hand_over(dossier, people.lan(), officer=people.binh(), step_due=limit)
    move = dossier.transitions.last()
    assert move is not None
    assert datetime.fromisoformat(move.facts["step_due"]) == limit
    with pytest.raises(InputRefused) as refused:
        lifecycle.hand_over(dossier, people.ha(), officer=people.ha(), step_due=timezone.now())
    assert list(refused.value.fields) == ["step_due"]


# ---- supplements that never come


def waiting_for_five_days() -> Dossier:
    procedure = people.a_procedure(
        code="1.500001",
        limit=Decimal(10),
        after_supplement=Procedure.AfterSupplement.FIXED,
        supplement_days=5,
    )
    with time_machine.travel(at(2, 9), tick=False):
        dossier = people.a_dossier(procedure=procedure)
        lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu", papers=[Paper(name="Bản đồ")])
    return dossier


def lapses(moment: datetime) -> str:
    out = StringIO()
    with time_machine.travel(moment, tick=False):
        call_command("lapse_supplements", stdout=out)
    return out.getvalue()


def test_a_supplement_is_to_come_by_the_close_of_the_last_of_its_days() -> None:
    """Asked on Monday 2 March for five days: the fifth is Saturday, so the end of Monday 9 March."""
    assert waiting_for_five_days().supplements.get().respond_by == at(9, 17)


def test_one_that_never_comes_stops_the_dossier_with_the_system_as_actor() -> None:
    dossier = waiting_for_five_days()
    assert "0 hồ sơ" in lapses(at(9, 17))
    assert str(dossier) in lapses(at(9, 17, 1))
    dossier.refresh_from_db()
    assert dossier.state == State.STOPPED
    move = dossier.transitions.last()
    assert move is not None
    assert (move.actor, move.actor_name) == (None, dossier.unit.name)
    assert move.comment == "Quá hạn bổ sung 17:00 09/03/2026."
    assert "0 hồ sơ" in lapses(at(10, 8))


def test_one_that_comes_in_time_resumes_the_clock_and_lapses_no_more() -> None:
    dossier = waiting_for_five_days()
    with time_machine.travel(at(4, 9), tick=False):
        with pytest.raises(MoveRefused, match="Chưa quá hạn"):
            lifecycle.lapse(dossier)
        lifecycle.receive_supplement(dossier, people.lan())
    paper = dossier.papers.get()
    assert (paper.received_at, paper.received_by) == (at(4, 9), "Nguyễn Thị Lan")
    # Nothing of the ten days was used before the pause: they all run from 4 March.
    assert dossier.due_at == at(18, 9)
    assert "0 hồ sơ" in lapses(at(30, 8))


def test_a_procedure_that_restarts_never_lapses() -> None:
    dossier = people.a_dossier_in(State.AWAITING_SUPPLEMENT)
    assert "0 hồ sơ" in lapses(timezone.now() + timedelta(days=400))
    with pytest.raises(MoveRefused, match="không dừng hồ sơ"):
        lifecycle.lapse(dossier)


def test_a_procedure_that_lapses_says_after_how_many_days() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        people.a_procedure(code="1.500002", after_supplement=Procedure.AfterSupplement.FIXED)
