"""The doors of the office: who is held up, for how long, and what is written down of it.

A new case is one line of the list above the test that runs it.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
import pytest_django
import time_machine
from django.conf import settings as office_settings
from django.contrib.auth.hashers import make_password
from django.core.cache import caches
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from onestop.common.web import hashing, throttling
from onestop.common.web.hashing import TooManyAtOnce, Turns
from onestop.common.web.rates import Rate
from onestop.common.web.visitors import address_of, network_of
from onestop.partners.throttles import PartnerThrottle
from onestop.staff import brakes
from onestop.staff.models import Brake, Role, SignIn, StaffSession, User
from tests import people

pytestmark = pytest.mark.django_db

SIGN_IN = reverse("sign-in")
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


def tried(username: str, password: str, address: str = HERE, client: Client | None = None, **more: str) -> Any:
    return (client or Client()).post(
        more.pop("door", SIGN_IN), {"username": username, "password": password, **more}, REMOTE_ADDR=address
    )


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def three_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(office_settings.RATES, "sign_in_account", "3/hour")


# ---- whose address

# (what the connection says, what proxies wrote, proxies of ours, whose it is, what counts as one visitor)
ADDRESSES = [
    ("203.0.113.7", "", 0, "203.0.113.7", "203.0.113.7"),
    ("203.0.113.7", "198.51.100.1", 0, "203.0.113.7", "203.0.113.7"),
    ("127.0.0.1", "198.51.100.1, 203.0.113.7", 1, "203.0.113.7", "203.0.113.7"),
    ("127.0.0.1", "203.0.113.7:5678", 1, "203.0.113.7", "203.0.113.7"),
    ("127.0.0.1", "[2001:db8:1:2:3:4:5:6]:5678", 1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("2001:db8:1:2::9", "", 0, "2001:db8:1:2::9", "2001:db8:1:2::/64"),
    ("::ffff:203.0.113.7", "", 0, "203.0.113.7", "203.0.113.7"),
    ("fe80::1%eth0", "", 0, "fe80::1", "fe80::/64"),
    ("", "", 0, "", ""),
    ("127.0.0.1", "unknown", 1, "", ""),
]


@pytest.mark.parametrize(("connection", "forwarded", "proxies", "address", "network"), ADDRESSES)
def test_whose_address_it_is(
    connection: str, forwarded: str, proxies: int, address: str, network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rest_framework.settings.api_settings.NUM_PROXIES", proxies)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=connection)
    assert (address_of(request), network_of(address_of(request))) == (address, network)


# ---- signing in

# (who is meant, what is typed, what is written down)
TRIES = [
    ("lan", people.PASSWORD, SignIn.Outcome.IN),
    (" lan ", people.PASSWORD, SignIn.Outcome.IN),
    ("lan", "sai", SignIn.Outcome.WRONG),
    ("LAN", people.PASSWORD, SignIn.Outcome.UNKNOWN),
    ("gone", people.PASSWORD, SignIn.Outcome.DISABLED),
    ("matkhau-go-nham", "x", SignIn.Outcome.UNKNOWN),
    ("\0", "x", None),
    ("lan", "", None),
    ("", "x", None),
    ("a" * 151, "x", SignIn.Outcome.UNKNOWN),
]


@pytest.mark.parametrize(("username", "password", "outcome"), TRIES)
def test_every_try_is_written_down_and_nothing_that_was_typed(
    username: str, password: str, outcome: SignIn.Outcome | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "onestop")
    people.lan()
    people.a_person("gone", Role.OFFICER, people.ward(), is_active=False)
    tried(username, password)
    kept = list(SignIn.objects.values())
    assert [row["outcome"] for row in kept] == ([outcome] if outcome else [])
    if outcome:
        row = kept[0]
        meant = User.objects.filter(username=username.strip()).first()
        assert (row["user_id"], row["address"], bool(row["mark"])) == (meant and meant.pk, HERE, meant is None)
        lines = [record.getMessage() for record in caplog.records if record.name == "onestop.staff.attempts"]
        assert len(lines) == 1
        assert HERE in lines[0]
        assert people.PASSWORD not in f"{kept} {lines}"
        if meant is None:
            assert username not in f"{kept} {lines}"


@pytest.mark.usefixtures("three_tries")
def test_who_tries_an_account_too_often_waits_wherever_they_come_from() -> None:
    people.lan()
    statuses = [tried("lan", f"sai {number}", f"203.0.113.{number}").status_code for number in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    answer = tried("lan", people.PASSWORD, "203.0.113.99")
    assert answer.status_code == 429
    assert 1100 < int(answer["Retry-After"]) <= 1200
    assert "Vui lòng thử lại sau 20 phút" in answer.content.decode()
    assert people.PASSWORD not in answer.content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=21)):
        assert tried("lan", people.PASSWORD, "203.0.113.99").status_code == 302


@pytest.mark.usefixtures("three_tries")
def test_whether_an_account_exists_shows_in_no_answer() -> None:
    people.lan()
    with time_machine.travel(timezone.now(), tick=False):
        for number in range(6):
            known, unknown = (tried(name, "sai", f"203.0.113.{number}") for name in ("lan", "khong-co"))
            assert known.status_code == unknown.status_code
            assert known.headers.get("Retry-After") == unknown.headers.get("Retry-After")


# (from where the owner comes: the same browser, the same address; whether strangers' tries hold the owner up)
OWNERS = [
    ("browser", ELSEWHERE, 302),
    ("nothing", HERE, 302),
    ("nothing", ELSEWHERE, 429),
]


@pytest.mark.usefixtures("three_tries")
@pytest.mark.parametrize(("has", "address", "status"), OWNERS)
def test_strangers_do_not_hold_up_the_owner_who_was_here_before(has: str, address: str, status: int) -> None:
    people.lan()
    own = Client()
    assert tried("lan", people.PASSWORD, HERE, own).status_code == 302
    own.post(reverse("sign-out"))
    for number in range(4):
        tried("lan", "sai", f"192.0.2.{number}")
    client = own if has == "browser" else Client()
    assert tried("lan", people.PASSWORD, address, client).status_code == status


@pytest.mark.usefixtures("three_tries")
def test_a_known_place_is_held_up_for_what_fails_there() -> None:
    people.lan()
    own = Client()
    tried("lan", people.PASSWORD, HERE, own)
    own.post(reverse("sign-out"))
    assert [tried("lan", "sai", HERE, own).status_code for _try in range(4)] == [200, 200, 200, 429]
    # And a cookie of one account says nothing about another.
    people.minh()
    assert [tried("minh", "sai", f"192.0.2.{number}", own).status_code for number in range(4)] == [200] * 3 + [429]


def test_one_network_tries_many_accounts_no_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(office_settings.RATES, "sign_in", "3/min")
    addresses = [f"2001:db8:1:2::{number}" for number in range(5)]
    statuses = [tried(f"user{number}", "sai", address).status_code for number, address in enumerate(addresses)]
    assert statuses == [200, 200, 200, 429, 429]
    assert tried("user9", "sai", "2001:db8:1:3::1").status_code == 200
    # Being held up is written down once, not each time.
    assert SignIn.objects.filter(outcome=SignIn.Outcome.SLOWED).count() == 1


def test_an_office_behind_one_address_signs_in_at_the_same_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(office_settings.RATES, "sign_in", "3/min")
    for number in range(12):
        people.a_person(f"user{number}", Role.OFFICER, people.ward())
    assert [tried(f"user{number}", people.PASSWORD).status_code for number in range(12)] == [302] * 12


def test_who_is_held_up_costs_no_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(office_settings.RATES, "sign_in", "1/min")
    people.lan()
    tried("lan", "sai")

    def not_now(*_given: object, **_named: object) -> None:
        raise AssertionError("a password was checked")

    monkeypatch.setattr("django.contrib.auth.authenticate", not_now)
    monkeypatch.setattr("django.contrib.auth.forms.authenticate", not_now)
    assert tried("lan", people.PASSWORD).status_code == 429


def test_brakes_that_hold_nobody_are_removed() -> None:
    tried("khong-co", "sai")
    assert Brake.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        tried("ai-khac", "sai", ELSEWHERE)
        assert Brake.objects.count() == 2


def test_records_go_by_themselves() -> None:
    tried("khong-co", "sai")
    people.lan()
    tried("lan", "sai")
    SignIn.objects.update(at=timezone.now() - timedelta(days=100))
    tried("lan", "sai")
    assert list(SignIn.objects.values_list("outcome", flat=True)) == ["wrong", "wrong"]
    SignIn.objects.update(at=timezone.now() - timedelta(days=800))
    tried("lan", people.PASSWORD)
    assert list(SignIn.objects.values_list("outcome", flat=True)) == ["in"]


# (how it is asked for, by whom, what comes of it)
ADMIN_DOOR = [
    ("/admin/login/", None, "/sign-in/?next=%2Fadmin%2F"),
    ("/admin/login/?next=/admin/dossiers/", None, "/sign-in/?next=%2Fadmin%2Fdossiers%2F"),
    ("/admin/login/?next=https://example.com/", None, "/sign-in/?next=%2Fadmin%2F"),
    ("/admin/login/?next=//example.com/", None, "/sign-in/?next=%2Fadmin%2F"),
    ("/admin/dossiers/", None, "/sign-in/?next=/admin/dossiers/"),
    ("/admin/login/?next=/admin/dossiers/", people.ha, "/admin/dossiers/"),
    ("/admin/password_change/", people.ha, "/password/"),
    ("/admin/login/", people.lan, 403),
    ("/admin/", people.lan, 403),
]


@pytest.mark.parametrize(("address", "who", "leads_to"), ADMIN_DOOR)
def test_there_is_one_door(address: str, who: Callable[[], User] | None, leads_to: str | int) -> None:
    client = signed_in(who()) if who else Client()
    answer = client.get(address)
    if answer.status_code == 302 and isinstance(leads_to, int):
        answer = client.get(answer["Location"])
    assert answer.status_code == (302 if isinstance(leads_to, str) else leads_to)
    if isinstance(leads_to, str):
        assert answer["Location"] == leads_to


def test_no_password_is_taken_at_the_admin_s_own_address() -> None:
    people.ha()
    answer = tried("ha", people.PASSWORD, door="/admin/login/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
    assert "sessionid" not in answer.cookies
    assert not SignIn.objects.exists()


# ---- how passwords are kept


def test_passwords_cost_what_owasp_says_and_old_ones_are_kept_anew(settings: pytest_django.Settings) -> None:
    from onestop.settings import PASSWORD_HASHERS

    old = make_password(people.PASSWORD, hasher=_django_s_own())
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    lan = people.lan()
    User.objects.filter(pk=lan.pk).update(password=old)
    assert "m=102400" in old
    assert tried("lan", people.PASSWORD).status_code == 302
    lan.refresh_from_db()
    assert lan.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert Client().login(username="lan", password=people.PASSWORD)


def _django_s_own() -> Any:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    return Argon2PasswordHasher()


def test_so_many_passwords_are_checked_at_once_and_so_many_wait() -> None:
    turns, inside, leave = Turns(at_once=1, waiting=1, patience=5), Event(), Event()

    def stays() -> None:
        with turns.taken():
            inside.set()
            leave.wait(5)

    first, second = Thread(target=stays), Thread(target=stays)
    first.start()
    assert inside.wait(5)
    second.start()
    while turns._near._value:  # until the second waits at the door
        pass
    with pytest.raises(TooManyAtOnce), turns.taken():
        pass
    leave.set()
    first.join()
    second.join()
    with turns.taken():
        pass


def test_whose_turn_does_not_come_is_told_so_and_nothing_is_counted(
    settings: pytest_django.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PASSWORD_HASHERS = ["onestop.common.web.hashing.Argon2"]
    people.lan()
    full = Turns(at_once=1, waiting=0, patience=0)
    monkeypatch.setattr(hashing, "turns", full)
    with full.taken():
        answer = tried("lan", people.PASSWORD)
        assert (answer.status_code, answer["Retry-After"]) == (503, "1")
        assert "Đang có nhiều người đăng nhập cùng lúc" in answer.content.decode()
        asked = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
        assert Client().post("/oauth2/token", asked).status_code in (401, 503)
        change = {"old_password": people.PASSWORD, "new_password1": "x", "new_password2": "x"}
        assert signed_in(people.lan()).post(reverse("own-password"), change).status_code == 503
    assert not SignIn.objects.exists()
    assert tried("lan", people.PASSWORD).status_code == 302


# ---- counts that processes share


def test_tries_at_the_same_instant_are_all_counted(transactional_db: None) -> None:
    from django.db import connection

    if connection.vendor == "sqlite":
        pytest.skip("the tests' SQLite lives in memory and lets no two threads write: the PostgreSQL half shows this")
    rate, start, let_in = Rate(3, 3600), Barrier(8), []

    def press() -> None:
        start.wait(10)
        let_in.append(brakes.press(rate, "test", "x") == 0)
        connection.close()

    threads = [Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(let_in) == [False] * 5 + [True] * 3


# (rate, seconds at which somebody comes, how long each waits)
FLOWS = [
    ("2/min", [0, 0, 0, 29, 30, 31, 200, 200, 200], [0, 0, 30, 1, 0, 29, 0, 0, 30]),
    ("1/hour", [0, 1, 3600], [0, 3599, 0]),
    ("0/min", [0, 100], [60, 60]),
]


@pytest.mark.parametrize(("rate", "moments", "waits"), FLOWS)
def test_brakes_and_counts_in_memory_reckon_alike(rate: str, moments: list[int], waits: list[int]) -> None:
    counted, pressed = [], []
    counts = throttling.Counts()
    for moment in moments:
        with time_machine.travel(1_800_000_000 + moment, tick=False):
            counted.append(counts.seconds_to_wait(Rate.of(rate), "k"))
            pressed.append(brakes.press(Rate.of(rate), "test", "k"))
    assert (counted, pressed) == (waits, waits)


def test_nobody_s_count_is_pushed_out_by_others() -> None:
    """Neither of ballots, by a hundred thousand other addresses, nor a partner's, by whatever else is cached."""
    counts = throttling.Counts()
    rate = Rate(1, 3600)
    assert counts.seconds_to_wait(rate, "mine") == 0
    for number in range(100_000):
        counts.seconds_to_wait(rate, f"other {number}")
    assert counts.seconds_to_wait(rate, "mine") > 0

    throttle, request = PartnerThrottle(), Request(people.a_colleague())
    people.a_partner().__class__.objects.update(rate_per_minute=1)
    request.user.partner.refresh_from_db()
    with time_machine.travel(1_800_000_000, tick=False):
        assert throttle.allow_request(request, None)  # type: ignore[arg-type] # reads the caller alone
        for number in range(5_000):
            caches["default"].set(f"x{number}", 1)
            Client().post("/tra-cuu/", {"code": f"H22-{number}", "phone_end": "1"}) if number % 500 == 0 else None
        assert not throttle.allow_request(request, None)  # type: ignore[arg-type] # as above


