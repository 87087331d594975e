"""The operator's screens as people use them: what they show, what they send again, and whom they let in."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_django
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, State
from onestop.staff.models import Role, User
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.delivery.sender import deliver
from packets.desk.urls import urlpatterns
from packets.dialects.qd1705.messages import Kind
from packets.models import Attempt, DeliveryState, Packet, PacketState, Portal
from packets.models.reasons import ADVICE, WHO, Reason
from packets.monitoring.backlog import Age, Stage, of_age, of_stage
from packets.operations import pause
from packets.queue.outbox import claim
from tests import people
from tests.packets.portals import a_portal, an_attempt, as_accepted, collected, hasten, is_faring
from tests.practice_portal import Sandbox

pytestmark = pytest.mark.django_db

OVERVIEW = reverse("packets:overview")
LIST = reverse("packets:list")
RESEND_FOUND = reverse("packets:resend-found")


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def told(client: Client, address: str, **query: str) -> str:
    """The page that a POST leads to."""
    answer = client.post(f"{address}?{urlencode(query)}", follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def detail_of(packet: Packet) -> str:
    return reverse("packets:detail", args=[packet.pk])


def resend_of(packet: Packet) -> str:
    return reverse("packets:resend", args=[packet.pk])


def give_up_of(packet: Packet) -> str:
    return reverse("packets:give-up", args=[packet.pk])


def steering(portal: Portal, act: str) -> str:
    return reverse(f"packets:{act}", args=[portal.code])


def a_manager_of_the_department() -> User:
    return people.a_person("dung", Role.MANAGER, people.department())


def an_operator_of_the_ward() -> User:
    return people.a_person("tam", Role.OPERATOR, people.ward())


def a_portal_that_wants_files(**traits: Any) -> Portal:
    return a_portal(require_attachment=True, **traits)


def a_stopped_packet(dossier: Dossier | None = None) -> Packet:
    """The document of a dossier without files, for a portal that wants some."""
    dossier = dossier or people.a_dossier()
    portal = Portal.objects.first() or a_portal_that_wants_files()
    collected(portal)
    return Packet.objects.get(dossier=dossier, portal=portal, kind=Kind.DOCUMENT, state=PacketState.STOPPED)


def no_files_wanted_any_more() -> None:
    Portal.objects.update(require_attachment=False)


def a_packet_that_was_refused() -> Packet:
    people.a_dossier()
    collected(a_portal())
    packets = Packet.objects.filter(kind=Kind.DOCUMENT)
    packets.update(state=PacketState.STOPPED, reason=Reason.REFUSED, detail="không", tries=1, due_at=None)
    return packets.get()


def a_packet_tried_in_vain() -> Packet:
    people.a_dossier()
    portal = a_portal()
    collected(portal)
    deliver(portal)
    return Packet.objects.get(tries=1)


# ---- who comes in


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


# ---- the overview


def light_of(client: Client) -> tuple[str, str]:
    """The only card's colour and sentence."""
    shown = page(client, OVERVIEW)
    (colour,), (sentence,) = re.findall(r"state light light-(\w+)", shown), re.findall(r'"sentence">(.*?)</p>', shown)
    return colour, sentence


def test_without_a_portal_the_overview_says_how_to_make_one() -> None:
    add = reverse("admin:packets_portal_add")
    for person in (people.thanh(), an_operator_of_the_ward()):
        shown = page(as_(person), OVERVIEW)
        assert "add_portal" in shown
        assert add not in shown
    assert add in page(as_(people.tu()), OVERVIEW)


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


# ---- the list


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


def found(client: Client, **query: str) -> set[int]:
    return {packet.pk for packet in client.get(LIST, query).context["packets"]}


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
    "query",
    [
        {"portal": "nowhere"},
        {"state": "77"},
        {"kind": "x"},
        {"reason": "x"},
        {"age": "x"},
        {"page": "²"},
    ],
)
def test_a_filter_that_makes_no_sense_breaks_nothing_and_resends_nothing(query: dict[str, str]) -> None:
    packet, client = a_stopped_packet(), as_(people.tu())
    assert client.get(LIST, query).status_code == 200
    if "page" not in query:
        no_files_wanted_any_more()
        assert "0 gói trở lại" in told(client, RESEND_FOUND, **query)
        packet.refresh_from_db()
        assert packet.state == PacketState.STOPPED


# ---- sending again


