"""Who comes in, and what the header and the admin open to whom."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from onestop.catalog.models import Agency
from onestop.staff.models import Role, User
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_lan_signs_in_with_her_password_and_comes_to_her_dossiers() -> None:
    people.lan()
    answer = Client().post(reverse("sign-in"), {"username": "lan", "password": people.PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Nguyễn Thị Lan" in answer.content.decode()
    assert "UBND phường Trần Phú" in answer.content.decode()


def test_lan_comes_back_to_the_page_she_wanted() -> None:
    people.lan()
    wanted = Client().get("/dossiers/receive/")["Location"]
    answer = Client().post(wanted, {"username": "lan", "password": people.PASSWORD, "next": "/dossiers/receive/"})
    assert answer["Location"] == "/dossiers/receive/"


def test_nobody_is_sent_to_another_site_after_signing_in() -> None:
    people.lan()
    fields = {"username": "lan", "password": people.PASSWORD, "next": "https://example.com/"}
    assert Client().post(reverse("sign-in"), fields)["Location"] == "/"


@pytest.mark.parametrize(
    ("username", "password"), [("lan", "sai"), ("ai đó", people.PASSWORD), ("\x00", "x"), ("", "")]
)
def test_a_wrong_name_or_password_says_so_and_shows_nothing_else(username: str, password: str) -> None:
    people.lan()
    shown = Client().post(reverse("sign-in"), {"username": username, "password": password}).content.decode()
    assert 'id="faults"' in shown
    # Where citizens ask is the one way on for who is not signed in.
    assert 'href="/' not in shown.replace('href="/static/', "").replace('href="/tra-cuu/"', "")
    assert "Nguyễn" not in shown


def test_who_left_does_not_come_in() -> None:
    lan = people.lan()
    lan.is_active = False
    lan.save()
    answer = Client().post(reverse("sign-in"), {"username": "lan", "password": people.PASSWORD})
    assert answer.status_code == 200


def test_signing_out_takes_a_post_and_ends_the_session() -> None:
    client = as_(people.lan())
    assert client.get(reverse("sign-out")).status_code == 405
    assert client.post(reverse("sign-out"))["Location"] == reverse("sign-in", query={"signed-out": "1"})
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("username", "role", "administers", "django", "counter"),
    [
        ("reception", Role.RECEPTION, False, False, True),
        ("officer", Role.OFFICER, False, False, False),
        ("manager", Role.MANAGER, True, True, True),
        ("operator", Role.OPERATOR, True, True, False),
        ("auditor", Role.AUDITOR, False, False, False),
        ("administrator", Role.ADMINISTRATOR, True, False, False),
    ],
)
def test_the_header_offers_what_the_role_opens(
    username: str, role: Role, administers: bool, django: bool, counter: bool
) -> None:
    client = as_(people.a_person(username, role, people.ward()))
    shown = client.get("/").content.decode()
    assert (f'href="{reverse("administration")}"' in shown) == administers
    page = client.get(reverse("administration"))
    assert (page.status_code == 200) == administers
    assert (f'href="{reverse("admin:index")}"' in page.content.decode()) == django
    assert (client.get(reverse("admin:index")).status_code == 200) == django
    assert (f'<a href="{reverse("dossiers:procedure-search")}"' in shown) == counter


def test_each_sees_their_agency_and_those_below_it() -> None:
    everything = {people.province(), people.department(), people.ward(), people.ward_desk(), people.another_province()}
    assert set(people.lan().agencies) == {people.ward(), people.ward_desk()}
    assert set(people.tu().agencies) == everything - {people.another_province()}
    assert set(people.root().agencies) == everything


def test_an_agency_whose_code_begins_alike_is_not_below() -> None:
    people.an_agency("H22.1", "Sở khác", people.province(), Agency.Level.PROVINCE)
    assert set(people.lan().agencies) == {people.ward()}


def test_staff_without_an_agency_are_not_kept() -> None:
    with pytest.raises(ValidationError, match="phải thuộc một cơ quan"):
        User(username="ai", full_name="Ai", password="x").full_clean()
    with pytest.raises(IntegrityError):
        User(username="ai", full_name="Ai").save()


def test_a_page_that_is_not_there_says_what_to_do() -> None:
    answer = as_(people.lan()).get("/không-có/")
    assert answer.status_code == 404
    assert "Không tìm thấy trang này" in answer.content.decode()


def test_a_form_from_an_old_session_says_what_to_do() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.lan())
    answer = client.post(reverse("sign-out"))
    assert answer.status_code == 403
    assert "Biểu mẫu đã hết hạn" in answer.content.decode()


def test_what_is_too_long_to_take_says_what_to_do() -> None:
    answer = Client().post(reverse("sign-in"), {"username": "a" * 3_000_000})
    assert answer.status_code == 413
    assert "nhận tối đa 2 MB" in answer.content.decode()


def test_what_is_broken_on_its_way_says_what_to_do() -> None:
    answer = Client().post(reverse("sign-in"), {f"field{number}": "" for number in range(2001)})
    assert answer.status_code == 400
    assert "rút ngắn nội dung" in answer.content.decode()


def test_an_error_of_ours_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: User) -> None:
        raise RuntimeError

    client = as_(people.lan())
    client.raise_request_exception = False
    monkeypatch.setattr(User, "agencies", property(broken))
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Hệ thống gặp lỗi" in answer.content.decode()