class Request:
    """As much of one as a throttle looks at."""

    def __init__(self, user: Any) -> None:
        self.user = user


# ---- one's own password

NEW = "một mật khẩu mới hẳn"

# (what is typed: old, new, again; whether it is changed)
CHANGES = [
    (people.PASSWORD, NEW, NEW, True),
    ("sai", NEW, NEW, False),
    (people.PASSWORD, NEW, "khác", False),
    (people.PASSWORD, people.PASSWORD, people.PASSWORD, False),
    (people.PASSWORD, "12345678", "12345678", False),
    (people.PASSWORD, "lan", "lan", False),
    ("", NEW, NEW, False),
]


@pytest.mark.parametrize(("old", "new", "again", "changed"), CHANGES)
def test_one_s_own_password(old: str, new: str, again: str, changed: bool) -> None:
    client, other = signed_in(people.lan()), signed_in(people.lan())
    fields = {"old_password": old, "new_password1": new, "new_password2": again}
    answer = client.post(reverse("own-password"), fields)
    assert answer.status_code == (302 if changed else 200)
    assert Client().login(username="lan", password=new if changed else people.PASSWORD)
    # Here one goes on, everywhere else one is out.
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == (302 if changed else 200)


@pytest.mark.parametrize("who", [people.lan, people.minh, people.ha, people.tu, people.thanh, people.root])
def test_everybody_has_the_page_and_the_way_to_it(who: Callable[[], User]) -> None:
    client = signed_in(who())
    assert f'href="{reverse("own-password")}"' in client.get("/").content.decode()
    assert client.get(reverse("own-password")).status_code == 200