def test_a_stopped_packet_whose_fault_is_mended_goes_back_on_its_way() -> None:
    packet, client = a_stopped_packet(), as_(people.tu())
    assert 'action="' + resend_of(packet) in page(client, detail_of(packet))
    no_files_wanted_any_more()
    assert "trở lại hàng chờ" in told(client, resend_of(packet))
    packet.refresh_from_db()
    assert (packet.state, packet.reason) == (PacketState.READY, "")
    shown = page(client, detail_of(packet))
    assert resend_of(packet) not in shown
    assert "không còn dừng" in told(client, resend_of(packet))


def test_a_packet_that_is_still_wrong_stays_stopped_and_says_why() -> None:
    packet = a_stopped_packet()
    assert "vẫn chưa gửi được: Cổng bắt buộc có tệp" in told(as_(people.tu()), resend_of(packet))
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED


def test_all_stopped_packets_of_a_filter_are_foretold_and_then_resent() -> None:
    mended, wrong = people.a_dossier(), people.a_dossier()
    packet = a_stopped_packet(mended)
    people.a_dossier(files=[people.a_file()])
    collected(packet.portal)
    lifecycle.start(mended, people.binh())
    client = as_(people.tu())
    foretold = page(client, RESEND_FOUND, state="stopped")
    assert "Có 2 gói dừng" in foretold
    assert "<strong>0 gói</strong> hợp lệ" in foretold
    assert "<strong>2 gói</strong> chưa hợp lệ" in foretold
    assert str(ADVICE[Reason.NO_ATTACHMENT]) in foretold
    assert str(WHO[Reason.NO_ATTACHMENT]) in foretold
    # Only one of the two is mended.
    dossier = Dossier.objects.get(pk=mended.pk)
    with_file = people.a_dossier(files=[people.a_file()]).attachments.get()
    with_file.pk, with_file.dossier = None, dossier
    with_file.save()
    before = list(Packet.objects.order_by("pk").values())
    foretold = page(client, RESEND_FOUND, state="stopped")
    assert "1 gói hợp lệ, 1 gói chưa hợp lệ" in foretold
    assert list(Packet.objects.order_by("pk").values()) == before
    answer = told(client, RESEND_FOUND, state="stopped")
    assert "1 gói trở lại hàng chờ" in answer
    assert "1 gói chưa hợp lệ" in answer
    assert [p.dossier for p in Packet.objects.filter(state=PacketState.STOPPED)] == [wrong]


def test_the_ticked_packets_alone_are_foretold_and_resent() -> None:
    first = a_stopped_packet()
    second, third = a_stopped_packet(people.a_dossier()), a_stopped_packet(people.a_dossier())
    no_files_wanted_any_more()
    client = as_(people.tu())
    shown = page(client, LIST, state="stopped")
    assert all(f'name="packet" value="{packet.pk}"' in shown for packet in (first, second, third))
    # What a browser sends: the hidden fields and the ticked boxes.
    query = f"state=stopped&packet=&packet={first.pk}&packet={third.pk}"
    assert "2 gói dừng đã chọn" in page(client, f"{RESEND_FOUND}?{query}")
    answer = client.post(f"{RESEND_FOUND}?{query}")
    assert answer.headers["Location"] == f"{LIST}?state=stopped"
    assert [packet.pk for packet in Packet.objects.filter(state=PacketState.STOPPED)] == [second.pk]


@pytest.mark.parametrize("ticked", ["packet=", "packet=&packet=x", "packet=&packet=²", "packet=" + "9" * 30])
def test_who_ticked_nothing_resends_nothing(ticked: str) -> None:
    packet, client = a_stopped_packet(), as_(people.tu())
    no_files_wanted_any_more()
    assert "Chưa chọn gói nào" in page(client, f"{RESEND_FOUND}?{ticked}")
    client.post(f"{RESEND_FOUND}?{ticked}")
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED


def test_boxes_are_offered_where_something_has_stopped_only() -> None:
    people.a_dossier()
    collected(a_portal())
    shown = page(as_(people.tu()), LIST)
    assert 'type="checkbox" name="packet"' not in shown
    assert "Gửi lại gói đã chọn" not in shown


def test_what_the_portal_has_refused_as_it_is_is_foretold_to_be_refused_again() -> None:
    packet, client = a_packet_that_was_refused(), as_(people.tu())
    assert "1 gói không đổi gì từ khi Cổng từ chối" in page(client, RESEND_FOUND)
    assert "không đổi gì từ khi Cổng từ chối" in page(client, detail_of(packet))
    Dossier.objects.update(applicant_name="Đặng Văn Ươc")
    assert "không đổi gì" not in page(client, RESEND_FOUND)
    assert "sẽ trở lại hàng chờ gửi" in page(client, detail_of(packet))


