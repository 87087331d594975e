"""The first page: whatever it counts is what the list behind the number shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.lists.home import COUNTED, Tile, Workload
from onestop.dossiers.models import Dossier, State
from onestop.staff.models import User
from tests import people

pytestmark = pytest.mark.django_db

HOME = reverse("dossiers:home")
FRIDAY = datetime(2026, 3, 6, 15, tzinfo=VIETNAM)
EVERYBODY = [people.lan, people.minh, people.binh, people.ha, people.tu, people.thanh, people.root]


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def an_office() -> None:
    """Dossiers in every state and with every kind of due date, some of them another agency's."""
    with time_machine.travel(FRIDAY - timedelta(days=10), tick=False):
        for state in State:
            people.a_dossier_in(state)
            people.a_dossier_in(state, agency=people.ward_desk())
    with time_machine.travel(FRIDAY, tick=False):
        for due in (-30, -1, 1, 8, 24, 80, 200):
            for officer in (None, people.binh()):
                dossier = people.a_dossier()
                Dossier.objects.filter(pk=dossier.pk).update(due_at=FRIDAY + timedelta(hours=due), officer=officer)
        people.a_dossier(agency=people.department(), by=people.root())


def shown(client: Client, address: str) -> int:
    answer = client.get(address)
    assert not answer.context["filter"].form.errors
    return len(answer.context["dossiers"])


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.__name__)
def test_every_number_is_that_of_the_list_behind_it(person: type[User]) -> None:
    an_office()
    with time_machine.travel(FRIDAY, tick=False):
        client = as_(person())
        page = client.get(HOME)
        tiles: list[Tile] = page.context["tiles"]
        assert len(tiles) >= 4
        assert any(tile.count for tile in tiles)
        for tile in tiles:
            assert shown(client, tile.address) == tile.count, str(tile.label)
        loads: list[Workload] = page.context["workloads"]
        for load in loads:
            for number, address in load.numbers:
                assert shown(client, address) == number, f"{load.name}: {address}"


def test_a_manager_sees_who_has_what_in_hand() -> None:
    an_office()
    with time_machine.travel(FRIDAY, tick=False):
        by_unit = {load.name: load.numbers[0][0] for load in as_(people.ha()).get(HOME).context["workloads"]}
        assert by_unit == {people.ward().name: 16, people.ward_desk().name: 2}
    assert as_(people.lan()).get(HOME).context["workloads"] == []


def test_where_there_is_one_unit_its_officers_are_told() -> None:
    for officer in (people.binh(), people.binh(), None):
        Dossier.objects.filter(pk=people.a_dossier().pk).update(officer=officer)
    loads = as_(people.ha()).get(HOME).context["workloads"]
    assert {load.name: load.numbers[0][0] for load in loads} == {people.binh().full_name: 2, "": 1}


def test_what_is_most_pressing_comes_first() -> None:
    an_office()
    with time_machine.travel(FRIDAY, tick=False):
        ((_title, queue),) = as_(people.ha()).get(HOME).context["queue"]
        dues = [dossier.due_at for dossier in queue]
        assert dues == sorted(dues)
        assert dues[0] < FRIDAY
        mine = as_(people.binh()).get(HOME).context["queue"]
        assert {dossier.officer for _title, dossiers in mine for dossier in dossiers} == {people.binh()}


def test_what_was_done_since_yesterday_is_told_the_latest_first() -> None:
    with time_machine.travel(FRIDAY - timedelta(days=3), tick=False):
        people.a_dossier(applicant_name="cũ")
    with time_machine.travel(FRIDAY - timedelta(days=1), tick=False):
        started = people.a_dossier(applicant_name="hôm qua")
    with time_machine.travel(FRIDAY, tick=False):
        new = people.a_dossier(applicant_name="hôm nay")
    with time_machine.travel(FRIDAY + timedelta(hours=1), tick=False):
        lifecycle.start(started, people.binh())
        client = as_(people.lan())
        page = client.get(HOME)
        told = [(change.dossier, change.move, change.actor) for change in page.context["changes"]]
        assert told == [
            (started, "bắt đầu xử lý", people.binh().full_name),
            (new, "tiếp nhận", people.lan().full_name),
        ]
        assert shown(client, page.context["changes_address"]) == 2


def test_nothing_of_another_agency_is_counted_or_told() -> None:
    people.a_dossier(agency=people.department(), by=people.root())
    page = as_(people.lan()).get(HOME)
    assert {tile.count for tile in page.context["tiles"]} == {0}
    assert not page.context["queue"]
    assert not page.context["changes"]
    assert "Không có hồ sơ nào chờ xử lý" in page.content.decode()


