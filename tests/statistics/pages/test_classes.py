"""The page of points and classes says what `scoring` counts, of one's own agencies only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.staff.models import User
from onestop.statistics.models import Assessment
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _in_november() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 5, 9, tzinfo=VIETNAM), tick=False):
        yield


def page(user: User, **asked: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse("statistics:classes"), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_the_running_quarter_of_one_s_own_agency_first() -> None:
    dossier = people.a_new_dossier()
    lifecycle.receive(dossier, None, at=datetime(2026, 10, 1, 8, tzinfo=VIETNAM))
    lifecycle.approve(dossier, None, at=datetime(2026, 10, 2, 8, tzinfo=VIETNAM))
    Assessment.objects.create(agency=people.ward(), year=2026, quarter=4, indicator=5, points=1, basis="x")
    shown = page(people.ha())
    assert "Quý 4/2026" in shown
    assert "tạm tính" in shown
    assert "<td>2,0</td>" in shown
    assert "<td>1,0*</td>" in shown
    assert "<td>3,0/4</td>" in shown
    assert "<td>13,5</td>" in shown
    assert "<td>Tốt</td>" in shown


def test_what_nothing_is_known_of_is_no_nought() -> None:
    shown = page(people.ha())
    assert "UBND phường Trần Phú" in shown
    assert "<td>–</td>" in shown
    assert "0,0" not in shown


def test_a_month_is_refused_in_words() -> None:
    assert "Điểm được tính theo quý hoặc năm" in page(people.ha(), period="2026-10")
    assert "Chưa tính được điểm" in page(people.ha(), period="x")


def test_another_agency_s_points_are_not_shown() -> None:
    client = Client()
    client.force_login(people.ha())
    people.another_province()
    assert client.get(reverse("statistics:classes"), {"agency": "H23"}).status_code == 404