def test_who_finds_a_session_open_cannot_guess_the_old_password(three_tries: None) -> None:
    client = signed_in(people.lan())
    fields = {"new_password1": NEW, "new_password2": NEW}
    statuses = [client.post(reverse("own-password"), fields | {"old_password": f"{n}"}).status_code for n in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert SignIn.objects.filter(outcome=SignIn.Outcome.WRONG_OLD).count() == 3


ACCOUNT = {
    "username": "nga",
    "usable_password": "true",
    "password1": "một mật khẩu rất dài 7",
    "password2": "một mật khẩu rất dài 7",
    "full_name": "Hồ Nga",
    "role": "officer",
}


def test_a_password_that_somebody_else_set_is_changed_first() -> None:
    root = signed_in(people.root())
    assert root.post("/admin/staff/user/add/", ACCOUNT | {"agency": str(people.ward().pk)}).status_code == 302
    client = Client()
    tried("nga", ACCOUNT["password1"], client=client)
    answer = client.get("/dossiers/?state=1")
    assert (answer.status_code, answer["Location"]) == (302, "/password/?next=%2Fdossiers%2F%3Fstate%3D1")
    assert client.get("/admin/").status_code == 302
    part = client.get("/dossiers/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/dossiers/"})
    assert part["HX-Redirect"] == "/password/?next=%2Fdossiers%2F"
    assert client.get("/password/").status_code == 200
    assert client.get("/tra-cuu/").status_code == 200
    fields = {"old_password": ACCOUNT["password1"], "new_password1": NEW, "new_password2": NEW, "next": "/dossiers/"}
    assert client.post("/password/", fields)["Location"] == "/dossiers/"
    assert client.get("/dossiers/").status_code == 200


