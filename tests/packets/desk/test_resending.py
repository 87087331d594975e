"""Sending again: one packet, the ticked ones, all of a filter."""

from __future__ import annotations

import pytest

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from packets.models import Packet, PacketState
from packets.models.reasons import ADVICE, WHO, Reason
from tests import people
from tests.packets.desk_pages import (
    LIST,
    RESEND_FOUND,
    a_packet_that_was_refused,
    a_stopped_packet,
    as_,
    detail_of,
    no_files_wanted_any_more,
    page,
    resend_of,
    told,
)
from tests.packets.portals import a_portal, collected

pytestmark = pytest.mark.django_db


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
