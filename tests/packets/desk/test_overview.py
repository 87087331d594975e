"""The overview: the state of each portal, what waits for what, and since when."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.dossiers.models import State
from packets.delivery.sender import deliver
from packets.dialects.qd1705.messages import Kind
from packets.models import DeliveryState, Packet, PacketState, Portal
from packets.models.reasons import ADVICE, Reason
from packets.monitoring.backlog import Age, Stage, of_age, of_stage
from packets.operations import pause
from packets.queue.outbox import claim
from tests import people
from tests.packets.desk_pages import (
    OVERVIEW,
    a_packet_tried_in_vain,
    a_portal_that_wants_files,
    a_stopped_packet,
    an_operator_of_the_ward,
    as_,
    found,
    page,
    steering,
    told,
)
from tests.packets.portals import a_portal, an_attempt, as_accepted, collected, hasten, is_faring
from tests.practice_portal import Sandbox

pytestmark = pytest.mark.django_db


def light_of(client: Client) -> tuple[str, str]:
    """The only card's colour and sentence."""
    shown = page(client, OVERVIEW)
    (colour,), (sentence,) = re.findall(r"state light light-(\w+)", shown), re.findall(r'"sentence">(.*?)</p>', shown)
    return colour, sentence


def test_without_a_portal_the_overview_says_how_to_make_one() -> None:
    add = reverse("admin:packets_portal_add")
    for person in (people.thanh(), an_operator_of_the_ward()):
        shown = page(as_(person), OVERVIEW)
        assert "Người quản trị hệ thống thêm Cổng" in shown
        assert "add_portal" not in shown
        assert add not in shown
    shown = page(as_(people.tu()), OVERVIEW)
    assert add in shown
    assert "add_portal" in shown


def test_green_while_nothing_waits_or_waits_its_turn() -> None:
    portal, client = a_portal(), as_(people.tu())
    colour, sentence = light_of(client)
    assert (colour, "Chưa có gì để gửi" in sentence) == ("green", True)
    people.a_dossier()
    collected(portal)
    colour, sentence = light_of(client)
    assert (colour, "2 gói đang chờ tới lượt" in sentence) == ("green", True)
    as_accepted(Packet.objects.all())
    DeliveryState.objects.update(last_success_at=timezone.now())
    colour, sentence = light_of(client)
    assert (colour, "Tất cả gói đã được nhận" in sentence) == ("green", True)


def test_amber_with_the_advice_when_something_is_tried_again() -> None:
    a_packet_tried_in_vain()
    colour, sentence = light_of(as_(people.tu()))
    assert colour == "amber"
    assert "1 gói hẹn gửi lại" in sentence
    assert str(ADVICE[Reason.UNREACHABLE]) in sentence


def test_amber_while_the_portal_rests() -> None:
    is_faring(a_portal(), failures=6, resting_until=timezone.now() + timedelta(minutes=5))
    colour, sentence = light_of(as_(people.tu()))
    assert (colour, "tạm ngừng gửi đến" in sentence) == ("amber", True)


def test_amber_while_the_portal_has_asked_to_be_left_alone() -> None:
    is_faring(a_portal(), resting_until=timezone.now() + timedelta(minutes=5))
    colour, sentence = light_of(as_(people.tu()))
    assert (colour, "Cổng hẹn gửi lại sau" in sentence) == ("amber", True)


def test_red_when_what_is_due_is_not_sent_for_an_hour_as_if_no_worker_ran() -> None:
    people.a_dossier()
    portal = a_portal()
    collected(portal)
    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert light_of(as_(people.tu()))[0] == "green"
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        client = as_(people.tu())
        colour, sentence = light_of(client)
        assert (colour, "kiểm tra dịch vụ đồng bộ" in sentence) == ("red", True)
        # While it rests or is paused, nobody is expected to send.
        is_faring(portal, resting_until=timezone.now() - timedelta(minutes=1))
        assert "kiểm tra dịch vụ đồng bộ" not in light_of(client)[1]
        is_faring(portal, resting_until=None)
        pause(portal, by="tú")
        assert "kiểm tra dịch vụ đồng bộ" not in light_of(client)[1]


def test_amber_while_a_long_queue_is_worked_off() -> None:
    people.a_dossier()
    portal = a_portal()
    collected(portal)
    document = Packet.objects.get(kind=Kind.DOCUMENT)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        an_attempt(document, outcome="accepted", reason="")
        colour, sentence = light_of(as_(people.tu()))
    assert (colour, "lâu nhất 2 giờ. Hệ thống vẫn đang gửi" in sentence) == ("amber", True)
    # A worker that keeps to so many a day may be silent for hours.
    Portal.objects.update(rate_limit=1000, rate_seconds=86_400)
    with time_machine.travel(timezone.now() + timedelta(hours=9)):
        assert "Hệ thống vẫn đang gửi" in light_of(as_(people.tu()))[1]


def test_a_packet_that_takes_long_to_send_is_being_sent() -> None:
    for _number in range(2):
        people.a_dossier(files=[people.a_file()])
    portal = a_portal()
    collected(portal)
    claim(portal, 1)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        client = as_(people.tu())
        Packet.objects.filter(state=PacketState.SENDING).update(due_at=timezone.now() + timedelta(minutes=1))
        assert light_of(client)[0] == "amber"
        # Its worker has died: the lease was not renewed.
        Packet.objects.filter(state=PacketState.SENDING).update(due_at=timezone.now() - timedelta(minutes=61))
        assert light_of(client)[0] == "red"


