"""The page of one packet, and the packets of one dossier."""

from __future__ import annotations

import re
import uuid

import pytest
import pytest_django
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onestop.dossiers import lifecycle
from onestop.dossiers.models import State
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, PacketState
from packets.models.reasons import ADVICE, WHO, Reason
from tests import people
from tests.packets.desk_pages import a_packet_tried_in_vain, a_stopped_packet, as_, detail_of, page
from tests.packets.portals import a_portal, an_attempt, collected

pytestmark = pytest.mark.django_db


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
