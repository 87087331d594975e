"""What the sync app adds to the pages of the office."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Move
from onestop.staff.models import Role, User
from packets.collecting.collect import collect
from packets.models import Packet
from packets.slots import will_be_reported
from tests import people
from tests.packets.portals import a_portal

pytestmark = pytest.mark.django_db


def test_what_the_portal_is_told_is_foreseen() -> None:
    """As `packets.dialects.spec` reports: from its acceptance on, before only what the portal knows; never tests."""
    waiting = people.a_registered_dossier()
    assert not will_be_reported(waiting, Move.REFUSE)
    assert will_be_reported(waiting, Move.ACCEPT)
    assert will_be_reported(people.a_dossier(), Move.START)
    assert not will_be_reported(people.a_dossier(is_test=True), Move.START)
    from_portal = people.a_registered_dossier(from_portal=True, code="G22.99-261116-1", channel="online")
    assert will_be_reported(from_portal, Move.REFUSE)


def test_what_is_foreseen_is_what_is_collected() -> None:
    portal = a_portal()
    from_portal = people.a_registered_dossier(from_portal=True, code="G22.99-261116-1", channel="online")
    for dossier, move in [
        (people.a_registered_dossier(), Move.REFUSE),
        (people.a_registered_dossier(), Move.ACCEPT),
        (people.a_dossier(), Move.START),
        (people.a_dossier(is_test=True), Move.START),
        (from_portal, Move.REFUSE),
    ]:
        foreseen = will_be_reported(dossier, move)
        comment = {"comment": "Không thuộc thẩm quyền"} if move == Move.REFUSE else {}
        transition = lifecycle.MAKE[move](dossier, people.ha(), **comment)
        collect(portal)
        assert Packet.objects.filter(transition=transition).exists() == foreseen


def test_the_page_of_a_dossier_and_of_each_move_say_whether_it_is_reported(client: Client) -> None:
    def shown(dossier: Dossier) -> list[str]:
        pages = [
            reverse("dossiers:detail", args=[dossier.uuid]),
            reverse("dossiers:move", args=[dossier.uuid, Move.START]),
        ]
        return [client.get(page).content.decode() for page in pages]

    client.force_login(people.minh())
    for page in shown(people.a_dossier(unit=people.department())):
        assert "Thông tin được đồng bộ lên Cổng Dịch vụ công quốc gia." in page
        assert "Thông tin không được đồng bộ lên Cổng." not in page
    for page in shown(people.a_dossier(unit=people.department(), is_test=True)):
        assert "Thông tin được đồng bộ lên Cổng Dịch vụ công quốc gia." not in page
        assert "Thông tin không được đồng bộ lên Cổng." in page


@pytest.mark.parametrize("role", Role)
def test_the_first_page_and_the_navigation_lead_to_the_portals_only_who_may_read_there(
    role: Role, client: Client
) -> None:
    person: User = people.a_person("x", role, people.ward())
    client.force_login(person)
    page = client.get(reverse("dossiers:home")).content.decode()
    may_read = client.get(reverse("packets:overview")).status_code == 200
    assert (f'hx-get="{reverse("packets:health")}"' in page) == may_read
    assert (f'href="{reverse("packets:overview")}">Đồng bộ' in page) == may_read
