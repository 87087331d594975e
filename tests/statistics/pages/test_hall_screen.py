"""The screen in the hall: who switches it on, what it shows, and what it shows when nothing answers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from onestop.catalog.models import Agency
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, ReturnMethod, State
from onestop.staff.models import Role, User
from onestop.statistics.counting.incremental import catch_up
from onestop.statistics.models import HallScreen
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(agency: Agency) -> str:
    return f"/administration/hall-screens/{agency.pk}/"


def a_screen(agency: Agency) -> str:
    """The address of its screen, which is switched on."""
    screen, _made = HallScreen.objects.get_or_create(agency=agency)
    return f"/man-hinh/{screen.token}/"


def numbers(address: str) -> list[str]:
    answer = Client().get(address)
    assert answer.status_code == 200
    return re.findall(r"<dd>(.*?)</dd>", answer.content.decode())


def no_database(*_arguments: Any) -> Any:
    raise OperationalError("the server closed the connection unexpectedly")


# ---- switching


def test_an_administrator_switches_it_on_renews_its_address_and_switches_it_off() -> None:
    hoa, ward = as_(people.nga()), people.ward()
    assert "Màn hình sảnh đang tắt" in hoa.get(page_of(ward)).content.decode()
    hoa.post(page_of(ward), {"act": "on"})
    first = HallScreen.objects.get(agency=ward).token
    assert f"/man-hinh/{first}/" in hoa.get(page_of(ward)).content.decode()
    assert Client().get(f"/man-hinh/{first}/").status_code == 200
    hoa.post(page_of(ward), {"act": "renew"})
    second = HallScreen.objects.get(agency=ward).token
    assert second != first
    hoa.post(page_of(ward), {"act": "off"})
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        for token in (first, second):
            assert Client().get(f"/man-hinh/{token}/").status_code == 404
    hoa.post(page_of(ward), {"act": "on"})
    assert HallScreen.objects.get(agency=ward).token not in (first, second)
    page = hoa.get(page_of(ward)).content.decode()
    for change in ("đổi địa chỉ", "tắt", "bật"):
        assert change in page


def test_a_token_cannot_be_guessed_from_another() -> None:
    tokens = {a_screen(agency)[10:-1] for agency in (people.ward(), people.department(), people.province())}
    assert {len(token) for token in tokens} == {22}
    assert len({token[:4] for token in tokens}) == 3


@pytest.mark.parametrize("person", [people.lan, people.ha, people.thanh, people.tu])
def test_others_neither_see_the_address_nor_switch_it(person: Any) -> None:
    client, ward = as_(person()), people.ward()
    assert client.get("/administration/hall-screens/").status_code == 403
    assert client.get(page_of(ward)).status_code == 403
    assert client.post(page_of(ward), {"act": "on"}).status_code == 403
    assert not HallScreen.objects.exists()


def test_an_administrator_keeps_the_screens_of_the_own_agency_and_below_alone() -> None:
    ward = as_(people.nga())
    for other in (people.province(), people.department()):
        assert ward.get(page_of(other)).status_code == 404
        assert ward.post(page_of(other), {"act": "on"}).status_code == 404
    assert ward.post(page_of(people.ward_desk()), {"act": "on"}).status_code == 302
    assert ward.post(page_of(people.ward()), {"act": "explode"}).status_code == 404
    listed = ward.get("/administration/hall-screens/").content.decode()
    assert "Tổ Tư pháp" in listed
    assert "Sở Tư pháp" not in listed
    assert "đang bật" in listed


# ---- what it shows


def test_it_counts_the_day_of_its_agency_and_of_those_below() -> None:
    now = datetime(2026, 3, 4, 10, tzinfo=VIETNAM)
    with time_machine.travel(now - timedelta(days=1)):
        people.a_dossier_in(State.COMPLETED)
        people.a_dossier_in(State.RETURNED)
        # Goes by post: nobody waits for it at the counter.
        people.a_dossier_in(State.COMPLETED, return_method=ReturnMethod.POST)
    with time_machine.travel(now):
        people.a_dossier()
        people.a_dossier(agency=people.ward_desk())
        yesterdays = Dossier.objects.filter(state=State.COMPLETED, return_method=ReturnMethod.DIRECT).get()
        lifecycle.return_result(yesterdays, people.lan())
        people.a_dossier_in(State.COMPLETED)
        # Of others, and a test.
        theirs = people.a_person("tuyet", Role.RECEPTION, people.department)
        people.a_dossier(agency=people.department(), by=theirs)
        Dossier.objects.filter(pk=people.a_dossier().pk).update(is_test=True)
        catch_up()
        assert numbers(a_screen(people.ward())) == ["3", "1", "1", "100%"]
        assert numbers(a_screen(people.ward_desk())) == ["1", "0", "0", "–"]


def test_it_names_nobody_and_no_dossier() -> None:
    dossier = people.a_dossier(applicant_name="Bùi Kín Đáo", phone="0905000111", identity_no="001088000005")
    page = Client().get(a_screen(people.ward())).content.decode()
    for text in ("Kín", "0905000111", "001088000005", dossier.code, dossier.token, str(dossier.uuid), "Lan"):
        assert str(text) not in page


def test_it_says_when_it_was_counted_and_the_hours_of_the_day() -> None:
    address = a_screen(people.ward())
    with time_machine.travel(datetime(2026, 3, 4, 9, 41, tzinfo=VIETNAM)):
        page = " ".join(Client().get(address).content.decode().split())
    assert "Số liệu tính lúc 09:41 ngày 04/03/2026" in page
    assert "07:30–11:30" in page
    assert "13:00–17:00" in page
    caches["hall_screens"].clear()
    with time_machine.travel(datetime(2026, 3, 7, 9, tzinfo=VIETNAM)):
        page = " ".join(Client().get(address).content.decode().split())
    assert "Hôm nay nghỉ. Làm việc lại từ 07:30, thứ 2, 09/03/2026." in page


def test_it_renews_itself_without_scripts_and_is_kept_by_nobody() -> None:
    answer = Client().get(a_screen(people.ward()))
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


def test_numbers_of_a_moment_ago_are_not_counted_again() -> None:
    address = a_screen(people.ward())
    start = timezone.now()
    with time_machine.travel(start), CaptureQueriesContext(connection) as first:
        assert numbers(address)[0] == "0"
    assert len([query for query in first if query["sql"].startswith("SELECT")]) <= 12
    people.a_dossier()
    with time_machine.travel(start + timedelta(seconds=44)), CaptureQueriesContext(connection) as second:
        assert numbers(address)[0] == "0"
    assert len(second) == 0
    with time_machine.travel(start + timedelta(seconds=46)):
        assert numbers(address)[0] == "1"


# ---- when something is wrong


def test_without_a_database_the_last_numbers_stay_with_their_time() -> None:
    people.a_dossier()
    address, start = a_screen(people.ward()), timezone.now()
    with time_machine.travel(start):
        assert numbers(address)[0] == "1"
    with connection.execute_wrapper(no_database):
        with time_machine.travel(start + timedelta(minutes=10)):
            answer = Client().get(address)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert f"{timezone.localtime(start):%H:%M}" in page
        assert re.search(r"data-lost>", page)
        with time_machine.travel(start + timedelta(hours=4)):
            assert Client().get(address).status_code == 503


def test_without_a_database_and_without_numbers_there_is_a_page_that_tries_again() -> None:
    address = a_screen(people.ward())
    with connection.execute_wrapper(no_database):
        answer = Client().get(address)
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "Số liệu tạm thời chưa hiển thị được" in page
    assert "/tra-cuu/" in page
    assert 'http-equiv="refresh"' in page


def test_an_address_that_does_not_exist_is_not_found() -> None:
    assert Client().get("/man-hinh/nothing/").status_code == 404
    assert Client().post(a_screen(people.ward())).status_code == 405


def test_an_address_is_slowed_down(settings: Any) -> None:
    settings.RATES = settings.RATES | {"hall_screen": "2/min"}
    address = a_screen(people.ward())
    assert [Client().get(address).status_code for _try in range(3)] == [200, 200, 429]
    slowed = Client().get(address)
    assert int(slowed["Retry-After"]) > 0
    assert "tạm thời" in slowed.content.decode()