def test_what_the_filter_leaves_out_is_not_resent() -> None:
    packet = a_stopped_packet()
    no_files_wanted_any_more()
    assert "Không có gói nào đang dừng" in page(as_(people.tu()), RESEND_FOUND, reason="refused")
    assert "0 gói trở lại" in told(as_(people.tu()), RESEND_FOUND, reason="refused")
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED


def test_one_request_resends_no_more_than_it_can_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packets.desk.actions.RESENT_AT_ONCE", 1)
    people.a_dossier()
    a_stopped_packet()
    no_files_wanted_any_more()
    client = as_(people.tu())
    foretold = page(client, RESEND_FOUND)
    assert "Có 2 gói dừng" in foretold
    assert "gửi lại tối đa 1 gói" in foretold
    assert "<strong>1 gói</strong> hợp lệ" in foretold
    assert "1 gói trở lại" in told(client, RESEND_FOUND)
    assert Packet.objects.filter(state=PacketState.STOPPED).count() == 1


# ---- one packet


def test_a_packet_shows_its_advice_what_waits_behind_it_and_its_content() -> None:
    packet, client = a_stopped_packet(), as_(people.tu())
    trace = Packet.objects.get(kind=Kind.TRACE)
    shown = page(client, detail_of(packet))
    assert str(ADVICE[Reason.NO_ATTACHMENT]) in shown
    assert f"Người sửa: <strong>{WHO[Reason.NO_ATTACHMENT]}</strong>" in shown
    assert "1 gói chờ sau gói này" in shown
    assert detail_of(trace) in shown
    assert str(packet.key) in shown
    assert "&quot;CitizenName&quot;: &quot;Đặng Văn Ước&quot;" in shown
    behind = page(client, detail_of(trace))
    assert "gói trước: " in behind
    assert detail_of(packet) in behind


def test_only_so_many_of_those_that_wait_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packets.desk.views.FOLLOWERS_SHOWN", 1)
    shown = page(as_(people.tu()), detail_of(a_stopped_packet(people.a_dossier_in(State.IN_PROGRESS))))
    assert "2 gói chờ sau gói này" in shown
    assert "Chỉ hiện 1 gói đầu tiên" in shown


def test_a_files_content_is_named_and_never_shown(settings: pytest_django.Settings) -> None:
    people.a_dossier(files=[people.a_file("đơn.pdf"), people.a_file("ảnh.pdf")])
    collected(a_portal(aliases={"Attachmentld": "AttachmentId"}))
    packet = Packet.objects.get(kind=Kind.DOCUMENT)
    shown = page(as_(people.tu()), detail_of(packet))
    assert "(tệp #1, nội dung được ghi vào khi gửi)" in shown
    assert "(tệp #2, nội dung được ghi vào khi gửi)" in shown
    assert "&quot;AttachmentId&quot;: 1" in shown
    assert f"file:{packet.key}" not in shown
    assert "JVBER" not in shown


def test_a_citizens_words_are_shown_as_text() -> None:
    people.a_dossier(applicant_name="<script>alert(1)</script>")
    collected(a_portal())
    shown = page(as_(people.tu()), detail_of(Packet.objects.get(kind=Kind.DOCUMENT)))
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_every_try_is_shown_with_its_time_and_answer() -> None:
    packet = a_packet_tried_in_vain()
    an_attempt(packet, http_status=429, reply="đợi")
    shown = page(as_(people.tu()), detail_of(packet))
    assert "1234 ms · HTTP 429" in shown
    assert "đợi" in shown
    assert "không có trả lời" in shown
    assert shown.count('class="attempt-retry"') == 2


def test_only_the_latest_tries_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packets.desk.views.ATTEMPTS_SHOWN", 1)
    packet, client = a_packet_tried_in_vain(), as_(people.tu())
    assert "lần gần nhất" not in page(client, detail_of(packet))
    an_attempt(packet)
    shown = page(client, detail_of(packet))
    assert "Chỉ hiện 1 lần gần nhất" in shown
    assert shown.count('class="attempt-retry"') == 1
    assert "1234 ms" in shown


def test_a_superseded_packet_leads_to_the_one_that_took_its_place() -> None:
    dossier = people.a_dossier()
    portal = a_portal()
    collected(portal)
    old = Packet.objects.get(kind=Kind.DOCUMENT)
    lifecycle.start(dossier, people.binh())
    collected(portal)
    new = Packet.objects.get(kind=Kind.DOCUMENT, state=PacketState.READY)
    shown = page(as_(people.tu()), detail_of(old))
    assert "Không cần gửi" in shown
    assert detail_of(new) in shown