def test_a_reset_password_ends_the_sessions_and_is_changed_first() -> None:
    lan, root = signed_in(people.lan()), signed_in(people.root())
    page = f"/admin/staff/user/{people.lan().pk}/password/"
    given = {"usable_password": "true", "password1": NEW, "password2": NEW, "set-password": "1"}
    assert root.post(page, given).status_code == 302
    assert lan.get("/").status_code == 302
    assert User.objects.get(username="lan").must_change_password
    # One's own is changed by whoever knows the old one.
    assert root.get(f"/admin/staff/user/{people.root().pk}/password/")["Location"] == "/password/"


def test_who_made_an_account_for_themselves_or_for_a_demo_changes_nothing() -> None:
    from django.core.management import call_command

    call_command("load_demo", dossiers=0, verbosity=0)
    call_command("createsuperuser", interactive=False, username="sep", full_name="Sếp", verbosity=0)
    assert not User.objects.filter(must_change_password=True).exists()


# ---- how long a session lasts

# (minutes after signing in at which something is done, minute at which it is looked at, whether still signed in)
SESSIONS = [
    ([], 29, True),
    ([], 31, False),
    ([20], 45, True),
    ([20], 51, False),
    ([20, 45, 70], 95, True),
    (list(range(20, 600, 20)), 599, True),
    (list(range(20, 600, 20)), 601, False),
]


