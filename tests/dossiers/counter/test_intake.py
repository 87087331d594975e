"""The form of the counter: what it keeps, and what it takes from nobody."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from onestop.dossiers.models import Dossier, State
from onestop.staff.models import Role, User
from tests import people
from tests.dossiers.desk_pages import as_, at, page, receive

pytestmark = pytest.mark.django_db


def test_the_counter_says_the_due_instant_beforehand() -> None:
    with time_machine.travel(at(2, 9), tick=False):
        shown = page(as_(people.lan()), reverse("dossiers:receive", args=[people.a_procedure().code]))
    assert "hẹn trả <strong>04/03/2026 09:00</strong>" in shown
    endless = people.a_procedure(code="9", limit=None, limit_unit="")
    assert "không có ngày hẹn trả" in page(as_(people.lan()), reverse("dossiers:receive", args=[endless.code]))


def test_an_intake_keeps_papers_fees_and_files() -> None:
    procedure = people.a_procedure_with_papers_and_fees()
    first, second = procedure.papers.all()
    fee, online, by_text = procedure.fees.all()
    answer = receive(
        procedure,
        **{
            f"paper-{first.pk}-given": "on",
            f"paper-{first.pk}-quantity": "3",
            f"paper-{second.pk}-quantity": "2",
            f"fee-{fee.pk}-charged": "on",
            f"fee-{fee.pk}-amount": "200000",
            f"fee-{fee.pk}-paid": "on",
            f"fee-{fee.pk}-receipt_no": "BL 01",
            f"fee-{online.pk}-charged": "on",
            f"fee-{online.pk}-amount": "100000",
            f"fee-{by_text.pk}-charged": "on",
            f"fee-{by_text.pk}-amount": "35000",
            "uploads": [people.a_file("đơn.pdf"), people.a_file("ảnh.png", people.PNG)],
        },
    )
    dossier = Dossier.objects.get()
    assert answer.redirect_chain == [(f"{reverse('dossiers:received', args=[dossier.uuid])}#print", 302)]
    shown = answer.content.decode()
    assert "Đã tiếp nhận hồ sơ" in shown
    assert dossier.code is not None
    assert dossier.code in shown
    assert dossier.applicant_name == "Đặng Văn Ước 👶"
    assert (dossier.state, dossier.agency, dossier.unit) == (State.ACCEPTED, people.ward(), people.ward())
    paper = dossier.papers.get()
    assert (paper.procedure_paper, paper.quantity, paper.received_at) == (first, 3, dossier.accepted_at)
    # The fee of the other way in is not charged.
    assert [(f.amount, f.phase, f.receipt_no, f.paid_at) for f in dossier.fees.all()] == [
        (200_000, 1, "BL 01", dossier.accepted_at),
        (35_000, 3, "", None),
    ]
    assert [attachment.name for attachment in dossier.attachments.all()] == ["đơn.pdf", "ảnh.png"]


def test_the_same_form_sent_twice_is_one_dossier() -> None:
    same = str(uuid.uuid4())
    receive(people.a_procedure(), uuid=same)
    answer = receive(people.a_procedure(), uuid=same)
    assert Dossier.objects.count() == 1
    assert "không tạo thêm" in answer.content.decode()


def test_turning_away_needs_a_reason_and_keeps_what_was_asked() -> None:
    answer = receive(people.a_procedure(), refuse="")
    assert "Cần ghi rõ lý do" in answer.content.decode()
    assert not Dossier.objects.exists()
    receive(people.a_procedure(), refuse="", comment="Không thuộc thẩm quyền")
    dossier = Dossier.objects.get()
    assert (dossier.state, dossier.code) == (State.REFUSED, None)
    assert dossier.transitions.latest("pk").comment == "Không thuộc thẩm quyền"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("applicant_name", ""),
        ("applicant_name", "a" * 501),
        ("applicant_name", "a\x00b"),
        ("identity_no", "1" * 31),
        ("phone", "1" * 31),
        ("email", "không phải thư"),
        ("address", "a" * 1001),
        ("summary", "a" * 1001),
        ("channel", "bồ câu"),
        ("return_method", ""),
        ("agency", "0"),
        ("uuid", "không"),
        ("uploads", [SimpleUploadedFile("thư.exe", b"MZ"), SimpleUploadedFile("đơn.pdf", b"MZ")]),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(field: str, value: Any) -> None:
    answer = receive(people.a_procedure(), **{field: value})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not Dossier.objects.exists()


def test_a_bad_file_is_said_by_its_name_and_the_typed_text_stays() -> None:
    files = [SimpleUploadedFile("thư.exe", b"MZ"), SimpleUploadedFile("đơn.pdf", b"MZ"), people.a_file()]
    shown = receive(people.a_procedure(), uploads=files, summary="Khai sinh cho con 😀").content.decode()
    assert "“thư.exe”: chỉ nhận" in shown
    assert "“đơn.pdf” không đúng" in shown
    assert "Khai sinh cho con 😀" in shown
    assert "Đặng Văn Ước 👶" in shown


def test_a_fee_known_only_by_its_text_must_be_typed_to_be_charged() -> None:
    procedure = people.a_procedure_with_papers_and_fees()
    fee = procedure.fees.get(amount=None)
    shown = receive(procedure, **{f"fee-{fee.pk}-paid": "on"}).content.decode()
    assert "Ghi số tiền phải thu" in shown
    assert not Dossier.objects.exists()


def test_the_only_fee_is_charged_unless_unticked_but_of_several_none_is() -> None:
    several = as_(people.lan()).get(reverse("dossiers:receive", args=[people.a_procedure_with_papers_and_fees().code]))
    assert [line["charged"].value() for line in several.context["intake"].fees] == [False, False, False]
    one = people.a_procedure()
    one.fees.create(ordinal=1, name="Lệ phí", amount=8_000)
    alone = as_(people.lan()).get(reverse("dossiers:receive", args=[one.code]))
    assert [line["charged"].value() for line in alone.context["intake"].fees] == [True]


def test_an_office_without_others_below_is_not_asked_which_one_receives() -> None:
    def tam() -> User:
        return people.a_person("tam", Role.RECEPTION, people.ward_desk())

    receive(people.a_procedure(), tam, agency=str(people.province().pk))
    assert Dossier.objects.get().agency == people.ward_desk()


def test_a_superuser_without_an_office_chooses_any() -> None:
    address = reverse("dossiers:receive", args=[people.a_procedure().code])
    assert "theo lịch của cơ quan được chọn" in page(as_(people.root()), address)
    receive(people.a_procedure(), people.root, agency=str(people.ward().pk))
    assert Dossier.objects.get().agency == people.ward()


def test_nobody_receives_for_an_office_that_is_not_theirs() -> None:
    answer = receive(people.a_procedure(), agency=str(people.province().pk))
    assert "agency" in answer.context["form"].errors
    assert not Dossier.objects.exists()


def test_a_procedure_no_longer_in_force_has_no_counter() -> None:
    gone = people.a_procedure(is_active=False)
    assert as_(people.lan()).get(reverse("dossiers:receive", args=[gone.code])).status_code == 404
    assert as_(people.lan()).get("/dossiers/receive/%00/").status_code == 404