def test_a_packet_that_was_never_built_says_so() -> None:
    people.a_dossier_in(State.IN_PROGRESS)
    collected(a_portal())
    needless = Packet.objects.get(kind=Kind.DOCUMENT, body="")
    assert "Không được lập" in page(as_(people.tu()), detail_of(needless))


# ---- one dossier


def test_a_dossiers_packets_stand_in_the_order_in_which_they_go() -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    people.a_dossier()
    collected(a_portal())
    client = as_(people.tu())
    address = reverse("packets:dossier", args=[dossier.uuid])
    shown = page(client, address)
    expected = Packet.objects.filter(dossier=dossier).order_by("position", "pk")
    assert re.findall(r'href="(/packets/\d+/)"', shown) == [detail_of(packet) for packet in expected]
    assert "Bắt đầu xử lý" in shown
    assert client.get(reverse("packets:dossier", args=[uuid.uuid4()])).status_code == 404


def test_a_dossier_without_packets_says_why() -> None:
    client = as_(people.tu())
    test = people.a_dossier(is_test=True)
    assert "Hồ sơ thử" in page(client, reverse("packets:dossier", args=[test.uuid]))
    registered = people.a_registered_dossier()
    assert "từ khi được tiếp nhận" in page(client, reverse("packets:dossier", args=[registered.uuid]))


def test_the_dossiers_page_takes_no_more_queries_for_more_packets() -> None:
    dossier = people.a_dossier_in(State.RETURNED)
    collected(a_portal())
    client = as_(people.tu())
    with CaptureQueriesContext(connection) as queries:
        page(client, reverse("packets:dossier", args=[dossier.uuid]))
    # session, user with their agency, the agencies below it, dossier, packets
    assert len(queries) == 5


# ---- the command


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("resend_packets", *arguments, verbosity=0)
    return capsys.readouterr().out


def test_the_command_resends_what_it_is_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = people.a_dossier(), people.a_dossier()
    a_stopped_packet(first)
    assert first.code is not None
    no_files_wanted_any_more()
    assert "Có 2 gói dừng: 2 gói sẽ đi, 0 gói chưa hợp lệ" in said(capsys, "--all", "--dry-run")
    assert "0 gói trở lại" in said(capsys, "--kind", "trace")
    assert "0 gói trở lại" in said(capsys, "--reason", "refused")
    assert Packet.objects.filter(state=PacketState.STOPPED).count() == 2
    assert "1 gói trở lại" in said(capsys, "--dossier", first.code, "--reason", "no_attachment")
    assert [p.dossier for p in Packet.objects.filter(state=PacketState.STOPPED)] == [second]
    assert "1 gói trở lại" in said(capsys, "--portal", "practice")
    assert not Packet.objects.filter(state=PacketState.STOPPED).exists()


def test_the_command_tells_how_many_are_still_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    a_stopped_packet()
    foretold = said(capsys, "--kind", "document", "--dry-run")
    assert "Có 1 gói dừng: 0 gói sẽ đi, 1 gói chưa hợp lệ" in foretold
    assert "no_attachment" in foretold
    assert "0 gói trở lại hàng chờ gửi, 1 gói chưa hợp lệ" in said(capsys, "--all")


def test_the_command_looks_at_many_in_batches(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packets.operations.BATCH", 2)
    for _number in range(4):
        people.a_dossier()
    a_stopped_packet()
    assert "Có 5 gói dừng: 0 gói sẽ đi, 5 gói chưa hợp lệ" in said(capsys, "--all", "--dry-run")
    assert Packet.objects.filter(state=PacketState.STOPPED).count() == 5


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "--all"),
        (["--all", "--portal", "practice"], "--all"),
        (["--portal", "nowhere"], "Không có cổng nào mang mã nowhere"),
        (["--reason", "bored"], "Không có lý do bored"),
        (["--kind", "letter"], "Không có loại letter"),
        (["--dossier", "H99"], "Không có hồ sơ nào mang mã H99"),
    ],
)
def test_the_command_says_clearly_what_it_cannot_do(arguments: list[str], complaint: str) -> None:
    packet = a_stopped_packet()
    no_files_wanted_any_more()
    with pytest.raises(CommandError, match=complaint):
        call_command("resend_packets", *arguments)
    packet.refresh_from_db()
    assert packet.state == PacketState.STOPPED


def test_a_paused_portal_is_left_out_by_the_worker() -> None:
    people.a_dossier()
    portal = a_portal()
    collected(portal)
    pause(portal, by="tú")
    hasten(portal)
    call_command("sync_packets", "--deliver", verbosity=0)
    assert not Attempt.objects.exists()