def test_red_when_the_portal_does_not_accept_the_login(practice_portal: Sandbox) -> None:
    people.a_dossier()
    portal = a_portal(practice_portal.address, client_secret="wrong")
    collected(portal)
    deliver(portal)
    client = as_(people.tu())
    colour, sentence = light_of(client)
    assert (colour, str(ADVICE[Reason.LOGIN]) in sentence) == ("red", True)
    # Once it is accepted again, what still waits with that reason is no reason for alarm.
    is_faring(portal, failures=0)
    assert light_of(client)[0] == "amber"
    Portal.objects.update(client_secret="demo-secret")
    hasten(portal)
    deliver(portal)
    assert light_of(client)[0] == "green"


def test_red_when_something_has_stopped() -> None:
    a_stopped_packet()
    colour, sentence = light_of(as_(people.tu()))
    assert (colour, "1 gói đã dừng" in sentence) == ("red", True)


def test_red_when_nothing_was_accepted_for_a_day_in_which_something_waited() -> None:
    packet, client = a_packet_tried_in_vain(), as_(people.tu())
    now = timezone.now()
    Packet.objects.update(collected_at=now - timedelta(hours=25))
    DeliveryState.objects.update(last_success_at=now - timedelta(hours=26))
    colour, sentence = light_of(client)
    assert (colour, "Trong hơn 24 giờ qua không có gói nào" in sentence) == ("red", True)
    # After a quiet weekend the first packet of Monday is no reason for alarm.
    Packet.objects.filter(pk=packet.pk).update(collected_at=now)
    as_accepted(Packet.objects.exclude(pk=packet.pk))
    assert light_of(client)[0] == "amber"


def numbers_of(shown: str) -> dict[tuple[str, str], str]:
    """The numbers of the table of the queue, by stage and age."""
    return {(stage, age): number for stage, age, number in re.findall(r"state=(\w+)&amp;age=(\w+)\">(\d+)</a>", shown)}


def test_the_queue_is_told_by_what_it_waits_for_and_how_old_it_is() -> None:
    stopped, now = a_stopped_packet(), timezone.now()
    for _number in range(4):
        people.a_dossier(files=[people.a_file()])
    portal = stopped.portal
    collected(portal)
    claim(portal, 1)
    due = list(Packet.objects.filter(kind=Kind.DOCUMENT, state=PacketState.READY).order_by("pk"))
    Packet.objects.filter(pk=due[0].pk).update(due_at=now + timedelta(minutes=1), reason=Reason.BUSY)
    Packet.objects.filter(pk=due[1].pk).update(collected_at=now - timedelta(minutes=6))
    Packet.objects.filter(pk=due[2].pk).update(collected_at=now - timedelta(hours=23))
    Packet.objects.filter(pk=stopped.pk).update(collected_at=now - timedelta(hours=25))
    client = as_(people.tu())
    numbers = numbers_of(page(client, OVERVIEW))
    assert numbers == {
        ("due", "hour"): "1",
        ("due", "day"): "1",
        ("later", "minutes"): "1",
        ("behind", "minutes"): "5",
        ("sending", "minutes"): "1",
        ("stopped", "older"): "1",
    }
    for (stage, age), number in numbers.items():
        assert len(found(client, portal="practice", state=stage, age=age)) == int(number), (stage, age)


def test_every_stage_and_age_holds_each_unsettled_packet_once() -> None:
    people.a_dossier_in(State.IN_PROGRESS)
    a_stopped_packet()
    now = timezone.now()
    for _name, stages in (
        ("stage", [of_stage(stage, now) for stage in Stage]),
        ("age", [of_age(age, now) for age in Age]),
    ):
        each = [set(Packet.objects.unsettled().filter(q).values_list("pk", flat=True)) for q in stages]
        assert sorted(pk for part in each for pk in part) == sorted(
            Packet.objects.unsettled().values_list("pk", flat=True)
        )


def test_the_overview_tells_what_was_accepted_and_which_limits_are_kept() -> None:
    portal = a_portal(most_in_flight=8, rate_limit=100, rate_seconds=60)
    is_faring(portal, number=12_345)
    shown = page(as_(people.tu()), OVERVIEW)
    assert "12345 gói" in shown
    assert "8 gói cùng lúc, 100 gói mỗi 60 giây" in shown
    Portal.objects.update(rate_limit=None)
    assert "không hạn chế tốc độ" in page(as_(people.tu()), OVERVIEW)


def test_the_portal_that_fares_worst_comes_first() -> None:
    a_portal(code="a", name="Cổng tốt")
    people.a_dossier()
    collected(a_portal_that_wants_files(code="b", name="Cổng xấu"))
    shown = page(as_(people.tu()), OVERVIEW)
    assert shown.index("Cổng xấu") < shown.index("Cổng tốt")


def test_a_paused_portal_says_so_and_goes_on_at_once_when_told_to() -> None:
    portal = a_portal()
    portal.agencies.add(people.province())
    is_faring(portal, failures=9, resting_until=timezone.now() + timedelta(minutes=15))
    client = as_(people.tu())
    assert "Đã tạm dừng" in told(client, steering(portal, "pause"))
    portal.refresh_from_db()
    assert not portal.is_active
    colour, sentence = light_of(client)
    assert (colour, "tạm dừng" in sentence) == ("amber", True)
    assert "Đã tiếp tục gửi tới Cổng" in told(client, steering(portal, "resume"))
    portal.refresh_from_db()
    assert (portal.is_active, portal.delivery.failures, portal.delivery.resting_until) == (True, 0, None)