@pytest.mark.parametrize(("acts", "minute", "lasts"), SESSIONS)
def test_how_long_a_session_lasts(acts: list[int], minute: int, lasts: bool) -> None:
    people.lan()
    begun, client = timezone.now(), Client()
    with time_machine.travel(begun, tick=False):
        tried("lan", people.PASSWORD, client=client)
    for act in acts:
        with time_machine.travel(begun + timedelta(minutes=act), tick=False):
            client.get("/dossiers/")
    with time_machine.travel(begun + timedelta(minutes=minute), tick=False):
        answer = client.get("/dossiers/")
        assert answer.status_code == (200 if lasts else 302)
        if not lasts:
            assert answer["Location"] == "/sign-in/?next=/dossiers/&ended=1"
            assert "Phiên làm việc đã hết hạn" in client.get(answer["Location"]).content.decode()
            assert not StaffSession.objects.exists()


PART = {"HX-Request": "true", "HX-Current-URL": "http://testserver/dossiers/?q=an"}


def test_what_a_page_asks_for_by_itself_keeps_no_session_alive() -> None:
    people.tu()
    begun, client = timezone.now(), Client()
    with time_machine.travel(begun, tick=False):
        tried("tu", people.PASSWORD, client=client)
    for minute in range(5, 30, 5):
        with time_machine.travel(begun + timedelta(minutes=minute), tick=False):
            assert client.get(reverse("packets:health"), headers=PART).status_code == 200
    with time_machine.travel(begun + timedelta(minutes=31), tick=False):
        assert client.get("/dossiers/").status_code == 302


