"""The desk offers to undo one's own last move: on the dossier's page, and after a hand-over out of sight."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from onestop.catalog.models import Agency
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Move, State, Transition
from onestop.staff.models import User
from tests import people

pytestmark = pytest.mark.django_db


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address_of(step: Transition) -> str:
    return reverse("dossiers:undo", args=[step.dossier.uuid, step.pk])


def detail(client: Client, dossier: Dossier) -> str:
    return client.get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()


def test_the_page_after_a_move_has_a_button_that_takes_it_back() -> None:
    dossier, client = people.a_dossier(), as_(people.ha())
    client.post(reverse("dossiers:move", args=[dossier.uuid, Move.START]), {})
    step = dossier.transitions.latest("pk")
    assert f'action="{address_of(step)}"' in detail(client, dossier)
    answer = client.post(address_of(step), follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert said == [f"Hồ sơ {dossier.code}: đã hoàn tác “bắt đầu xử lý”, hồ sơ ở trạng thái “được tiếp nhận”."]
    shown = detail(client, dossier)
    assert "đã hoàn tác" in shown
    assert address_of(step) not in shown


def test_the_offer_costs_no_query_and_ends_with_its_time() -> None:
    dossier, client = people.a_dossier(), as_(people.ha())
    with CaptureQueriesContext(connection) as without:
        assert "Hoàn tác được đến" not in detail(client, dossier)
    lifecycle.start(dossier, people.ha())
    with CaptureQueriesContext(connection) as queries:
        assert "Hoàn tác được đến" in detail(client, dossier)
    assert len(queries) == len(without)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert "Hoàn tác được đến" not in detail(client, dossier)


def test_a_colleague_is_offered_nothing_and_finds_no_page() -> None:
    dossier = people.a_dossier()
    step = lifecycle.start(dossier, people.ha())
    assert "Hoàn tác" not in detail(as_(people.binh()), dossier)
    for answer in (as_(people.binh()).get(address_of(step)), as_(people.binh()).post(address_of(step))):
        assert answer.status_code == 404
    assert dossier.transitions.latest("pk") == step


def test_who_handed_it_out_of_sight_is_told_so_in_the_list_and_has_it_back() -> None:
    dossier = people.a_dossier()
    lifecycle.hand_over(dossier, people.lan(), unit=people.department())
    client = as_(people.minh())
    elsewhere = people.an_agency("H22.777", "Sở Y tế", people.province(), Agency.Level.PROVINCE)
    handed = client.post(
        reverse("dossiers:move", args=[dossier.uuid, Move.HAND_OVER]), {"unit": elsewhere.pk}, follow=True
    )
    step = dossier.transitions.latest("pk")
    assert handed.redirect_chain == [(reverse("dossiers:list"), 302)]
    assert f'<a href="{address_of(step)}">Hoàn tác</a>' in handed.content.decode()
    assert client.get(reverse("dossiers:detail", args=[dossier.uuid])).status_code == 404
    assert "Hoàn tác “chuyển xử lý”" in client.get(address_of(step)).content.decode()
    back = client.post(address_of(step), follow=True)
    assert back.redirect_chain == [(reverse("dossiers:detail", args=[dossier.uuid]), 302)]
    dossier.refresh_from_db()
    assert dossier.unit == people.department()


def test_a_page_of_before_a_colleagues_move_says_what_came_between() -> None:
    dossier, client = people.a_dossier(), as_(people.ha())
    step = lifecycle.start(dossier, people.ha())
    lifecycle.approve(dossier, people.binh())
    answer = client.post(address_of(step), follow=True)
    assert "Sau thao tác này hồ sơ đã có bước “duyệt kết quả”" in answer.content.decode()
    dossier.refresh_from_db()
    assert dossier.state == State.COMPLETED
    assert "không còn hoàn tác được" in client.get(address_of(step), follow=True).content.decode()
