"""The counter's tablet: opened by staff, signed in by nobody, for the dossiers of its own agency."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.catalog.models import Agency
from onestop.staff.models import Role, User
from onestop.votes.ballot_pages.qr import MARGIN, QrPath
from onestop.votes.models import Ballot
from tests import people
from tests.votes.test_ballots import a_question_set

from .test_public import Inputs, filled

pytestmark = pytest.mark.django_db


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def start(agency: Agency | None = None) -> str:
    """The tablet's address, as staff of the agency read it."""
    person = people.lan() if agency is None else people.a_person(f"ở {agency.code}", Role.MANAGER, agency)
    address: str = as_(person).get(reverse("votes:kiosk")).context["address"]
    return address.removeprefix(settings.PUBLIC_URL)


def typed(code: str | None, at: str | None = None) -> Any:
    answer = Client().post(at or start(), {"code": code or ""})
    return answer


def refresh(answer: Any) -> tuple[int, str] | None:
    """After how many seconds the page leaves by itself, and whither."""
    found = re.search(r'<meta http-equiv="refresh" content="(\d+); url=([^"]+)">', answer.content.decode())
    return (int(found[1]), found[2]) if found else None


def links(answer: Any) -> set[str]:
    return set(re.findall(r'<a [^>]*href="([^"#]+)"', answer.content.decode()))


# ---- who opens it


@pytest.mark.parametrize(("person", "may"), [("lan", True), ("ha", True), ("binh", False), ("thanh", False)])
def test_reception_and_managers_open_it(person: str, may: bool) -> None:
    answer = as_(getattr(people, person)()).get(reverse("votes:kiosk"))
    assert answer.status_code == (200 if may else 403)


def test_who_belongs_to_no_agency_is_told_why_there_is_none() -> None:
    answer = as_(people.root()).get(reverse("votes:kiosk"))
    assert answer.status_code == 403
    assert "không thuộc cơ quan nào" in answer.content.decode()


def test_staff_see_the_address_as_text_and_as_a_code_to_scan() -> None:
    answer = as_(people.lan()).get(reverse("votes:kiosk"))
    page, address = answer.content.decode(), answer.context["address"]
    assert address.startswith(settings.PUBLIC_URL)
    assert f'href="{address}"' in page
    assert f'd="{QrPath.of(address).path}"' in page


def test_the_code_to_scan_has_its_three_corners_and_its_white_margin() -> None:
    side, path = QrPath.of("https://motcua.example.vn/danh-gia/quay/x/")
    dark = {(int(column), int(row)) for column, row in re.findall(r"M(\d+) (\d+)h1v1h-1z", path)}
    first, last = MARGIN, side - MARGIN - 1

    def is_corner(column: int, row: int) -> bool:
        """Whether the mark that readers look for, a dark square in a dark ring, begins here."""
        ring = {(x, y) for x in range(7) for y in range(7) if {x, y} & {0, 6} or {x, y} <= {2, 3, 4}}
        return {(x - column, y - row) for x, y in dark if 0 <= x - column < 7 and 0 <= y - row < 7} == ring

    corners = [(first, first), (last - 6, first), (first, last - 6), (last - 6, last - 6)]
    assert [is_corner(*corner) for corner in corners] == [True, True, True, False]
    assert {coordinate for module in dark for coordinate in module} <= set(range(first, last + 1))


# ---- from the code to the thanks


def test_a_citizen_types_the_code_rates_and_the_tablet_begins_anew() -> None:
    dossier, question_set, at = people.a_dossier(), a_question_set(), start()
    assert "Kính mời ông/bà đánh giá" in Client().get(at).content.decode()
    ballot = typed(dossier.code, at)["Location"]
    page = Client().get(ballot)
    assert Inputs(page.content.decode()).offered["q2"] == ["1", "2", "3"]
    assert refresh(page) == (180, at)
    assert links(page) == {at}
    thanks = Client().post(ballot, filled(question_set, 1, 2))["Location"]
    assert refresh(Client().get(thanks)) == (8, at)
    assert links(Client().get(thanks)) == {at}
    assert Ballot.objects.count() == 1


def test_the_start_leads_nowhere_and_has_no_script_and_stays() -> None:
    answer = Client().get(start())
    assert links(answer) == set()
    assert "script" not in Inputs(answer.content.decode()).tags
    assert refresh(answer) is None
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "written",
    ["{code}", "  {lower}  ", "{spaced}", "{token}", "http://127.0.0.1:8000/tra-cuu/{token}/", "/danh-gia/{token}/"],
)
def test_the_code_may_be_written_anyhow_and_a_receipt_may_be_scanned(written: str) -> None:
    dossier = people.a_dossier()
    code = str(dossier.code)
    text = written.format(code=code, lower=code.lower(), spaced=" ".join(code), token=dossier.token)
    answer = typed(text)
    assert answer.status_code == 302
    assert Client().get(answer["Location"]).status_code == 200