# (how something is asked for in a session that has ended, header of the answer, where it leads)
ENDED = [
    ("get", "/dossiers/?q=an", {}, "Location", "/sign-in/?next=/dossiers/%3Fq%3Dan"),
    ("get", "/dossiers/procedures/", PART, "HX-Redirect", "/sign-in/?next=/dossiers/%3Fq%3Dan"),
    ("post", "/dossiers/earlier/", PART, "HX-Redirect", "/sign-in/?next=/dossiers/%3Fq%3Dan"),
    ("post", "/find/", {"Referer": "http://testserver/register/"}, "Location", "/sign-in/?next=/register/"),
    ("post", "/find/", {"Referer": "https://example.com/x"}, "Location", "/sign-in/?next=/"),
    ("post", "/find/", {}, "Location", "/sign-in/?next=/"),
    ("get", "/log/", PART | {"HX-Current-URL": "https://example.com/x"}, "HX-Redirect", "/sign-in/?next=/log/"),
]


@pytest.mark.parametrize(("method", "address", "headers", "header", "place"), ENDED)
def test_an_ended_session_leads_back_to_a_page(
    method: str, address: str, headers: dict[str, str], header: str, place: str
) -> None:
    answer = getattr(Client(), method)(address, headers=headers)
    assert answer[header] == place


# (what becomes of an account)
ENDINGS: list[tuple[str, dict[str, object]]] = [
    ("disabled", {"is_active": False}),
    ("another password", {"password": make_password(NEW)}),
    ("no password", {"password": make_password(None)}),
]


@pytest.mark.parametrize(("what", "changed"), ENDINGS, ids=[what for what, _changed in ENDINGS])
def test_an_account_that_ends_takes_its_sessions_with_it(what: str, changed: dict[str, object]) -> None:
    client = signed_in(people.lan())
    assert client.get("/").status_code == 200
    User.objects.filter(username="lan").update(**changed)
    assert client.get("/").status_code == 302


