"""Ratings that were sent with the last millisecond of their month are said anew once, with noon of its last day."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.delivery.sender import deliver
from packets.dialects.qd1705.messages import Kind
from packets.evidence.verify import Examination
from packets.models import Packet, PacketQuerySet, PacketState, Portal
from packets.operations import give_up, put_back
from packets.queue import db_clock
from tests import people
from tests.packets.portals import a_portal, as_accepted, collected
from tests.practice_portal import Sandbox

pytestmark = pytest.mark.django_db

OCTOBER = Period(2026, 10)
OLD, NEW = "2026-10-31T23:59:59.999+0700", "2026-10-31T12:00:00.000+0700"


def votes() -> PacketQuerySet:
    return Packet.objects.filter(kind=Kind.VOTE).order_by("pk")


def dated(packet: Packet) -> str:
    said: str = json.loads(packet.body)["DateCreated"]
    return said


def with_the_old_date(portal: Portal, **state: Any) -> Packet:
    """October's ratings as the version before had frozen them for `portal`."""
    people.a_dossier_from_before(OCTOBER)
    publish(people.province(), OCTOBER, OCTOBER.end)
    collected(portal)
    packet = votes().filter(portal=portal).get()
    Packet.objects.filter(pk=packet.pk).update(body=packet.body.replace(NEW, OLD), **state)
    packet.refresh_from_db()
    assert dated(packet) == OLD
    return packet


def taken_with_the_old_date(portal: Portal) -> Packet:
    packet = with_the_old_date(portal)
    as_accepted(Packet.objects.filter(portal=portal))
    packet.refresh_from_db()
    return packet


def a_revision() -> Publication:
    """October, published once more: something was recorded late."""
    last = Publication.objects.order_by("revision").last()
    assert last is not None
    last.pk, last._state.adding = None, True
    last.revision, last.ballots = last.revision + 1, last.ballots + 5
    last.save()
    return last


def test_what_a_portal_took_is_said_anew_once_however_often_it_is_looked_at() -> None:
    portal = a_portal()
    old = taken_with_the_old_date(portal)
    for _round in range(3):
        collected(portal)
    (first, anew) = votes()
    assert (first, first.state, dated(first)) == (old, PacketState.ACCEPTED, OLD)
    assert (anew.corrects, anew.state, dated(anew)) == (old, PacketState.READY, NEW)
    assert anew.due_at is not None
    assert anew.key != old.key
    as_accepted(Packet.objects.filter(pk=anew.pk))
    assert collected(portal).ready == 0
    assert votes().count() == 2


def test_the_database_itself_allows_no_second_correction() -> None:
    portal = a_portal()
    old = taken_with_the_old_date(portal)
    collected(portal)
    anew = votes().get(corrects=old)
    anew.pk, anew.key, anew._state.adding = None, uuid.uuid4(), True
    with pytest.raises(IntegrityError), transaction.atomic():
        anew.save()


def test_over_the_wire_the_portal_gets_both_and_the_evidence_holds(practice_portal: Sandbox) -> None:
    portal = a_portal(practice_portal.address)
    with_the_old_date(portal)
    deliver(portal)
    collected(portal)
    deliver(portal)
    assert [vote["DateCreated"] for vote in practice_portal.held("vote")] == [OLD, NEW]
    assert list(Examination(Portal.objects.get()).flaws()) == []


def test_what_has_not_left_is_built_anew_and_never_sent_with_the_old_date() -> None:
    portal = a_portal()
    old = with_the_old_date(portal)
    collected(portal)
    (packet,) = votes()
    assert (packet, packet.key, dated(packet), packet.state) == (old, old.key, NEW, PacketState.READY)


def test_what_was_tried_without_an_answer_goes_as_a_message_of_its_own() -> None:
    portal = a_portal()
    old = with_the_old_date(portal, tries=2, first_tried_at=timezone.now())
    collected(portal)
    (packet,) = votes()
    assert dated(packet) == NEW
    assert packet.key != old.key


def test_one_under_way_is_left_alone_and_followed_up_when_it_was_taken() -> None:
    portal, now = a_portal(), db_clock.now()
    lease = {"state": PacketState.SENDING, "lease": uuid.uuid4(), "due_at": now + timedelta(minutes=2)}
    old = with_the_old_date(portal, **lease)
    collected(portal)
    assert [dated(packet) for packet in votes()] == [OLD]
    as_accepted(Packet.objects.filter(pk=old.pk))
    collected(portal)
    assert [dated(packet) for packet in votes()] == [OLD, NEW]