def test_the_tablet_does_not_give_away_the_receipt_s_token_to_who_guesses_a_code() -> None:
    dossier = people.a_dossier()
    a_question_set()
    answer = typed(dossier.code)
    assert dossier.token not in answer["Location"]
    assert dossier.token not in Client().get(answer["Location"]).content.decode()


def test_a_fault_in_the_ballot_keeps_the_tablet_s_frame() -> None:
    dossier, question_set, at = people.a_dossier(), a_question_set(), start()
    answer = Client().post(typed(dossier.code, at)["Location"], filled(question_set, 3))
    assert "Câu 2: Chưa trả lời" in answer.content.decode()
    assert refresh(answer) == (180, at)


def test_what_was_rated_already_says_so_and_the_tablet_begins_anew() -> None:
    dossier, question_set, at = people.a_dossier(), a_question_set(), start()
    ballot = typed(dossier.code, at)["Location"]
    Client().post(ballot, filled(question_set, 1, 1))
    answer = Client().get(ballot)
    assert "đã được đánh giá" in answer.content.decode()
    assert refresh(answer) == (8, at)


# ---- wrong codes


@pytest.mark.parametrize("wrong", ["H22.101-000000-0001", "không phải mã", "' OR 1=1", "/", "\t\n."])
def test_a_wrong_code_is_said_plainly_and_kept(wrong: str) -> None:
    people.a_dossier()
    answer = typed(wrong)
    assert answer.status_code == 200
    assert "Không tìm thấy hồ sơ này" in answer.content.decode()
    assert answer.context["form"]["code"].value() == wrong


@pytest.mark.parametrize("nothing", ["", "   ", "\0", "x" * 301])
def test_what_cannot_be_a_code_is_refused_with_words(nothing: str) -> None:
    people.a_registered_dossier()
    answer = typed(nothing)
    assert answer.status_code == 200
    assert answer.context["form"].errors["code"]


def test_only_dossiers_of_the_tablet_s_agency_and_below_are_found() -> None:
    a_question_set()
    below = people.a_dossier(agency=people.ward_desk())
    beside = people.a_dossier(agency=people.department(), by=people.root())
    test = people.a_dossier(is_test=True)
    found = {dossier.code: typed(dossier.code).status_code == 302 for dossier in (below, beside, test)}
    assert found == {below.code: True, beside.code: False, test.code: False}
    assert typed(beside.token).status_code == 200
    assert typed(beside.code, start(people.province())).status_code == 302


def test_a_pass_of_another_agency_s_dossier_opens_nothing_here() -> None:
    beside = people.a_dossier(agency=people.department(), by=people.root())
    ballot = typed(beside.code, start(people.department()))["Location"]
    one_time = ballot.rstrip("/").rpartition("/")[2]
    assert Client().get(f"{start()}phieu/{one_time}/").status_code == 404


# ---- the signature


@pytest.mark.parametrize("page", ["votes:kiosk-start", "votes:kiosk-thanks"])
def test_an_address_that_nobody_signed_is_not_there(page: str) -> None:
    for signed in ("quay", "MTk:1xVsAc:x", signing.dumps(people.ward().pk), signing.dumps("x", salt="khác")):
        assert Client().get(reverse(page, args=[signed])).status_code == 404


def test_the_address_holds_four_hundred_days_and_then_says_who_opens_it_anew() -> None:
    at = start()
    with time_machine.travel(timezone.now() + timedelta(days=399)):
        assert Client().get(at).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=401)):
        answer = Client().get(at)
    assert answer.status_code == 410
    assert "cần được mở lại" in answer.content.decode()


def test_an_agency_that_is_closed_has_no_tablet() -> None:
    at = start()
    Agency.objects.filter(pk=people.ward().pk).update(is_active=False)
    assert Client().get(at).status_code == 404


@pytest.mark.parametrize("wrong", ["x", None])
def test_an_old_or_forged_pass_begins_anew(wrong: str | None) -> None:
    dossier, at = people.a_dossier(), start()
    ballot = f"{at}phieu/{wrong}/" if wrong else typed(dossier.code, at)["Location"]
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        answer = Client().get(ballot)
    assert (answer.status_code, answer["Location"]) == (302, at)


# ---- too many


def test_codes_are_tried_so_often_a_minute_and_no_more_and_another_tablet_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(settings.RATES, "kiosk_code", "3/min")
    dossier, at, other = people.a_dossier(), start(), start(people.province())
    assert [typed("sai", at).status_code for _time in range(3)] == [200] * 3
    answer = typed(dossier.code, at)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert refresh(answer) == (8, at)
    assert typed(dossier.code, other).status_code == 302


def test_rates_are_generous_unless_set_otherwise() -> None:
    assert settings.RATES == {
        "sign_in": "10/min",
        "sign_in_account": "10/hour",
        "ballot": "60/min",
        "kiosk_code": "20/min",
        "token": "30/min",
        "look_up": "20/min",
        "look_up_code": "10/hour",
        "hall_screen": "120/min",
    }