# ---- what is kept on the way, and on the disk

# (address, who)
NOT_STORED = [
    ("/", people.lan),
    ("/dossiers/", people.lan),
    ("/dossiers.csv", people.lan),
    ("/register.xlsx", people.lan),
    ("/statistics.csv", people.ha),
    ("/admin/", people.ha),
    ("/nothing/", people.lan),
    ("/packets/", people.lan),
    ("/password/", people.lan),
    ("/dossiers/procedures/?q=an", people.lan),
]


@pytest.mark.parametrize(("address", "who"), NOT_STORED)
def test_signed_in_answers_are_stored_nowhere(address: str, who: Callable[[], User]) -> None:
    answer = signed_in(who()).get(address)
    answer.close()
    assert {"no-store", "private"} <= set(answer["Cache-Control"].replace(" ", "").split(","))


def test_files_are_the_office_s_own_alone(tmp_path: Path) -> None:
    from tests.installation import Installation

    (tmp_path / "secret_key").write_text("x" * 50, encoding="utf-8")
    tmp_path.chmod(0o755)
    (tmp_path / "secret_key").chmod(0o644)
    office = Installation(tmp_path, is_migrated=False)
    office.environment["DJANGO_SETTINGS_MODULE"] = "onestop.settings"
    office.run("showmigrations", "staff")
    # To compress what other packages bring along takes ten seconds, and their files are stored as ours are.
    office.run("collectstatic", "--no-input", "-v0", "--ignore", "drf_spectacular_sidecar", "--ignore", "admin")
    assert (tmp_path / "office.sqlite3").exists()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, *tmp_path.iterdir())}
    assert {name: mode for name, mode in modes.items() if mode & 0o077 and name != "static"} == {}
    assert oct((tmp_path / "static/onestop/style.css").stat().st_mode)[-3:] == "644"


def test_what_is_uploaded_is_the_office_s_own_alone(settings: pytest_django.Settings) -> None:
    people.a_dossier(files=[people.a_file()])
    files = list(Path(settings.MEDIA_ROOT).rglob("*"))
    assert files
    for path in (Path(settings.MEDIA_ROOT), *files):
        assert stat.S_IMODE(os.stat(path).st_mode) == (0o600 if path.is_file() else 0o700), path


# ---- large bodies

MB = 1024 * 1024
# (address, what it says of its length, whether it comes in pieces, what is answered)
BODIES = [
    ("/sign-in/", 300 * MB, False, 413),
    ("/sign-in/", 1 * MB, False, 200),
    ("/tra-cuu/", 3 * MB, False, 413),
    ("/danh-gia/x/", 3 * MB, False, 413),
    ("/nothing/", 3 * MB, False, 413),
    ("/admin/login/", 3 * MB, False, 413),
    ("/i18n/setlang/", 3 * MB, False, 413),
    ("/oauth2/token", 3 * MB, False, 413),
    ("/dossiers/receive/1.001193/", 501 * MB, False, 413),
    ("/dossiers/receive/1.001193/", 499 * MB, False, 400),
    ("/sign-in/", 0, True, 411),
    ("/api/v1/dossiers", 300 * MB, False, 401),
    ("/sign-in/", 10**30, False, 413),
]
# A form without files that is larger than Django keeps in memory is refused unread by Django itself: 400.
REFUSED = (400, 401, 411, 413)


