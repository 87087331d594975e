"""The page of one's own account: what is on it, what one changes there, and where one is signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from onestop.staff.models import StaffSession, User
from onestop.staff.own.devices import device_in_words
from tests import people

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
COC_COC = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/120 Chrome/114"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604"


def signed_in(person: User, agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    answer = client.post(reverse("sign-in"), {"username": person.username, "password": people.PASSWORD})
    assert answer.status_code == 302
    return client


def page(client: Client) -> str:
    answer = client.get(reverse("own-page"))
    assert answer.status_code == 200
    return answer.content.decode()


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


@pytest.mark.parametrize("who", [people.lan, people.minh, people.ha, people.tu, people.thanh, people.nga, people.root])
def test_everybody_has_the_page_and_the_header_leads_to_it(who: Callable[[], User]) -> None:
    client = signed_in(who())
    assert f'href="{reverse("own-page")}"' in client.get("/").content.decode()
    assert who().full_name in page(client)


def test_name_and_position_are_shown_with_whom_to_ask_for_a_change() -> None:
    people.phuc(), people.nga()
    shown = page(signed_in(people.lan()))
    assert "Công chức một cửa" in shown
    assert shown.index("Hồ Thị Nga") < shown.index("Ngô Phúc")
    assert "quản trị hệ thống" not in shown
    User.objects.filter(role="admin").update(is_active=False)
    assert "vui lòng liên hệ quản trị hệ thống" in page(signed_in(people.lan()))


def test_what_is_one_s_own_is_changed_and_nothing_else() -> None:
    client = signed_in(people.lan())
    fields = {"email": "lan@example.vn", "full_name": "Khác", "role": "admin", "is_superuser": "on"}
    assert client.post(reverse("own-page"), fields).status_code == 302
    lan = User.objects.get(username="lan")
    assert (lan.email, lan.uses_keys) == ("lan@example.vn", False)
    assert (lan.full_name, lan.role, lan.is_superuser) == ("Nguyễn Thị Lan", "reception", False)
    assert "data-off" in page(client)
    client.post(reverse("own-page"), {"email": "", "uses_keys": "on"})
    assert "data-off" not in page(client)


def test_a_wrong_address_for_mail_is_refused_beside_its_field() -> None:
    shown = signed_in(people.lan()).post(reverse("own-page"), {"email": "lan"}).content.decode()
    assert 'id="faults"' in shown
    assert 'href="#id_email"' in shown


# ---- devices


def test_each_device_is_named_and_this_one_is_marked() -> None:
    client = signed_in(people.lan())
    signed_in(people.lan(), IPHONE)
    signed_in(people.minh(), COC_COC)
    shown = page(client)
    assert "Firefox trên Windows" in shown
    assert "Safari trên iPhone" in shown
    assert "Cốc Cốc" not in shown
    assert shown.count("thiết bị này") == 1
    keys = StaffSession.objects.values_list("pk", flat=True)
    assert not [key for key in keys if key in shown]


def test_one_other_device_is_signed_out_and_no_other() -> None:
    here, there, elsewhere = (signed_in(people.lan(), agent) for agent in (FIREFOX, IPHONE, COC_COC))
    others = here.get(reverse("own-page")).context["sessions"]
    mark = next(session.mark for session in others if "iPhone" in session.device)
    assert here.post(reverse("own-sessions-end"), {"mark": mark}).status_code == 302
    assert [is_in(client) for client in (here, there, elsewhere)] == [True, False, True]


def test_all_other_devices_are_signed_out_at_once() -> None:
    here, there, minh = signed_in(people.lan()), signed_in(people.lan(), IPHONE), signed_in(people.minh())
    here.post(reverse("own-sessions-end"))
    assert [is_in(client) for client in (here, there, minh)] == [True, False, True]
    assert "không đăng nhập ở thiết bị nào khác" in page(here)


def test_nobody_ends_a_session_of_somebody_else_or_their_own() -> None:
    lan, minh = signed_in(people.lan()), signed_in(people.minh())
    theirs = minh.get(reverse("own-page")).context["sessions"][0].mark
    own = lan.get(reverse("own-page")).context["sessions"][0].mark
    for mark in (theirs, own, "x" * 16):
        lan.post(reverse("own-sessions-end"), {"mark": mark})
    assert is_in(lan)
    assert is_in(minh)


def test_a_new_password_leaves_no_other_session_on_the_list() -> None:
    here, there = signed_in(people.lan()), signed_in(people.lan(), IPHONE)
    new = {"old_password": people.PASSWORD, "new_password1": "rất mới 2026", "new_password2": "rất mới 2026"}
    here.post(reverse("own-password"), new)
    assert [is_in(here), is_in(there)] == [True, False]
    assert len(here.get(reverse("own-page")).context["sessions"]) == 1


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox trên Windows"),
        (COC_COC, "Cốc Cốc trên Linux"),
        (IPHONE, "Safari trên iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537.36 Edg/120", "Edge trên Windows"),
        ("curl/8.5", "Thiết bị chưa xác định"),
        ("", "Thiết bị chưa xác định"),
    ],
)
def test_a_browser_in_words(agent: str, words: str) -> None:
    assert device_in_words(agent) == words


# ---- the language


def test_the_language_is_kept_with_the_account() -> None:
    client = signed_in(people.lan())
    client.post(reverse("set_language"), {"language": "en", "next": "/me/"})
    assert User.objects.get(username="lan").language == "en"
    other = signed_in(people.lan(), IPHONE)
    assert other.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert '<html lang="en"' in page(other)
    assert '<html lang="vi"' in page(signed_in(people.minh()))


def test_a_language_that_there_is_not_is_not_kept() -> None:
    client = signed_in(people.lan())
    client.post(reverse("set_language"), {"language": "xx", "next": "/me/"})
    assert User.objects.get(username="lan").language == ""


def test_a_visitor_may_choose_a_language_too() -> None:
    client = Client()
    assert client.post(reverse("set_language"), {"language": "en", "next": "/sign-in/"}).status_code == 302
    assert '<html lang="en"' in client.get("/sign-in/").content.decode()
