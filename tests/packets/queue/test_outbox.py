"""Whose turn it is: one packet a stream, so many at once, so many a second."""

from datetime import timedelta
from threading import Thread
from time import sleep
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from onestop.dossiers import lifecycle
from onestop.dossiers.models import State
from packets.delivery.pool import SendResult
from packets.delivery.settle import settle
from packets.dialects.qd1705.messages import Kind
from packets.http.client import PortalError
from packets.models import Attempt, DeliveryState, Packet, Portal
from packets.models.reasons import Reason
from packets.queue import db_clock
from packets.queue.outbox import LEASE, claim, renew
from packets.queue.retries import RESTS_AFTER
from tests import people
from tests.packets.portals import a_portal, an_attempt, collected, hasten, in_time, is_faring

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def landed(packet: Packet, failure: PortalError | None = None) -> SendResult:
    """As a try of `packet` comes back that the portal took, or that ended in `failure`."""
    attempt = Attempt(
        packet=packet,
        portal_id=packet.portal_id,
        key=packet.key,
        digest="d" * 64,
        at=timezone.now(),
        milliseconds=7,
    )
    return SendResult(packet, attempt, failure)


def claimed(portal: Portal, most: int = 100) -> list[Packet]:
    return claim(portal, most).packets


def due() -> list[tuple[str, int]]:
    found = Packet.objects.filter(due_at__isnull=False).order_by("stream")
    return list(found.values_list("stream", "position"))


# ---- the order within a stream


def test_only_the_first_of_each_stream_is_due_and_the_next_when_it_is_accepted() -> None:
    portal = a_portal()
    people.a_dossier_in(State.RETURNED)
    collected(portal)
    for expected in ("document", "trace", "trace", "trace"):
        assert len(due()) == 1
        (packet,) = claimed(portal)
        assert packet.kind == expected
        assert claimed(portal) == []
        settle(portal, [landed(packet)])
    assert due() == []
    assert not Packet.objects.unsettled().exists()


def test_nothing_becomes_due_behind_a_packet_that_stopped() -> None:
    portal = a_portal()
    people.a_dossier()
    collected(portal)
    settle(
        portal,
        [landed(claimed(portal)[0], PortalError(Reason.REFUSED, permanent=True, counts_against_receiver=False))],
    )
    assert due() == []
    assert Packet.objects.unsettled().count() == 2


def test_what_is_collected_behind_a_packet_on_its_way_waits_for_it() -> None:
    portal = a_portal()
    dossier = people.a_dossier()
    collected(portal)
    (first,) = claimed(portal)
    lifecycle.start(dossier, people.binh())
    collected(portal)
    assert due() == [(first.stream, first.position)]


