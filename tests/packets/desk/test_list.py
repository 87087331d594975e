"""The list of packets: its filters, its pages and its queries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, PacketState, Portal
from tests import people
from tests.packets.desk_pages import (
    LIST,
    OVERVIEW,
    RESEND_FOUND,
    a_portal_that_wants_files,
    a_stopped_packet,
    as_,
    detail_of,
    found,
    give_up_of,
    no_files_wanted_any_more,
    page,
    told,
)
from tests.packets.portals import a_portal, collected

pytestmark = pytest.mark.django_db


def test_the_list_shows_packets_newest_first_with_state_reason_and_links() -> None:
    packet, client = a_stopped_packet(), as_(people.tu())
    assert packet.dossier
    shown = page(client, LIST)
    trace = Packet.objects.get(kind=Kind.TRACE)
    assert shown.index(detail_of(trace)) < shown.index(detail_of(packet))
    assert reverse("dossiers:detail", args=[packet.dossier.uuid]) in shown
    assert reverse("packets:dossier", args=[packet.dossier.uuid]) in shown
    assert "Cổng bắt buộc có tệp đính kèm" in shown


def test_figures_are_listed_by_agency_and_period() -> None:
    month = Period(2026, 1)
    people.a_dossier_from_before(month)
    publish(people.province(), month)
    collected(a_portal())
    shown = page(as_(people.tu()), LIST)
    assert people.province().name in shown
    assert "kỳ 2026-01, công bố lần 1" in shown


def queries_of(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        page(client, address)
    return [query["sql"] for query in queries]


FIRST_MONTH = Period(2020, 1)


def many_more(number: int) -> None:
    """So many dossiers of other procedures, stopped and under way, and some published months."""
    for code in range(number):
        people.a_dossier(procedure=people.a_procedure(code=f"1.{Dossier.objects.count()}.{code}"))
    for _month in range(number // 3):
        publish(people.province(), Period(FIRST_MONTH.year, FIRST_MONTH.month + Publication.objects.count()))
    collected(Portal.objects.get())


@pytest.mark.parametrize("address", [OVERVIEW, LIST, RESEND_FOUND])
def test_a_page_takes_no_more_queries_for_more_packets(address: str) -> None:
    a_portal_that_wants_files()
    people.a_dossier_from_before(FIRST_MONTH, files=[people.a_file()])
    client = as_(people.tu())
    many_more(3)
    few = queries_of(client, address)
    many_more(18)
    assert Packet.objects.filter(state=PacketState.STOPPED).count() == 21
    assert len(queries_of(client, address)) == len(few)


def test_a_packets_page_takes_no_more_queries_for_more_that_wait_behind_it() -> None:
    dossier, client, few = people.a_dossier(), as_(people.tu()), list[int]()
    for times in (1, 10):
        for _number in range(times):
            lifecycle.ask_supplement(dossier, people.lan(), comment="thiếu")
            lifecycle.receive_supplement(dossier, people.lan())
        packet = a_stopped_packet(dossier)
        numbers = [len(queries_of(client, address)) for address in (detail_of(packet), give_up_of(packet))]
        assert numbers == (few := few or numbers)
    assert Packet.objects.held_back_by(packet).count() > 20


def test_the_list_counts_nothing() -> None:
    a_stopped_packet()
    queries = queries_of(as_(people.tu()), LIST)
    # session, user with their agency, the agencies below it, portals to choose from, packets
    assert len(queries) == 5
    assert not [query for query in queries if "COUNT(" in query]


def test_pages_hold_twenty_five_and_keep_the_filter() -> None:
    for _number in range(13):
        people.a_dossier()
    collected(a_portal())
    client = as_(people.tu())
    first = client.get(LIST, {"portal": "practice"})
    assert len(first.context["packets"]) == 25
    assert "portal=practice&amp;page=2" in first.content.decode()
    assert len(client.get(LIST, {"portal": "practice", "page": "2"}).context["packets"]) == 1


def test_every_filter_narrows_the_list() -> None:
    stopped, client = a_stopped_packet(), as_(people.tu())
    other = a_portal(code="other")
    collected(other)
    everything = set(Packet.objects.values_list("pk", flat=True))
    assert stopped.dossier
    code = stopped.dossier.code or ""
    assert found(client) == everything
    assert found(client, portal="other") == set(Packet.objects.filter(portal=other).values_list("pk", flat=True))
    assert found(client, kind="document", portal="practice") == {stopped.pk}
    assert found(client, state="stopped") == {stopped.pk}
    assert found(client, reason="no_attachment") == {stopped.pk}
    assert found(client, reason="refused") == set()
    assert found(client, state="ready") == everything - {stopped.pk}
    assert found(client, state="given_up") == set()
    assert found(client, age="minutes") == everything
    assert found(client, age="older") == set()
    assert found(client, q=code[-8:].lower()) == everything
    assert found(client, q="H99") == set()


@pytest.mark.parametrize(
    "query", [{"portal": "nowhere"}, {"state": "77"}, {"kind": "x"}, {"reason": "x"}, {"age": "x"}, {"page": "²"}]
)
def test_a_filter_that_makes_no_sense_breaks_nothing_and_resends_nothing(query: dict[str, str]) -> None:
    packet, client = a_stopped_packet(), as_(people.tu())
    assert client.get(LIST, query).status_code == 200
    if "page" not in query:
        no_files_wanted_any_more()
        assert "0 gói trở lại" in told(client, RESEND_FOUND, **query)
        packet.refresh_from_db()
        assert packet.state == PacketState.STOPPED