@pytest.mark.parametrize(("address", "length", "in_pieces", "status"), BODIES)
def test_too_large_a_body_is_not_read(address: str, length: int, in_pieces: bool, status: int) -> None:
    body = Body(length)
    client = Client(raise_request_exception=False)
    if address.startswith("/dossiers/"):
        client.force_login(people.lan(), "django.contrib.auth.backends.ModelBackend")
        people.a_procedure()
    told: dict[str, Any] = {"HTTP_TRANSFER_ENCODING": "chunked"} if in_pieces else {"CONTENT_LENGTH": str(length)}
    told |= {"wsgi.input": body, "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    answer = client.generic("POST", address, b"", **told)
    assert answer.status_code == status
    assert body.was_read == (status not in REFUSED)
    if status in (411, 413):
        assert "Dữ liệu chưa được lưu" in answer.content.decode()


class Body:
    """Gives as many bytes as it said, and tells whether anybody asked."""

    def __init__(self, length: int) -> None:
        self.left, self.was_read = min(length, 4 * MB), False

    def read(self, size: int = -1) -> bytes:
        self.was_read = True
        piece = b"a" * (self.left if size < 0 else min(size, self.left))
        self.left -= len(piece)
        return piece

    readline = read


# ---- many faults

KEYS = 60_000
# (body sent to the API, how many faults are told)
FAULTY: list[tuple[str, Callable[[], str], int]] = [
    ("unknown keys", lambda: "{" + ",".join(f'"k{number}":1' for number in range(KEYS)) + "}", 100),
    ("the last key twice", lambda: "{" + ",".join(f'"k{n}":1' for n in [*range(KEYS), KEYS - 1]) + "}", 1),
    ("papers without anything", lambda: '{"papers":[' + ",".join(["{}"] * KEYS) + "]}", 6),
    ("papers that are none", lambda: '{"papers":[' + ",".join(["1"] * KEYS) + "]}", 6),
    ("unknown keys in one paper", lambda: '{"papers":[{' + ",".join(f'"k{n}":1' for n in range(KEYS)) + "}]}", 100),
]


@pytest.mark.parametrize(("what", "body", "faults"), FAULTY, ids=[case[0] for case in FAULTY])
def test_thousands_of_faults_are_a_hundred_and_an_end(what: str, body: Callable[[], str], faults: int) -> None:
    import time

    token = people.a_token(people.a_partner())
    begun = time.process_time()
    answer = Client().post(
        "/api/v1/dossiers", body(), content_type="application/json", headers={"Authorization": token}
    )
    took = time.process_time() - begun
    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == faults
    assert took < 6, took


# ---- refusals

# (address, method, who, how the line names them)
REFUSALS = [
    ("/packets/", "get", people.lan, "user"),
    ("/log/", "get", people.minh, "user"),
    ("/admin/staff/user/", "get", people.ha, "user"),
    ("/metrics", "get", None, "nobody"),
]


@pytest.mark.parametrize(("address", "method", "who", "named"), REFUSALS)
def test_a_refusal_is_one_line(
    address: str, method: str, who: Callable[[], User] | None, named: str, caplog: pytest.LogCaptureFixture
) -> None:
    from onestop.common.web.refusals import WithoutRefusals

    person = who() if who else None
    client = signed_in(person) if person else Client()
    answer = getattr(client, method)(address, REMOTE_ADDR=HERE)
    assert answer.status_code == 403
    lines = [record.getMessage() for record in caplog.records if WithoutRefusals().filter(record)]
    said = f"user {person.pk}" if person else named
    route = answer.wsgi_request.resolver_match.route
    assert lines == [f"403 {said} from {HERE} GET /{route}"]


def test_a_partner_s_refusal_names_the_partner(caplog: pytest.LogCaptureFixture) -> None:
    from onestop.partners.scopes import ApiScope

    partner = people.a_partner(ApiScope.CATALOG_READ)
    Client().get("/api/v1/dossiers", headers={"Authorization": people.a_token(partner)}, REMOTE_ADDR=HERE)
    assert f"403 partner {partner.pk} from {HERE} GET /api/v1/dossiers" in caplog.text


def test_a_partner_s_call_keeps_no_session_alive() -> None:
    """Found: a call to the API with a colleague's cookie counted as something that the colleague did."""
    client = Client()
    client.force_login(people.lan())
    before = dict(client.session)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        client.get("/api/v1/dossiers")
    assert dict(client.session) == before
