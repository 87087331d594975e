"""Portals and packets in Django's admin: the secret never comes out, JSON has its shape, packets are for reading."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from onestop.staff.models import Role, User
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.models import DeliveryState, Packet, PacketState, Portal
from packets.operations import give_up
from tests import people

from .portals import a_portal, an_attempt, collected, is_faring

pytestmark = pytest.mark.django_db

SECRET = "bí-mật-của-cổng"


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def allowed(person: User, *names: str) -> User:
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    return person


def change_of(row: Portal | Packet) -> str:
    return reverse(f"admin:packets_{row._meta.model_name}_change", args=[row.pk])


def changelist_of(model: str) -> str:
    return reverse(f"admin:packets_{model}_changelist")


def filled_in(**changes: str) -> dict[str, str]:
    return {
        "code": "practice",
        "name": "Cổng thử",
        "is_active": "on",
        "dialect": "qd1705",
        "base_url": "http://127.0.0.1:9",
        "token_url": "http://127.0.0.1:9/token",
        "client_id": "demo",
        "client_secret": "",
        "since_0": "",
        "since_1": "",
        "aliases": "{}",
        "codes": "{}",
        "date_offset": "basic",
        "empty_date": "blank",
        "success_statuses": "[0, 1, 200]",
        "most_in_flight": "",
        "rate_limit": "",
        "rate_seconds": "1",
        "delivery-TOTAL_FORMS": "0",
        "delivery-INITIAL_FORMS": "0",
        **changes,
    }


def errors(client: Client, portal: Portal, **changes: str) -> dict[str, Any]:
    answer = client.post(change_of(portal), filled_in(**changes))
    assert answer.status_code == 200
    found: dict[str, Any] = answer.context["adminform"].form.errors
    return found


# ---- portals


def test_the_secret_is_asked_for_and_never_shown() -> None:
    portal, client = a_portal(client_secret=SECRET), as_(people.root())
    for address in (change_of(portal), changelist_of("portal")):
        assert SECRET not in client.get(address).content.decode()
    refused = client.post(change_of(portal), filled_in(client_secret="gõ-mới", base_url="x")).content.decode()
    assert "gõ-mới" not in refused


def test_the_code_stays_once_it_is_part_of_evidence() -> None:
    portal, client = a_portal(), as_(people.root())
    typed = filled_in(code="first", ledger_url="http://127.0.0.1:9/ledger", client_secret="lại")
    client.post(change_of(portal), typed)
    portal.refresh_from_db()
    assert (portal.code, portal.ledger_url) == ("first", "http://127.0.0.1:9/ledger")
    is_faring(portal, number=1)
    client.post(change_of(portal), filled_in(code="second", name="Cổng khác"))
    portal.refresh_from_db()
    assert (portal.code, portal.name) == ("first", "Cổng khác")


def test_a_blank_secret_keeps_the_old_one_and_a_typed_one_replaces_it() -> None:
    portal, client = a_portal(client_secret=SECRET), as_(people.root())
    assert client.post(change_of(portal), filled_in(name="Tên mới")).status_code == 302
    portal.refresh_from_db()
    assert (portal.name, portal.client_secret) == ("Tên mới", SECRET)
    history = client.get(reverse("admin:packets_portal_history", args=[portal.pk])).content.decode()
    assert "ecret" not in history
    assert client.post(change_of(portal), filled_in(client_secret="mới")).status_code == 302
    portal.refresh_from_db()
    assert portal.client_secret == "mới"


def test_a_new_portal_needs_its_secret() -> None:
    client, add = as_(people.root()), reverse("admin:packets_portal_add")
    answer = client.post(add, filled_in())
    assert list(answer.context["adminform"].form.errors) == ["client_secret"]
    assert client.post(add, filled_in(client_secret=SECRET)).status_code == 302
    portal = Portal.objects.get()
    assert (portal.client_secret, portal.aliases, portal.success_statuses) == (SECRET, {}, [0, 1, 200])


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("aliases", '["Attachmentld"]'),
        ("aliases", '{"Attachmentld": 5}'),
        ("aliases", '{"Attachmentld": ""}'),
        ("codes", '{"ReturnedType": 1}'),
        ("codes", "[1]"),
        ("success_statuses", '{"0": 1}'),
        ("success_statuses", '["200"]'),
        ("success_statuses", "[true]"),
    ],
)
def test_json_of_the_wrong_shape_is_refused_with_an_example(field: str, typed: str) -> None:
    found = errors(as_(people.root()), a_portal(), **{field: typed})
    assert list(found) == [field]
    assert "ví dụ" in found[field][0]


def test_json_of_the_right_shape_is_kept_and_an_emptied_field_means_nothing_differs() -> None:
    portal, client = a_portal(aliases={"A": "B"}), as_(people.root())
    typed = filled_in(aliases="", codes='{"ReturnedType": {"0": 1, "1": 0}}', success_statuses="[200]")
    assert client.post(change_of(portal), typed).status_code == 302
    portal.refresh_from_db()
    assert portal.aliases == {}
    assert portal.codes == {"ReturnedType": {"0": 1, "1": 0}}
    assert portal.success_statuses == [200]


def test_what_the_worker_writes_is_not_written_by_hand() -> None:
    portal = a_portal()
    is_faring(portal, failures=3, last_failure="lỗi cũ")
    rows = {"delivery-TOTAL_FORMS": "1", "delivery-INITIAL_FORMS": "1", "delivery-0-portal": str(portal.pk)}
    typed = filled_in(**rows, **{"delivery-0-failures": "0", "delivery-0-last_failure": "", "delivery-0-number": "9"})
    assert as_(people.root()).post(change_of(portal), typed).status_code == 302
    delivery = DeliveryState.objects.get()
    assert (delivery.failures, delivery.last_failure, delivery.number) == (3, "lỗi cũ", 0)


@pytest.mark.parametrize(("action", "active"), [("pause", False), ("resume", True)])
def test_portals_are_paused_and_resumed_together(action: str, active: bool) -> None:
    portals = [a_portal(code=code, is_active=not active) for code in ("one", "two")]
    for portal in portals:
        is_faring(portal, failures=9, rests=2, resting_until=timezone.now() + timedelta(minutes=15))
    selected = {"action": action, "_selected_action": [str(portal.pk) for portal in portals]}
    as_(people.root()).post(changelist_of("portal"), selected)
    assert set(Portal.objects.values_list("is_active", flat=True)) == {active}
    # Who lets a portal go on has seen to it, so its rest is over.
    faring = DeliveryState.objects.values_list("failures", "rests", "resting_until")
    assert all(state == (0, 0, None) for state in faring) is active


def test_portals_are_set_up_by_the_provinces_operator_and_not_below_it() -> None:
    portal, elsewhere, of_all = a_portal(), a_portal(code="elsewhere"), a_portal(code="of-all")
    portal.agencies.add(people.province())
    elsewhere.agencies.add(people.another_province())
    tu, named = as_(people.tu()), {"agencies": str(people.province().pk)}
    assert tu.post(change_of(portal), filled_in(name="Tên mới", **named)).status_code == 302
    assert tu.get(change_of(of_all)).status_code == 302
    assert tu.get(change_of(elsewhere)).status_code == 302
    assert list(tu.get(changelist_of("portal")).context["cl"].result_list) == [portal]
    powers = ("view_portal", "add_portal", "change_portal", "delete_portal")
    below = as_(allowed(people.a_person("tam", Role.OPERATOR, people.ward()), *powers))
    assert below.post(change_of(portal), filled_in(name="Tên khác")).status_code == 403
    assert below.post(reverse("admin:packets_portal_add"), filled_in(client_secret="x")).status_code == 403
    delete = reverse("admin:packets_portal_delete", args=[portal.pk])
    assert below.post(delete, {"post": "yes"}).status_code == 403
    below.post(changelist_of("portal"), {"action": "pause", "_selected_action": [str(portal.pk)]})
    portal.refresh_from_db()
    assert (portal.name, portal.is_active) == ("Tên mới", True)


def test_who_may_only_look_at_portals_does_not_come_near_the_secret() -> None:
    """Admin would print it on its page for looking."""
    portal = a_portal(client_secret=SECRET)
    for person in (people.a_person("tam", Role.OPERATOR, people.ward()), people.ha()):
        client = as_(allowed(person, "view_portal"))
        assert client.get(change_of(portal)).status_code == 403
        assert client.get(changelist_of("portal")).status_code == 403


# ---- packets


def a_stopped_packet() -> Packet:
    people.a_dossier()
    portal = a_portal(require_attachment=True, client_secret=SECRET)
    collected(portal)
    return Packet.objects.get(state=PacketState.STOPPED)


def test_packets_are_read_with_their_tries_and_neither_changed_nor_made_nor_deleted() -> None:
    packet, client = a_stopped_packet(), as_(people.root())
    shown = client.get(change_of(packet)).content.decode()
    assert str(packet.key) in shown
    assert reverse("packets:detail", args=[packet.pk]) in shown
    assert SECRET not in shown
    assert client.post(change_of(packet), {"state": "accepted"}).status_code == 403
    assert client.get(reverse("admin:packets_packet_add")).status_code == 403
    assert client.post(reverse("admin:packets_packet_delete", args=[packet.pk]), {"post": "yes"}).status_code == 403
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED


def test_packets_are_found_by_dossier_code_and_not_counted_a_second_time() -> None:
    packet, client = a_stopped_packet(), as_(people.root())
    query = {"q": str(packet.dossier), "state": "stopped"}
    assert list(client.get(changelist_of("packet"), query).context["cl"].result_list) == [packet]
    assert not client.get(changelist_of("packet"), {"q": "H99"}).context["cl"].result_list
    assert admin.site._registry[Packet].show_full_result_count is False


def queries_of(client: Client, address: str) -> int:
    # Content types are asked for once in a process.
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_list_of_packets_takes_no_more_queries_for_more_rows() -> None:
    client, numbers = as_(people.root()), []
    portal = a_portal()
    for more in (2, 18):
        for _number in range(more):
            people.a_dossier()
        collected(portal)
        numbers.append(queries_of(client, changelist_of("packet")))
    assert numbers[0] == numbers[1]


def test_the_list_of_portals_takes_no_more_queries_for_more_rows() -> None:
    client, numbers = as_(people.root()), []
    for more in (2, 18):
        for number in range(more):
            a_portal(code=f"portal-{more}-{number}").agencies.add(people.province())
        numbers.append(queries_of(client, changelist_of("portal")))
    assert numbers[0] == numbers[1]


def test_a_packets_page_takes_no_more_queries_for_more_tries() -> None:
    packet, client, numbers = a_stopped_packet(), as_(people.root()), []
    for more in (2, 18):
        for _number in range(more):
            an_attempt(packet)
        numbers.append(queries_of(client, change_of(packet)))
    assert numbers[0] == numbers[1]


def test_a_packet_that_was_given_up_says_by_whom_and_why() -> None:
    packet, client = a_stopped_packet(), as_(people.root())
    give_up(packet, people.tu(), "Hồ sơ nhập nhầm")
    shown = client.get(change_of(packet)).content.decode()
    assert "Hồ sơ nhập nhầm" in shown
    assert str(people.tu()) in shown
    listed = client.get(changelist_of("packet"), {"state": "given_up"})
    assert list(listed.context["cl"].result_list) == [packet]
    assert "đã hủy, có lý do" in listed.content.decode()


def test_a_portal_shows_how_sending_to_it_goes() -> None:
    portal = a_portal()
    is_faring(portal, number=12_345, last_failure="Cổng đang lỗi.", rests=3)
    shown = as_(people.root()).get(change_of(portal)).content.decode()
    assert "12345" in shown
    assert "Cổng đang lỗi." in shown


def test_selected_packets_are_resent_and_the_wrong_ones_named() -> None:
    packet, client = a_stopped_packet(), as_(people.root())
    selected = {
        "action": "resend",
        "_selected_action": [str(pk) for pk in Packet.objects.values_list("pk", flat=True)],
    }
    answer = client.post(changelist_of("packet"), selected, follow=True).content.decode()
    assert "1 gói chưa hợp lệ" in answer
    Portal.objects.update(require_attachment=False)
    assert "1 gói trở lại" in client.post(changelist_of("packet"), selected, follow=True).content.decode()
    packet.refresh_from_db()
    assert packet.state == PacketState.READY


def test_who_only_looks_cannot_resend_in_the_admin_either() -> None:
    packet = a_stopped_packet()
    Portal.objects.update(require_attachment=False)
    selected = {"action": "resend", "_selected_action": [str(packet.pk)]}
    client = as_(allowed(people.ha(), "view_packet"))
    assert "Gửi lại" not in client.get(changelist_of("packet")).content.decode()
    client.post(changelist_of("packet"), selected)
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED
    as_(allowed(people.tu(), "view_packet")).post(changelist_of("packet"), selected)
    packet.refresh_from_db()
    assert packet.state == PacketState.READY


def test_in_the_admin_too_one_sees_ones_own_packets_only() -> None:
    packet = a_stopped_packet()
    elsewhere = people.a_person("kim", Role.OPERATOR, people.department())
    client = as_(allowed(elsewhere, "view_packet"))
    assert not client.get(changelist_of("packet")).context["cl"].result_list
    assert client.get(change_of(packet)).status_code == 302


@pytest.mark.parametrize("few", [0, 50])
def test_packets_looked_up_by_dossier_are_exactly_those_that_somebody_may_see(
    monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Of dossiers and of figures, whether the user's agencies are named one by one or not."""
    monkeypatch.setattr("onestop.catalog.models.agency.NAMED_AGENCIES", few)
    here, elsewhere, month = people.ward(), people.another_province(), Period.month_of(timezone.now())
    for agency in (here, elsewhere):
        people.a_dossier(agency=agency, by=people.root())
        publish(agency.level1 or agency, month, month.end)
    collected(a_portal())
    everything, seen = set(Packet.objects.all()), {}
    for user in (people.ha(), people.tu(), people.root()):
        seen[user.username] = set(Packet.objects.visible_to(user))
        agencies = set(user.agencies)
        about = {packet: (packet.dossier or packet.publication) for packet in everything}
        expected = {packet for packet, subject in about.items() if subject and subject.agency in agencies}
        assert seen[user.username] == expected != set()
    assert seen["ha"] < everything
    assert any(packet.publication for packet in seen[people.root().username])
