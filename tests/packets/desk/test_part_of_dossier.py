"""The part of a dossier's page that says what was reported of it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from onestop.staff.models import User
from packets.collecting.collect import collect
from packets.desk.views import PACKETS_SHOWN
from packets.models import Packet
from tests import people
from tests.packets.portals import a_portal

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PART = {"HX-Request": "true"}


def part(person: User, dossier: Dossier) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(reverse("packets:part-of-dossier", args=[dossier.uuid]), headers=PART)
    assert answer.status_code == 200
    return answer.content.decode()


def a_reported_dossier() -> Dossier:
    portal, dossier = a_portal(), people.a_dossier()
    lifecycle.start(dossier, people.binh())
    collect(portal)
    return dossier


def test_whoever_sees_the_dossier_sees_how_it_was_reported() -> None:
    dossier = a_reported_dossier()
    for person in (people.lan(), people.binh(), people.ha(), people.thanh()):
        shown = part(person, dossier)
        assert "Cổng" in shown
        assert shown.count('class="state ') == Packet.objects.filter(dossier=dossier).count()


def test_only_who_follows_the_synchronisation_is_led_to_the_packets() -> None:
    dossier = a_reported_dossier()
    latest = reverse("packets:detail", args=[Packet.objects.latest("pk").pk])
    assert latest in part(people.ha(), dossier)
    assert "/packets/" not in part(people.lan(), dossier)


def test_nobody_else_sees_it() -> None:
    client = Client()
    client.force_login(people.minh())
    answer = client.get(reverse("packets:part-of-dossier", args=[a_reported_dossier().uuid]), headers=PART)
    assert answer.status_code == 404


def test_a_dossier_that_is_not_reported_yet_says_why() -> None:
    assert "từ khi được tiếp nhận" in part(people.lan(), people.a_registered_dossier())
    assert "Hồ sơ thử không được báo cáo" in part(people.lan(), people.a_dossier(is_test=True))
    assert "Chưa có gói dữ liệu nào" in part(people.lan(), people.a_dossier())


def test_only_the_latest_are_shown() -> None:
    portal, dossier = a_portal(), people.a_dossier()
    for number in range(PACKETS_SHOWN):
        lifecycle.amend(dossier, people.lan(), changes={"phone": f"090500000{number}"})
    collect(portal)
    shown = part(people.lan(), dossier)
    assert shown.count('class="state ') == PACKETS_SHOWN
    assert "Còn các gói cũ hơn" in shown


def test_without_scripts_it_leads_on(client: Client) -> None:
    dossier = a_reported_dossier()
    address = reverse("packets:part-of-dossier", args=[dossier.uuid])
    client.force_login(people.ha())
    assert client.get(address).headers["Location"] == reverse("packets:dossier", args=[dossier.uuid])
    client.force_login(people.lan())
    assert client.get(address).headers["Location"] == reverse("dossiers:detail", args=[dossier.uuid])
