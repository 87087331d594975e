"""A citizen without a receipt: the code and the end of the phone together, and nothing to be learned by guessing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.dossiers import lifecycle
from tests import people

pytestmark = pytest.mark.django_db

ASK = reverse("dossiers:ask")
NOTHING = "Không có hồ sơ nào với mã này"
WHOLE = "Vui lòng nhập đầy đủ số điện thoại"


def asked(code: str | None, phone_end: str, address: str = "10.0.0.1") -> Any:
    return Client().post(ASK, {"code": code or "", "phone_end": phone_end}, REMOTE_ADDR=address)


@pytest.mark.parametrize("phone", ["0912000111", "0912 000 111", "+84 912.000.111"])
def test_code_and_end_of_the_phone_tell_how_it_stands_and_nothing_of_a_person(phone: str) -> None:
    dossier = people.a_dossier(phone=phone, applicant_name="Đặng Văn Ước", identity_no="001199012345")
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu giấy chứng sinh")
    answer = asked(f" {(dossier.code or '').lower()} ", "0111")
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "Chờ bổ sung giấy tờ" in shown
    assert "Thiếu giấy chứng sinh" in shown
    for kept in ("Ước", "001199012345", phone, dossier.token):
        assert kept not in shown
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]


def test_whoever_lacks_one_of_both_learns_nothing_not_even_whether_there_is_such_a_code() -> None:
    dossier = people.a_dossier(phone="0912000111")
    without = people.a_dossier(phone="")
    test = people.a_dossier(phone="0912000111", is_test=True)
    answers = [
        asked(code, end, f"10.0.1.{number}").content.decode()
        for number, (code, end) in enumerate(
            [(dossier.code, "0112"), ("H22.101.00-260101-0099", "0111"), (without.code, "0000"), (test.code, "0111")]
        )
    ]
    assert all(NOTHING in answer for answer in answers)
    assert all("Được tiếp nhận" not in answer for answer in answers)


@pytest.mark.parametrize("end", ["", "111", "01111", "a111", "０１１１"])
def test_anything_but_four_digits_or_a_whole_number_is_refused_by_its_field(end: str) -> None:
    answer = asked(people.a_dossier(phone="0912000111").code, end)
    assert "phone_end" in answer.context["form"].errors


def test_the_four_digits_cannot_be_tried_through_from_many_addresses() -> None:
    dossier = people.a_dossier(phone="0912000111")
    tries = [asked(dossier.code, f"{number:04}", f"10.0.{number}.1").content.decode() for number in range(12)]
    assert [NOTHING in answer for answer in tries] == [True] * 10 + [False] * 2
    assert all(WHOLE in answer for answer in tries[10:])
    # Not even the right ones, for a while.
    assert WHOLE in asked(dossier.code, "0111", "10.9.9.9").content.decode()


@pytest.mark.parametrize("typed", ["0912000111", "0912 000 111", "+84 912.000.111"])
def test_what_strangers_try_shuts_no_citizen_out(typed: str) -> None:
    dossier = people.a_dossier(phone="0912000111")
    for number in range(12):
        asked(dossier.code, f"{number:04}", f"10.0.{number}.1")
    assert "Được tiếp nhận" in asked(dossier.code, typed, "10.9.9.9").content.decode()
    # And whether there is such a code shows no more than before.
    nothing = [asked("H22.101.00-260101-0099", f"{number:04}", f"10.1.{number}.1") for number in range(11)]
    assert WHOLE in nothing[-1].content.decode()
    assert NOTHING in asked(dossier.code, "0912000112", "10.9.9.9").content.decode()


def test_who_knows_both_may_look_as_often_as_they_like() -> None:
    dossier = people.a_dossier(phone="0912000111")
    shown = [asked(dossier.code, "0111", f"10.0.{number}.1").content.decode() for number in range(15)]
    assert all("Được tiếp nhận" in page for page in shown)


def test_one_address_cannot_try_many_codes() -> None:
    # On a slow machine the reserve would fill up again meanwhile.
    with time_machine.travel(timezone.now(), tick=False):
        tries = [asked(f"H22.101.00-260101-{number:04}", "0111").status_code for number in range(22)]
    assert tries == [200] * 20 + [429] * 2


def test_both_ways_in_lead_to_the_ballot_and_only_the_receipt_by_its_token() -> None:
    dossier = people.a_dossier(phone="0912000111")
    by_receipt = Client().get(reverse("dossiers:look-up", args=[dossier.token])).content.decode()
    assert reverse("votes:rate", args=[dossier.token]) in by_receipt
    by_code = asked(dossier.code, "0111").content.decode()
    assert dossier.token not in by_code
    found = re.search(r'href="(/danh-gia/luot/[^"]+)"', by_code)
    assert found is not None
    assert "không có đợt lấy ý kiến" in Client().get(found[1]).content.decode()
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert Client().get(found[1])["Location"] == ASK
    assert Client().get("/danh-gia/luot/abc/")["Location"] == ASK
    assert Client().get("/danh-gia/luot/abc/cam-on/")["Location"] == ASK


def test_the_way_there_is_on_the_page_where_staff_sign_in() -> None:
    assert f'href="{ASK}"' in Client().get(reverse("sign-in")).content.decode()
    assert Client().get(ASK).status_code == 200