def test_beyond_a_thousand_it_is_told_that_there_are_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onestop.dossiers.lists.home.COUNTED", 2)
    for _number in range(4):
        people.a_dossier_in(State.COMPLETED)
    told = [tile for tile in as_(people.lan()).get(HOME).context["tiles"] if tile.count]
    assert [(str(tile.label), tile.shown, tile.is_more) for tile in told] == [
        ("tiếp nhận hôm nay", 2, True),
        ("chờ trả kết quả", 2, True),
    ]
    assert COUNTED == 1_000


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.__name__)
def test_it_takes_the_same_few_queries_however_much_there_is(person: type[User]) -> None:
    client = as_(person())

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(HOME).status_code == 200
        return len(asked)

    queries()
    few = queries()
    for _number in range(12):
        people.a_dossier(officer=people.binh())
        people.a_dossier_in(State.COMPLETED)
    assert queries() <= few + 1
    assert queries() <= 16


# ---- what a link narrows the list to


def test_a_link_s_own_condition_is_told_in_words_and_can_be_taken_away() -> None:
    people.a_dossier(officer=people.binh())
    client = as_(people.lan())
    page = client.get(reverse("dossiers:list"), {"officer": str(people.binh().pk), "due": "soon"})
    assert page.context["narrowed"] == [(f"Cán bộ: {people.binh()}", "?due=soon")]
    since = client.get(reverse("dossiers:list"), {"changed_from": "2026-03-06"}).context["narrowed"]
    assert since == [("Có bước xử lý từ: 06/03/2026", "?")]
    nobody = client.get(reverse("dossiers:list"), {"officer": "null"}).context["narrowed"]
    assert [words for words, _address in nobody] == ["Cán bộ: chưa ai phụ trách"]


def test_an_officer_of_another_agency_is_no_condition() -> None:
    page = as_(people.lan()).get(reverse("dossiers:list"), {"officer": str(people.minh().pk)})
    assert page.context["filter"].form.errors
    assert page.context["narrowed"] == []


def test_the_first_page_says_how_the_sync_fares_to_who_may_know(client: Client) -> None:
    def part(person: User, **headers: str) -> Any:
        return as_(person).get(reverse("packets:health"), headers=headers)

    assert "packets/health/" in as_(people.ha()).get(HOME).content.decode()
    assert "packets/health/" not in as_(people.lan()).get(HOME).content.decode()
    assert "Đồng bộ" in part(people.ha(), HX_Request="true").content.decode()
    assert "<html" not in part(people.ha(), HX_Request="true").content.decode()
    assert part(people.ha()).status_code == 302
    assert part(people.lan(), HX_Request="true").status_code == 403


def test_it_is_where_one_comes_after_signing_in() -> None:
    person = people.lan()
    person.set_password("motcua-2026")
    person.save()
    answer = Client().post(reverse("sign-in"), {"username": person.username, "password": "motcua-2026"})
    assert answer["Location"] == HOME
    assert timezone.localdate().strftime("%d/%m/%Y") in as_(person).get(HOME).content.decode()


def test_an_officer_s_own_dossiers_stand_in_groups_by_urgency() -> None:
    with time_machine.travel(FRIDAY, tick=False):
        for due in (-1, 1, 24, 200):
            dossier = people.a_dossier(officer=people.binh())
            Dossier.objects.filter(pk=dossier.pk).update(due_at=FRIDAY + timedelta(hours=due))
        groups = as_(people.binh()).get(HOME).context["queue"]
        assert [(str(title), len(dossiers)) for title, dossiers in groups] == [
            ("Quá hạn", 1),
            ("Hôm nay", 1),
            ("3 ngày tới", 1),
            ("Sau đó", 1),
        ]


def test_the_counter_finds_again_what_it_received_today() -> None:
    with time_machine.travel(FRIDAY - timedelta(days=1), tick=False):
        people.a_dossier(applicant_name="hôm qua")
    with time_machine.travel(FRIDAY, tick=False):
        mine = people.a_dossier(applicant_name="hôm nay")
        people.a_dossier(applicant_name="của người khác", by=people.ha())
        page = as_(people.lan()).get(HOME)
        assert page.context["received"] == [mine]
        assert f'name="dossier" value="{mine.uuid}" data-prints="print-outcome"' in page.content.decode()
        assert as_(people.binh()).get(HOME).context["received"] == []


def test_the_bars_of_a_table_are_parts_of_the_longest() -> None:
    for officer in (people.binh(), people.binh(), None):
        Dossier.objects.filter(pk=people.a_dossier().pk).update(officer=officer)
    loads = as_(people.ha()).get(HOME).context["workloads"]
    assert {load.name: load.share for load in loads} == {people.binh().full_name: 100, "": 50}
