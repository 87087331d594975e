"""Giving a packet up: never sent, those behind it go on, and it stays known who did it, when and why."""

from __future__ import annotations

import logging
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from onestop.staff.models import User
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.delivery.sender import deliver
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, PacketState
from packets.models.reasons import Reason
from packets.operations import give_up, resend
from tests import people
from tests.packets.portals import a_portal, collected, hasten, states
from tests.practice_portal import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

WHY = "Đặng Văn Ước đã rút hồ sơ"


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def a_stopped_document(dossier: Dossier | None = None) -> Packet:
    """With the dossier's traces behind it."""
    dossier = dossier or people.a_dossier()
    collected(a_portal(require_attachment=True))
    return Packet.objects.get(dossier=dossier, kind=Kind.DOCUMENT, state=PacketState.STOPPED)


def page_of(packet: Packet, name: str = "detail") -> str:
    return reverse(f"packets:{name}", args=[packet.pk])


def given_up_by_form(packet: Packet, because: str = WHY) -> str:
    """The page that giving up leads to."""
    answer = as_(people.tu()).post(page_of(packet, "give-up"), {"because": because}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_packet_that_is_given_up_is_settled_and_what_waits_behind_it_goes_on(practice_portal: Sandbox) -> None:
    packet = a_stopped_document()
    packet.portal.base_url, packet.portal.token_url = practice_portal.address, f"{practice_portal.address}/token"
    packet.portal.save()
    assert deliver(packet.portal).accepted == 0
    assert give_up(packet, people.tu(), f"  {WHY}\n")
    packet.refresh_from_db()
    assert (packet.state, packet.due_at, packet.given_up_by) == (PacketState.GIVEN_UP, None, people.tu())
    assert (packet.given_up_because, packet.reason) == (WHY, Reason.NO_ATTACHMENT)
    assert packet.settled_at is not None
    deliver(packet.portal)
    assert [arrival["kind"] for arrival in practice_portal.ledger()] == ["token", "trace"]
    # As the page has warned: the portal knows nothing of the dossier.
    trace = Packet.objects.get(kind=Kind.TRACE)
    assert (trace.tries, trace.reason) == (1, Reason.REFUSED)


def test_what_waits_behind_an_earlier_one_still_waits() -> None:
    document = a_stopped_document()
    Packet.objects.filter(kind=Kind.TRACE).update(state=PacketState.STOPPED, reason=Reason.REFUSED)
    trace = Packet.objects.get(kind=Kind.TRACE)
    assert document.dossier
    lifecycle.start(Dossier.objects.get(), people.binh())
    collected(document.portal)
    assert give_up(trace, people.tu(), WHY)
    last = Packet.objects.filter(kind=Kind.TRACE).latest("pk")
    assert (last.state, last.due_at) == (PacketState.READY, None)
    assert states(Kind.DOCUMENT) == [PacketState.SUPERSEDED, PacketState.STOPPED]


@pytest.mark.parametrize("state", [state for state in PacketState if state != PacketState.STOPPED])
def test_only_a_stopped_packet_is_given_up(state: PacketState) -> None:
    packet = a_stopped_document()
    settled = state in (PacketState.ACCEPTED, PacketState.SUPERSEDED, PacketState.GIVEN_UP)
    under_way = state in (PacketState.READY, PacketState.SENDING)
    Packet.objects.filter(pk=packet.pk).update(
        state=state,
        settled_at=timezone.now() if settled else None,
        due_at=timezone.now() if under_way else None,
        lease=packet.key if under_way else None,
        **({"given_up_by": people.root(), "given_up_because": "x"} if state == PacketState.GIVEN_UP else {}),
    )
    before = Packet.objects.filter(pk=packet.pk).values().get()
    assert not give_up(packet, people.tu(), WHY)
    assert Packet.objects.filter(pk=packet.pk).values().get() == before
    assert "không còn dừng" in given_up_by_form(packet)


@pytest.mark.parametrize("because", ["", " \n\t"])
def test_nobody_gives_up_without_saying_why(because: str) -> None:
    packet = a_stopped_document()
    with pytest.raises(ValueError, match="why"):
        give_up(packet, people.tu(), because)
    assert "errorlist" in given_up_by_form(packet, because)
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED


def test_a_reason_longer_than_its_column_or_unprintable_is_refused_by_the_form() -> None:
    packet = a_stopped_document()
    for because in ("x" * 501, "a\x00b"):
        assert "errorlist" in given_up_by_form(packet, because)
    assert "đã hủy gói này" in given_up_by_form(packet, "ă" * 500)


def test_what_is_given_up_is_neither_resent_nor_collected_again_and_later_moves_are_reported() -> None:
    packet = a_stopped_document()
    give_up(packet, people.tu(), WHY)
    assert not resend(packet)
    assert (collected(packet.portal).ready, Packet.objects.count()) == (0, 2)
    lifecycle.start(Dossier.objects.get(), people.binh())
    collected(packet.portal)
    assert states(Kind.DOCUMENT) == [PacketState.GIVEN_UP, PacketState.STOPPED]


def test_the_log_names_no_citizen_and_no_reason(caplog: pytest.LogCaptureFixture) -> None:
    packet = a_stopped_document()
    with caplog.at_level(logging.INFO):
        give_up(packet, people.tu(), WHY)
    assert f"packet={packet.pk} kind=document given_up by={people.tu().pk}" in caplog.text
    assert "Ước" not in caplog.text


def test_the_page_says_what_giving_up_means_and_changes_nothing() -> None:
    packet = a_stopped_document()
    shown = as_(people.tu()).get(page_of(packet, "give-up")).content.decode()
    assert "không được gửi nữa" in shown
    assert "1 gói chờ sau gói này đi tiếp" in shown
    assert page_of(Packet.objects.get(kind=Kind.TRACE)) in shown
    assert "Cổng chưa nhận gói hồ sơ nào" in shown
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED


def test_a_portal_that_knows_the_dossier_is_not_warned_of(practice_portal: Sandbox) -> None:
    dossier = people.a_dossier()
    portal = a_portal(practice_portal.address)
    collected(portal)
    deliver(portal)
    lifecycle.start(dossier, people.binh())
    portal.require_attachment = True
    portal.save()
    collected(portal)
    packet = Packet.objects.get(state=PacketState.STOPPED)
    shown = as_(people.tu()).get(page_of(packet, "give-up")).content.decode()
    assert "Cổng chưa nhận gói hồ sơ nào" not in shown
    # A later trace alone: only the step is missing then.
    Packet.objects.filter(kind=Kind.TRACE, state=PacketState.READY).update(
        state=PacketState.STOPPED, reason=Reason.REFUSED, due_at=None
    )
    trace = Packet.objects.get(kind=Kind.TRACE, state=PacketState.STOPPED)
    shown = as_(people.tu()).get(page_of(trace, "give-up")).content.decode()
    assert "thiếu bước này" in shown
    assert "Không có gói nào chờ" in shown


def test_figures_are_given_up_too() -> None:
    month = Period(2026, 1)
    people.a_dossier_from_before(month)
    publish(people.province(), month)
    collected(a_portal())
    Packet.objects.update(state=PacketState.STOPPED, reason=Reason.REFUSED, due_at=None)
    packet = Packet.objects.get(kind=Kind.STATISTIC)
    assert "không có số liệu của kỳ này" in as_(people.tu()).get(page_of(packet, "give-up")).content.decode()
    assert "đã hủy gói này" in given_up_by_form(packet)


def test_it_is_seen_afterwards_who_gave_up_when_and_why() -> None:
    packet = a_stopped_document()
    assert "Đã hủy gói" in given_up_by_form(packet)
    packet.refresh_from_db()
    assert packet.settled_at
    assert packet.dossier
    at = timezone.localtime(packet.settled_at).strftime("%d/%m/%Y %H:%M")
    client = as_(people.thanh())
    shown = client.get(page_of(packet)).content.decode()
    assert f"{people.tu()} đã hủy gói này lúc {at}." in shown
    assert WHY in shown
    assert "Hủy gói này" not in shown
    for address in (
        reverse("packets:list") + "?state=given_up",
        reverse("packets:dossier", args=[packet.dossier.uuid]),
    ):
        listed = client.get(address).content.decode()
        assert WHY in listed
        assert 'class="state state-end">Đã hủy, có lý do' in listed
        assert 'class="late"' not in listed


def test_whoever_resends_and_whoever_gives_up_at_once_do_not_both_succeed(transactional_db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    packet, person, barrier, done = a_stopped_document(), people.tu(), Barrier(2), list[str]()
    packet.portal.require_attachment = False
    packet.portal.save()

    def one(name: str, act: Any, *more: object) -> None:
        barrier.wait()
        try:
            if act(packet, *more):
                done.append(name)
        finally:
            connection.close()

    threads = [
        Thread(target=one, args=("given_up", give_up, person, WHY)),
        Thread(target=one, args=("ready", resend)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    packet.refresh_from_db()
    assert done == [packet.state]
    hasten(packet.portal)
    assert Packet.objects.due(timezone.now()).count() == 1
