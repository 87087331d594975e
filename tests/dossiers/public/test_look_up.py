"""The page behind a receipt's QR code: for whoever holds the receipt, and about nobody."""

import pytest
from django.test import Client
from django.urls import reverse

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Paper, State
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def shown(dossier: Dossier) -> str:
    answer = Client().get(reverse("dossiers:look-up", args=[dossier.token]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_whoever_holds_the_receipt_sees_how_it_stands_without_signing_in() -> None:
    dossier = people.a_dossier()
    page = shown(dossier)
    assert dossier.code in page  # type: ignore[operator] # an accepted dossier has one
    assert "Được tiếp nhận" in page
    assert "Thủ tục đăng ký khai sinh" in page


@pytest.mark.parametrize("state", list(State))
def test_in_every_state_it_tells_nothing_about_a_person(state: State) -> None:
    personal = {
        "applicant_name": "Đặng Thị Én",
        "identity_no": "052190001234",
        "phone": "0905000111",
        "email": "en@example.vn",
        "address": "12 Hùng Vương",
        "summary": "Việc riêng",
        "birth_date": "1950-03-07",
        "submitter_name": "Đặng Văn Con",
        "submitter_capacity": "guardian",
        "submitter_identity_no": "052085570548",
        "submitter_phone": "0905000222",
        "submitter_authorisation": "Số 12/UQ",
    }
    quy_nhon = people.a_commune("21583", "Phường Quy Nhơn", "52 Tỉnh Gia Lai")
    page = shown(people.a_dossier_in(state, commune=quy_nhon, **personal))
    assert "Quy Nhơn" not in page
    assert "07/03/1950" not in page
    assert not [value for value in personal.values() if value in page]
    assert "Nguyễn Thị Lan" not in page


def test_it_says_what_to_bring_and_what_to_pay() -> None:
    dossier = people.a_dossier(fees=[people.a_fee(8_000)])
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu bản đồ", papers=[Paper(name="Trích lục bản đồ")])
    page = shown(dossier)
    assert "Thiếu bản đồ" in page
    assert "Trích lục bản đồ" in page
    assert "8.000" in page
    lifecycle.receive_supplement(dossier, people.lan())
    assert "Trích lục bản đồ" not in shown(dossier)


def test_a_wrong_token_or_a_test_dossier_is_not_there_and_nothing_is_kept_or_indexed() -> None:
    dossier = people.a_dossier()
    assert Client().get(reverse("dossiers:look-up", args=["x" * 22])).status_code == 404
    answer = Client().get(reverse("dossiers:look-up", args=[dossier.token]))
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"
    Dossier.objects.update(is_test=True)
    assert Client().get(reverse("dossiers:look-up", args=[dossier.token])).status_code == 404


# ---- the outcome


@pytest.mark.parametrize(
    ("state", "title", "reason"),
    [
        (State.REFUSED, "Hồ sơ không được tiếp nhận", "Không thuộc thẩm quyền"),
        (State.STOPPED, "Hồ sơ đã dừng xử lý, không có kết quả", "Người nộp đã mất"),
        (State.WITHDRAWN, "Hồ sơ đã được rút", "Công dân xin rút"),
    ],
)
def test_an_end_without_result_says_why_and_what_to_do_where(state: State, title: str, reason: str) -> None:
    page = shown(people.a_dossier_in(state))
    assert title in page
    assert reason in page
    assert f"Bộ phận Một cửa {people.ward().name}" in page


@pytest.mark.parametrize("returned", [False, True])
def test_a_denial_is_no_success_and_says_why_and_what_to_do(returned: bool) -> None:
    dossier = people.a_dossier()
    lifecycle.deny(dossier, people.ha(), comment="Không đủ điều kiện theo điều 16")
    if returned:
        lifecycle.return_result(dossier, people.lan())
    page = shown(dossier)
    assert "Hồ sơ bị từ chối giải quyết" in page
    assert "Không đủ điều kiện theo điều 16" in page
    assert "nộp lại tại Bộ phận Một cửa" in page
    assert "state-done" not in page
    assert ("khi đến nhận kết quả" in page) is not returned


def test_a_granted_request_says_so_and_what_to_bring() -> None:
    page = shown(people.a_dossier_in(State.COMPLETED))
    assert "Hồ sơ đã được giải quyết" in page
    assert "Mang theo giấy tiếp nhận" in page
    assert "state-done" in page
    assert "Mang theo giấy tiếp nhận" not in shown(people.a_dossier_in(State.RETURNED))
    assert "Hồ sơ đã được giải quyết" not in shown(people.a_dossier())
