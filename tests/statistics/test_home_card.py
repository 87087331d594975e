"""The office's month on the first page of those who answer for it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from onestop.catalog.models import Agency
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from onestop.staff.models import User
from onestop.statistics.pages.home_card import DAYS_SHOWN, received_by_day
from tests import people

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 3, 20, 10, tzinfo=VIETNAM)
CARD = reverse("statistics:home-card")
PART = {"HX-Request": "true"}


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def solved(at: datetime, *, late: bool) -> Dossier:
    with time_machine.travel(at, tick=False):
        dossier = people.a_dossier()
        lifecycle.start(dossier, people.binh())
    if late:
        at += timedelta(days=300)
    with time_machine.travel(at, tick=False):
        lifecycle.approve(dossier, people.binh())
    return dossier


def test_it_tells_how_much_was_in_time_this_month_and_last() -> None:
    for day in (2, 3, 4):
        solved(datetime(2026, 3, day, 9, tzinfo=VIETNAM), late=False)
    solved(datetime(2025, 5, 10, 9, tzinfo=VIETNAM), late=True)
    solved(datetime(2026, 2, 3, 9, tzinfo=VIETNAM), late=False)
    with time_machine.travel(TODAY, tick=False):
        answer = as_(people.ha()).get(CARD, headers=PART)
    assert (answer.context["solved"], answer.context["in_time"]) == (4, 750)
    assert (answer.context["solved_before"], answer.context["in_time_before"]) == (1, 1000)
    assert "75,0%" in answer.content.decode()


def test_the_bars_are_the_days_up_to_today() -> None:
    for days in (0, 0, 1, DAYS_SHOWN - 1, DAYS_SHOWN):
        with time_machine.travel(TODAY - timedelta(days=days), tick=False):
            people.a_dossier()
            people.a_dossier(is_test=True)
    with time_machine.travel(TODAY, tick=False):
        bars = list(received_by_day(people.ward()))
    assert len(bars) == DAYS_SHOWN
    assert [bar.number for bar in bars if bar.number] == [1, 1, 2]
    assert (bars[0].number, bars[-2].number, bars[-1].number) == (1, 1, 2)
    assert (bars[0].height, bars[-1].height) == (50, 100)


def test_only_who_answers_for_the_figures_has_it_on_the_first_page() -> None:
    for person, has in ((people.ha(), True), (people.thanh(), True), (people.lan(), False), (people.binh(), False)):
        assert (CARD in as_(person).get("/").content.decode()) == has


def test_without_scripts_it_leads_to_the_figures() -> None:
    assert as_(people.ha()).get(CARD)["Location"] == reverse("statistics:overview")


def test_where_no_office_receives_there_are_no_figures() -> None:
    root = people.root()
    Agency.objects.all().delete()
    answer = as_(root).get(CARD, headers=PART)
    assert answer.status_code == 200
    assert "chưa có số liệu" in answer.content.decode()
    assert "<main" not in answer.content.decode()
