"""The page of every move: what is typed there reaches the dossier, or is refused at its field."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.desk.move_forms import MOVE_FORMS
from onestop.dossiers.models import DueDate, Fee, Move, State
from tests import people
from tests.dossiers.desk_pages import as_, detail_of, move_page, page

pytestmark = pytest.mark.django_db


# What a person types for each move, and from where, beside what stands there already.
MADE_FROM: dict[Move, tuple[State, dict[str, Any]]] = {
    Move.ACCEPT: (State.REGISTERED, {}),
    Move.REFUSE: (State.REGISTERED, {"comment": "Sai nơi"}),
    Move.ASK_SUPPLEMENT: (
        State.ACCEPTED,
        {"comment": "Thiếu", "papers": "Giấy A\n\n  Giấy B \n", "respond_on": "2035-01-05"},
    ),
    Move.RECEIVE_SUPPLEMENT: (State.AWAITING_SUPPLEMENT, {"complete": "on"}),
    Move.ASK_PAYMENT: (State.ACCEPTED, {"name": "Thuế trước bạ", "amount": "1500000"}),
    Move.RECEIVE_PAYMENT: (State.AWAITING_PAYMENT, {"method": "transfer", "receipt_no": "BL 7"}),
    Move.START: (State.ACCEPTED, {}),
    Move.APPROVE: (State.IN_PROGRESS, {}),
    Move.DENY: (State.IN_PROGRESS, {"comment": "Sai mẫu"}),
    Move.RETURN_RESULT: (State.COMPLETED, {"return_method": "post", "comment": "Gửi bưu điện"}),
    Move.HAND_OVER: (State.ACCEPTED, {"comment": "Nhờ xác minh"}),
    Move.AMEND: (
        State.ACCEPTED,
        {
            "applicant_kind": "citizen",
            "applicant_name": "Đặng Văn Ước",
            "phone": "0912000222",
            "return_method": "direct",
        },
    ),
    Move.EXTEND: (State.ACCEPTED, {"due_at": "2035-01-05T16:30", "comment": "Xin lỗi"}),
    Move.WITHDRAW: (State.ACCEPTED, {"comment": "Xin rút"}),
    Move.STOP: (State.ACCEPTED, {"comment": "Dừng"}),
    Move.REOPEN: (State.RETURNED, {"comment": "Trả nhầm"}),
    Move.POSTPONE: (State.ACCEPTED, {"comment": "Nghỉ bão"}),
    Move.CORRECT_TIME: (State.ACCEPTED, {"to": "2026-01-05T08:00", "comment": "Ghi nhầm"}),
}


def typed_for(move: Move) -> dict[str, Any]:
    """With whom the move is about, who is in the database only when a test runs."""
    fields = dict(MADE_FROM[move][1])
    if move == Move.HAND_OVER:
        fields["unit"] = str(people.department().pk)
    if move in (Move.APPROVE, Move.DENY):
        fields["approver"] = str(people.ha().pk)
    if move == Move.RECEIVE_PAYMENT:
        fields["paid"] = [str(pk) for pk in Fee.objects.open().values_list("pk", flat=True)]
    return fields


def test_every_move_that_can_be_made_on_a_dossier_has_its_form() -> None:
    assert set(MOVE_FORMS) == set(Move) - {Move.REGISTER, Move.UNDO} == set(MADE_FROM)


@pytest.mark.parametrize("move", MADE_FROM)
def test_a_move_is_shown_made_and_confirmed(move: Move) -> None:
    dossier, client = people.a_dossier_in(MADE_FROM[move][0]), as_(people.ha())
    fields = typed_for(move)
    if move == Move.POSTPONE:
        people.on_a_day_off(dossier)
    if move == Move.CORRECT_TIME:
        fields["step"] = str(dossier.transitions.latest("pk").pk)
    shown = page(client, move_page(dossier, move))
    assert str(MOVE_FORMS[move][1]) in shown
    answer = client.post(move_page(dossier, move), fields, follow=True)
    assert answer.redirect_chain == [(detail_of(dossier), 302)]
    dossier.refresh_from_db()
    last = dossier.transitions.latest("pk")
    assert (last.move, last.actor, last.comment) == (move, people.ha(), fields.get("comment", ""))
    name = dossier.code or dossier.applicant_name
    assert f"Hồ sơ {name}: đã ghi nhận “{move.label}”." in answer.content.decode()


def test_what_is_typed_for_a_move_reaches_the_dossier() -> None:
    client = as_(people.ha())
    dossier = people.a_dossier()

    def make(move: Move, **fields: Any) -> None:
        assert client.post(move_page(dossier, move), {**typed_for(move), **fields}).status_code == 302
        dossier.refresh_from_db()

    make(Move.ASK_SUPPLEMENT)
    assert [paper.name for paper in dossier.supplements.get().papers.all()] == ["Giấy A", "Giấy B"]
    assert timezone.localtime(dossier.supplements.get().respond_by) == datetime(2035, 1, 5, 17, tzinfo=VIETNAM)
    awaited = [str(paper.pk) for paper in dossier.papers.all()]
    make(Move.RECEIVE_SUPPLEMENT, papers=awaited, uploads=[people.a_file("bổ sung.pdf")])
    make(Move.ASK_PAYMENT)
    assert dossier.fees.get().amount == 1_500_000
    make(Move.RECEIVE_PAYMENT)
    assert (dossier.fees.get().method, dossier.fees.get().receipt_no) == (Fee.Method.TRANSFER, "BL 7")
    make(Move.EXTEND)
    assert dossier.due_at == datetime(2035, 1, 5, 16, 30, tzinfo=VIETNAM)
    assert dossier.due_dates.filter(why=DueDate.Why.EXTENSION).count() == 1
    make(Move.HAND_OVER, unit="", officer=str(people.binh().pk))
    assert dossier.officer == people.binh()
    make(Move.APPROVE, uploads=[people.a_file("kết quả.pdf")])
    assert (dossier.approver_name, dossier.approver_position) == ("Phạm Hà", "Chủ tịch")
    make(Move.RETURN_RESULT)
    assert (dossier.return_method, dossier.return_note) == ("post", "Gửi bưu điện")
    assert [(file.name, file.phase) for file in dossier.attachments.all()] == [("bổ sung.pdf", 2), ("kết quả.pdf", 3)]


@pytest.mark.parametrize(
    ("move", "field", "value"),
    [
        (Move.STOP, "comment", "  "),
        (Move.STOP, "comment", "a" * 4001),
        (Move.STOP, "comment", "a\x00b"),
        (Move.ASK_PAYMENT, "amount", "0"),
        (Move.ASK_PAYMENT, "amount", "2147483648"),
        (Move.ASK_PAYMENT, "amount", "nhiều"),
        (Move.ASK_PAYMENT, "name", "a" * 501),
        (Move.RECEIVE_PAYMENT, "receipt_no", "1" * 51),
        (Move.RECEIVE_PAYMENT, "method", "vàng"),
        (Move.APPROVE, "approver", ""),
        (Move.APPROVE, "approver", "Phạm Hà"),
        (Move.APPROVE, "comment", "a" * 1001),
        (Move.APPROVE, "uploads", [SimpleUploadedFile("thư.exe", b"MZ")]),
        (Move.EXTEND, "due_at", "2001-01-01T10:00"),
        (Move.EXTEND, "due_at", "0001-01-01T00:00"),
        (Move.EXTEND, "due_at", "mai"),
        (Move.AMEND, "applicant_name", " "),
        (Move.AMEND, "email", "không phải thư"),
        (Move.AMEND, "return_method", "bồ câu"),
        (Move.AMEND, "uploads", [SimpleUploadedFile("thư.exe", b"MZ")]),
        (Move.HAND_OVER, "officer", "0"),
        (Move.HAND_OVER, "unit", "9" * 40),
    ],
)
def test_what_a_move_cannot_take_is_said_at_its_field_and_nothing_happens(move: Move, field: str, value: Any) -> None:
    state, fields = MADE_FROM[move][0], typed_for(move)
    dossier = people.a_dossier_in(state)
    count = dossier.transitions.count()
    answer = as_(people.ha()).post(move_page(dossier, move), {**fields, field: value})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert dossier.transitions.count() == count


def test_an_extension_to_the_end_of_time_breaks_nothing() -> None:
    dossier = people.a_dossier()
    answer = as_(people.ha()).post(
        move_page(dossier, Move.EXTEND), {"due_at": "9999-12-31T23:59", "comment": "Xin lỗi"}, follow=True
    )
    assert answer.status_code == 200


def test_nothing_is_handed_over_to_another_province() -> None:
    dossier = people.a_dossier()
    fields = {"unit": str(people.another_province().pk)}
    answer = as_(people.lan()).post(move_page(dossier, Move.HAND_OVER), fields)
    assert "unit" in answer.context["form"].errors


def test_what_lifecycle_says_of_no_field_stands_at_the_top_and_the_text_stays() -> None:
    dossier = people.a_dossier()
    fields = {"unit": str(people.ward().pk), "comment": "Giữ lại chữ này 😀"}
    shown = as_(people.lan()).post(move_page(dossier, Move.HAND_OVER), fields).content.decode()
    assert "Hồ sơ đang ở đúng đơn vị và cán bộ đó" in shown
    assert "Giữ lại chữ này 😀" in shown


def test_who_comes_second_is_told_who_was_faster() -> None:
    dossier = people.a_dossier()
    client = as_(people.binh())
    page(client, move_page(dossier, Move.APPROVE))
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        lifecycle.withdraw(dossier, people.lan(), comment="Xin rút")
        shown = client.post(
            move_page(dossier, Move.APPROVE), {"approver": people.binh().pk, "comment": "Chữ đã gõ"}
        ).content.decode()
        when = timezone.localtime().strftime("%d/%m/%Y %H:%M")
    assert "không thể thực hiện “duyệt kết quả”" in shown
    assert f"Nguyễn Thị Lan đã ghi “công dân rút hồ sơ” trước, lúc {when}" in shown
    assert "Chữ đã gõ" in shown
    assert dossier.transitions.filter(move=Move.APPROVE).count() == 0


@pytest.mark.parametrize("person", [people.thanh, people.tu])
@pytest.mark.parametrize("move", MADE_FROM)
def test_auditors_and_operators_read_only(move: Move, person: Any) -> None:
    state, fields = MADE_FROM[move][0], typed_for(move)
    dossier, client = people.a_dossier_in(state), as_(person())
    count = dossier.transitions.count()
    assert dossier.applicant_name in page(client, detail_of(dossier))
    assert client.get(move_page(dossier, move)).status_code == 302
    answer = client.post(move_page(dossier, move), fields)
    assert answer.status_code == 200
    assert dossier.transitions.count() == count


@pytest.mark.parametrize("name", ["register", "delete", "sees", "_done"])
def test_only_moves_have_pages(name: str) -> None:
    dossier = people.a_dossier()
    assert as_(people.root()).post(f"{detail_of(dossier)}{name}/").status_code == 404
