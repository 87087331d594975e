"""Who may open the operator's pages, and what each may do there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.dossiers.models import Dossier
from onestop.staff.models import Role
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.desk.urls import urlpatterns
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, PacketState, Portal
from tests import people
from tests.packets.desk_pages import (
    LIST,
    OVERVIEW,
    RESEND_FOUND,
    a_manager_of_the_department,
    a_stopped_packet,
    an_operator_of_the_ward,
    as_,
    detail_of,
    give_up_of,
    no_files_wanted_any_more,
    page,
    resend_of,
    steering,
    told,
)
from tests.packets.portals import a_portal, collected

pytestmark = pytest.mark.django_db


def addresses() -> list[str]:
    """Every page of the app, of rows that exist."""
    packet = a_stopped_packet()
    assert packet.dossier
    known = {"pk": packet.pk, "uuid": packet.dossier.uuid, "code": packet.portal.code}
    patterns = [(pattern.name, pattern.pattern.converters) for pattern in urlpatterns]
    return [reverse(f"packets:{name}", kwargs={key: known[key] for key in keys}) for name, keys in patterns]


def test_nobody_comes_in_without_signing_in() -> None:
    for address in addresses():
        assert Client().get(address).headers["Location"].startswith(reverse("sign-in")), address


def part_of_dossier() -> str:
    """The one that is for all who see the dossier."""
    return reverse("packets:part-of-dossier", args=[Dossier.objects.get().uuid])


@pytest.mark.parametrize("person", [people.lan, people.binh])
def test_the_counter_and_the_officers_are_told_that_this_is_not_theirs(person: Any) -> None:
    client = as_(person())
    for address in addresses():
        if address == part_of_dossier():
            continue
        answers = {client.get(address).status_code, client.post(address).status_code}
        assert answers <= {403, 405}, address
        assert 403 in answers, address


@pytest.mark.parametrize("person", [people.tu, people.ha, people.thanh, people.root])
def test_operators_managers_auditors_and_superusers_read_every_page(person: Any) -> None:
    client, operates = as_(person()), person in (people.tu, people.root)
    for address in addresses():
        to_act = address == RESEND_FOUND or "give-up" in address
        # A part of another page comes as what it is only to that page.
        part = {"HX-Request": "true"} if address.endswith(("/health/", "/part/")) else {}
        assert client.get(address, headers=part).status_code in (403 if to_act and not operates else 200, 405), address


@pytest.mark.parametrize("person", [people.ha, people.thanh])
def test_who_only_reads_is_offered_nothing_to_press_and_changes_nothing(person: Any) -> None:
    packet, client = a_stopped_packet(), as_(person())
    no_files_wanted_any_more()
    assert "Gửi lại" not in page(client, detail_of(packet))
    assert "Gửi lại" not in page(client, LIST)
    assert "Tạm dừng" not in page(client, OVERVIEW)
    assert "Hủy gói này" not in page(client, detail_of(packet))
    assert 'type="checkbox" name="packet"' not in page(client, LIST)
    acts = [resend_of(packet), RESEND_FOUND, give_up_of(packet)]
    acts += [steering(packet.portal, "pause"), steering(packet.portal, "resume")]
    assert [client.post(act, {"because": "thử"}).status_code for act in acts] == [403] * 5
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED
    assert Portal.objects.get().is_active


@pytest.mark.parametrize("act", ["resend", "pause", "resume"])
def test_what_changes_something_is_never_done_by_opening_a_link(act: str) -> None:
    packet = a_stopped_packet()
    address = resend_of(packet) if act == "resend" else steering(packet.portal, act)
    assert as_(people.tu()).get(address).status_code == 405


def test_packets_of_other_agencies_are_out_of_sight_everywhere() -> None:
    packet, ward, month = a_stopped_packet(), people.ward(), Period.month_of(timezone.now())
    publish(people.province(), month, month.end)
    collected(packet.portal)
    assert packet.dossier
    client = as_(a_manager_of_the_department())
    assert ward.code not in page(client, LIST)
    assert "Gói chưa hoàn tất" not in page(client, OVERVIEW)
    assert client.get(detail_of(packet)).status_code == 404
    assert client.get(reverse("packets:dossier", args=[packet.dossier.uuid])).status_code == 404
    figures = Packet.objects.get(kind=Kind.STATISTIC)
    assert client.get(detail_of(figures)).status_code == 404
    assert as_(people.thanh()).get(detail_of(figures)).status_code == 200


def test_an_operator_resends_and_gives_up_nothing_of_another_agency() -> None:
    packet = a_stopped_packet()
    no_files_wanted_any_more()
    operator = as_(people.a_person("kim", Role.OPERATOR, people.department()))
    assert operator.post(resend_of(packet)).status_code == 404
    assert operator.post(give_up_of(packet), {"because": "thử"}).status_code == 404
    assert "0 gói trở lại" in told(operator, RESEND_FOUND)
    assert "0 gói trở lại" in told(operator, RESEND_FOUND, packet=str(packet.pk))
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED


def test_a_portal_of_another_province_is_out_of_sight() -> None:
    portal = a_portal(name="Cổng Cà Mau")
    portal.agencies.add(people.another_province())
    client = as_(people.tu())
    assert "Cổng Cà Mau" not in page(client, OVERVIEW)
    assert client.post(steering(portal, "pause")).status_code == 404
    portal.agencies.add(people.province())
    assert page(client, OVERVIEW).count("<h2>Cổng Cà Mau</h2>") == 1


def test_an_operator_below_the_province_does_not_pause_its_portal_but_resends_his_own() -> None:
    packet, client = a_stopped_packet(), as_(an_operator_of_the_ward())
    no_files_wanted_any_more()
    assert "Tạm dừng" not in page(client, OVERVIEW)
    assert client.post(steering(packet.portal, "pause")).status_code == 403
    assert "trở lại hàng chờ" in told(client, resend_of(packet))


@pytest.mark.parametrize("number", ["999999", "9" * 30])
def test_a_packet_that_is_not_there_is_not_found(number: str) -> None:
    assert as_(people.root()).get(f"/packets/{number}/").status_code == 404