@pytest.mark.django_db(transaction=True)
def test_who_collects_behind_a_packet_that_is_just_being_settled_forgets_nothing() -> None:
    """Neither sees what the other has not committed yet, so one of them must wait."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time; needs PostgreSQL")
    portal = a_portal()
    dossier = people.a_dossier()
    collected(portal)
    settle(portal, [landed(claimed(portal)[0])])
    (last,) = claimed(portal)
    lifecycle.start(dossier, people.binh())

    def collect_meanwhile() -> None:
        collected(portal)
        connection.close()

    collector = Thread(target=collect_meanwhile)
    with transaction.atomic():
        settle(portal, [landed(last)])
        collector.start()
        sleep(0.5)
    collector.join()
    assert len(due()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_packet_on_its_way_does_not_hold_up_who_records_or_collects() -> None:
    portal = a_portal()
    dossier = people.a_dossier()
    collected(portal)
    claimed(portal)
    lifecycle.start(dossier, people.binh())
    collected(portal)
    assert Packet.objects.filter(kind=Kind.TRACE).count() == 2


# ---- how many


def dossiers(portal: Portal, number: int) -> None:
    for _number in range(number):
        people.a_dossier()
    collected(portal)


def test_no_more_are_under_way_than_the_portal_bears_all_workers_together() -> None:
    portal = a_portal(most_in_flight=3)
    dossiers(portal, 5)
    first = claimed(portal, 2)
    second = claim(portal, 2)
    assert (len(first), len(second.packets), second.throttled) == (2, 1, False)
    third = claim(portal, 2)
    assert (third.packets, third.throttled) == ([], True)
    settle(portal, [landed(packet) for packet in first])
    assert len(claimed(portal)) == 2


def test_a_rate_counts_from_the_claim_until_a_window_after_the_answer() -> None:
    portal = a_portal(rate_limit=3, rate_seconds=10)
    dossiers(portal, 5)
    now = timezone.now()
    with in_time(now):
        first = claimed(portal)
        assert len(first) == 3
    # However long the answer takes, its place is not free before it has come …
    with in_time(now + timedelta(seconds=60)):
        assert claim(portal, 9).throttled
        settle(portal, [landed(packet) for packet in first[:2]])
        assert claim(portal, 9).throttled
    # … and then for one whole window.
    with in_time(now + timedelta(seconds=69)):
        assert claim(portal, 9).throttled
    with in_time(now + timedelta(seconds=71)):
        assert len(claimed(portal)) == 2


def test_a_portal_that_failed_many_times_is_tried_with_one_packet_by_all_workers_together() -> None:
    portal = a_portal()
    dossiers(portal, 3)
    is_faring(portal, failures=RESTS_AFTER, rests=1, resting_until=db_clock.now() - timedelta(seconds=1))
    assert len(claimed(portal)) == 1
    assert claimed(portal) == []


def test_the_one_packet_after_a_rest_counts_for_the_rate_too() -> None:
    portal = a_portal(rate_limit=1, rate_seconds=3600)
    dossiers(portal, 2)
    settle(portal, [landed(claimed(portal)[0], PortalError(Reason.SERVER_ERROR))])
    is_faring(portal, failures=RESTS_AFTER, rests=1, resting_until=db_clock.now() - timedelta(seconds=1))
    assert claim(portal, 9).throttled


def test_a_paused_or_resting_portal_gets_nothing() -> None:
    portal = a_portal()
    dossiers(portal, 1)
    is_faring(portal, resting_until=db_clock.now() + timedelta(minutes=1))
    assert claimed(portal) == []
    hasten(portal)
    Portal.objects.update(is_active=False)
    assert claimed(portal) == []
    Portal.objects.update(is_active=True)
    assert len(claimed(portal)) == 1


def test_a_lease_that_is_renewed_holds_and_one_that_was_lost_stays_lost() -> None:
    portal = a_portal()
    dossiers(portal, 1)
    now = timezone.now()
    with in_time(now):
        mine = claimed(portal)
    with in_time(now + timedelta(seconds=90)):
        renew(mine)
    with in_time(now + timedelta(seconds=200)):
        assert claimed(portal) == []
    with in_time(now + timedelta(seconds=220)):
        (theirs,) = claimed(portal)
        renew(mine)
        theirs.refresh_from_db()
        assert theirs.due_at == now + timedelta(seconds=220 + 120)


# ---- what it costs


def test_claiming_and_settling_take_no_more_queries_for_more_packets() -> None:
    portal = a_portal()

    def queries(number: int) -> int:
        dossiers(portal, number)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            settle(portal, [landed(packet) for packet in claimed(portal)])
        return len(captured)

    few, many = queries(2), queries(30)
    assert many == few <= 20


def test_what_is_due_is_found_by_the_index_of_what_is_due() -> None:
    portal = a_portal()
    dossiers(portal, 1)
    waiting = Packet.objects.filter(portal=portal).due(db_clock.now()).order_by("due_at", "pk")[:10]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # With a handful of rows it would rather read them all.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        plan = waiting.explain()
    assert "packet_due" in plan
    assert "SORT" not in plan.upper()


# ---- the portal's state


def test_failures_that_come_back_together_are_one_rest_and_each_later_one_is_twice_as_long() -> None:
    portal = a_portal()
    dossiers(portal, 8)
    now = timezone.now()
    with in_time(now):
        settle(portal, [landed(packet, PortalError(Reason.SERVER_ERROR)) for packet in claimed(portal)])
        delivery = DeliveryState.objects.get()
        assert (delivery.failures, delivery.rests) == (8, 1)
        assert delivery.resting_until == pytest.approx(now + timedelta(minutes=1), abs=timedelta(seconds=1))
    for minutes, rest in ((2, 2), (5, 4), (10, 8), (20, 15), (40, 15)):
        with in_time(now + timedelta(minutes=minutes)):
            hurried = Packet.objects.filter(due_at__isnull=False)
            hurried.update(due_at=db_clock.now())
            (probe,) = claimed(portal)
            settle(portal, [landed(probe, PortalError(Reason.TIMEOUT))])
            until = DeliveryState.objects.get().resting_until
            assert until == pytest.approx(timezone.now() + timedelta(minutes=rest), abs=timedelta(seconds=2))


def test_a_wish_to_wait_is_not_cut_short_by_an_answer_that_came_with_it() -> None:
    portal = a_portal()
    dossiers(portal, 2)
    one, other = claimed(portal)
    busy = PortalError(Reason.BUSY, retry_after=timedelta(minutes=10))
    settle(portal, [landed(one, busy), landed(other)])
    assert claim(portal, 9).packets == []
    assert DeliveryState.objects.get().failures == 0


def test_attempts_are_tallied_by_how_they_ended_and_how_long_they_took() -> None:
    portal = a_portal()
    dossiers(portal, 3)
    one, two, three = claimed(portal)
    settle(portal, [landed(one), landed(two), landed(three, PortalError(Reason.TIMEOUT))])
    tally = DeliveryState.objects.get().tally
    assert tally["outcomes"] == {"accepted/": 2, "retry/timeout": 1}
    assert (tally["milliseconds"], tally["within"][0]) == (21, 3)


def test_attempts_of_another_portal_do_not_count_for_the_rate() -> None:
    portal, other = a_portal(rate_limit=1), a_portal(code="other")
    dossiers(portal, 1)
    collected(other)
    an_attempt(Packet.objects.filter(portal=other)[0])
    assert len(claimed(portal)) == 1


# ---- settling again


def test_a_settling_that_was_rolled_back_leaves_no_link_behind_when_the_packet_has_passed_to_another() -> None:
    portal = a_portal()
    dossiers(portal, 1)
    (mine,) = claimed(portal)
    answer = landed(mine)
    with patch.object(DeliveryState, "save", side_effect=OperationalError), pytest.raises(OperationalError):
        settle(portal, [answer])
    with in_time(timezone.now() + LEASE + timedelta(seconds=1)):
        (theirs,) = claimed(portal)
        settle(portal, [landed(theirs)])
        settle(portal, [answer])
    links = Attempt.objects.order_by("pk").values_list("number", "seal")
    assert [(number, bool(seal)) for number, seal in links] == [(1, True), (None, False)]