def test_a_stopped_one_gets_the_new_date_when_somebody_resends_it() -> None:
    portal = a_portal()
    old = with_the_old_date(portal, state=PacketState.STOPPED, reason="refused", due_at=None, tries=1)
    collected(portal)
    assert [dated(packet) for packet in votes()] == [OLD]
    call_command("resend_packets", all=True, verbosity=0, stdout=StringIO())
    (packet,) = votes()
    assert (packet, dated(packet)) == (old, NEW)


@pytest.mark.parametrize("taken", [False, True], ids=["before it left", "after it was taken"])
def test_a_newer_revision_wins(taken: bool) -> None:
    portal = a_portal()
    taken_with_the_old_date(portal)
    newer = a_revision()
    collected(portal)
    if taken:
        as_accepted(Packet.objects.filter(portal=portal))
        collected(portal)
    assert [(packet.corrects, packet.publication) for packet in votes()][1:] == [(None, newer)]


def test_a_revision_that_comes_while_the_correction_waits_goes_after_it() -> None:
    portal = a_portal()
    taken_with_the_old_date(portal)
    collected(portal)
    newer = a_revision()
    collected(portal)
    _old, anew, revised = votes()
    assert (revised.publication, revised.due_at) == (newer, None)
    assert anew.due_at is not None


def test_a_revision_that_was_given_up_wins_nothing() -> None:
    portal = a_portal()
    old = taken_with_the_old_date(portal)
    a_revision()
    collected(portal)
    (revised,) = votes().exclude(pk=old.pk)
    Packet.objects.filter(pk=revised.pk).update(state=PacketState.STOPPED, reason="refused", due_at=None)
    revised.refresh_from_db()
    assert give_up(revised, people.root(), "Cổng không nhận")
    collected(portal)
    assert votes().get(corrects=old).state == PacketState.READY


def test_a_paused_portal_hears_of_it_when_it_goes_on() -> None:
    portal = a_portal()
    taken_with_the_old_date(portal)
    Portal.objects.update(is_active=False)
    call_command("sync_packets", "--collect", verbosity=0, stdout=StringIO())
    assert votes().count() == 1
    Portal.objects.update(is_active=True)
    call_command("sync_packets", "--collect", verbosity=0, stdout=StringIO())
    assert votes().count() == 2


def test_a_portal_that_no_longer_carries_the_agency_is_not_told_of_it() -> None:
    portal = a_portal()
    taken_with_the_old_date(portal)
    portal.agencies.set([people.another_province()])
    collected(portal)
    assert votes().count() == 1


def test_ratings_with_the_new_date_are_not_said_again() -> None:
    portal = a_portal()
    people.a_dossier_from_before(OCTOBER)
    publish(people.province(), OCTOBER, OCTOBER.end)
    collected(portal)
    as_accepted(Packet.objects.filter(portal=portal))
    collected(portal)
    assert [dated(packet) for packet in votes()] == [NEW]


def test_what_was_said_anew_or_revised_is_not_put_back_over_it() -> None:
    """`reconcile --resend` on a portal that has lost the earlier one: sent now, it would be the portal's last word."""
    portal = a_portal()
    old = taken_with_the_old_date(portal)
    statistic = Packet.objects.get(kind=Kind.STATISTIC)
    collected(portal)
    a_revision()
    collected(portal)
    as_accepted(Packet.objects.filter(portal=portal))
    for packet in (old, statistic):
        assert put_back(portal, packet.stream, [packet.pk]) == 0
    last = votes().last()
    assert last is not None
    assert put_back(portal, last.stream, [last.pk]) == 1


def test_the_pages_of_both_say_why() -> None:
    portal = a_portal()
    old = taken_with_the_old_date(portal)
    collected(portal)
    anew = votes().get(corrects=old)
    client = Client()
    client.force_login(people.root())
    for packet, other in ((old, anew), (anew, old)):
        shown = client.get(reverse("packets:detail", args=[packet.pk])).content.decode()
        assert reverse("packets:detail", args=[other.pk]) in shown
        assert "12 giờ trưa ngày cuối tháng" in shown
