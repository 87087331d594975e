"""The people of the demo office who sign in, and dossiers of their ward."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from onestop.catalog.models import Agency, Commune, Phase, Procedure
from onestop.dossiers import lifecycle, notes, opinions
from onestop.dossiers.models import Dossier, Fee, Paper, State
from onestop.staff.models import User
from tests import people

# One of each role: reception, officer and manager at the ward; operator, auditor and administrator of the province;
# the superuser.
STAFF = ("lan", "minh", "ha", "tuan", "vy", "hoa", "admin")
WARD = "H21.101"
PROCEDURE = "1.001612"
LONG_TEXT = "Công ty trách nhiệm hữu hạn một thành viên Tư vấn – Thiết kế – Xây dựng và Thương mại Nghiêng Ngả " * 50
# Each has three accepted dossiers: for walking a list, and for moving many at once.
OF_THREE = ("Hồ Thị Danh Sách", "Hồ Thị Cùng Lúc", "Hồ Thị Hàng Loạt")


def person(username: str) -> User:
    return User.objects.get(username=username)


def ward() -> Agency:
    return Agency.objects.get(code=WARD)


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


def a_dossier_in(state: State, **traits: Any) -> Dossier:
    """Of the ward, brought into `state` by the shortest way of real moves."""
    lan, ha = person("lan"), person("ha")
    procedure = Procedure.objects.get(code=PROCEDURE)
    dossier = people.a_new_dossier(**{"agency": ward(), "procedure": procedure, **traits})
    if state in (State.REGISTERED, State.REFUSED):
        lifecycle.register(dossier, lan)
        if state == State.REFUSED:
            lifecycle.refuse(dossier, lan, comment="Không thuộc thẩm quyền")
        return dossier
    lifecycle.receive(dossier, lan)
    match state:
        case State.IN_PROGRESS:
            lifecycle.start(dossier, ha)
        case State.AWAITING_SUPPLEMENT:
            missing = Paper(name="Tờ khai theo mẫu", phase=Phase.SUPPLEMENT)
            lifecycle.ask_supplement(dossier, lan, comment="Thiếu tờ khai", papers=[missing])
        case State.AWAITING_PAYMENT:
            lifecycle.ask_payment(dossier, lan, fees=[people.a_fee()])
        case State.WITHDRAWN:
            lifecycle.withdraw(dossier, lan, comment="Công dân xin rút")
        case State.STOPPED:
            lifecycle.stop(dossier, ha, comment="Người nộp đã mất")
        case State.COMPLETED | State.RETURNED:
            lifecycle.approve(dossier, ha, comment="Đủ điều kiện")
    if state == State.RETURNED:
        lifecycle.return_result(dossier, lan)
    return dossier


def a_long_dossier(state: State) -> Dossier:
    """In `state`, with texts as long as they may be, one of them without a blank; made once."""
    ha, name = person("ha"), LONG_TEXT[:500]
    found = Dossier.objects.filter(applicant_name=name.strip(), state=state).first()
    if found is not None:
        return found
    dossier = a_dossier_in(
        state,
        applicant_name=name,
        phone="0905000111; 0905000222",
        email=f"{'a' * 60}@{'b' * 60}.example.vn",
        address=LONG_TEXT[:1000],
        submitter_name=LONG_TEXT[:500],
        submitter_capacity="authorised",
        submitter_authorisation=LONG_TEXT[:200],
        summary=("https://example.vn/" + "x" * 981),
        applicant_note=LONG_TEXT[:1000],
    )
    dossier.fees.add(Fee(name=LONG_TEXT[:500], amount=1_234_567_890, demanded_at=timezone.now()), bulk=False)
    dossier.papers.add(Paper(name=LONG_TEXT[:1000], quantity=999, received_at=timezone.now()), bulk=False)
    if dossier.finished_at is None and dossier.accepted_at is not None:
        opinions.ask(dossier, ha, agency=ward(), question=LONG_TEXT[:4000], due_at=in_days(2))
        lifecycle.hand_over(dossier, ha, officer=person("minh"), comment=LONG_TEXT[:4000])
        notes.write(dossier, ha, text=LONG_TEXT[:4000])
    return dossier


def a_rich_dossier() -> Dossier:
    """With everything that the page of a dossier can show; made once."""
    name, ha = "Đặng Thị Én", person("ha")
    found = Dossier.objects.filter(applicant_name=name).first()
    if found is not None:
        return found
    dossier = a_dossier_in(
        State.AWAITING_SUPPLEMENT,
        applicant_name=name,
        phone="0905000111",
        email="en@example.vn",
        address="12 Hùng Vương",
        birth_date="1950-03-07",
        commune=Commune.objects.get(name="Phường Quy Nhơn"),
        submitter_name="Đặng Văn Con",
        submitter_capacity="relative",
        submitter_identity_no="052085570548",
        submitter_phone="0905000222",
        submitter_authorisation="Số 12, ngày 01/03/2026",
        summary="Mở quán cà phê",
    )
    lifecycle.receive_supplement(dossier, ha, files=[people.a_file()], comment="Đủ giấy tờ")
    dossier.fees.add(Fee(name="Lệ phí", amount=100_000, demanded_at=timezone.now()), bulk=False)
    lifecycle.start(dossier, ha)
    lifecycle.hand_over(dossier, ha, officer=person("minh"))
    question = "Địa điểm có phù hợp với quy hoạch không?"
    opinions.ask(dossier, ha, agency=ward(), question=question, due_at=in_days(2))
    notes.write(dossier, ha, text="Đề nghị hỏi lại Phòng Kinh tế trước khi trình ký.")
    return dossier
