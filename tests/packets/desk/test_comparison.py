"""A packet as people read it: its fields by name, and beside what the record says now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onestop.dossiers.models import Attachment, Dossier
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.desk.comparison import ComparedField, compare, error_lines, named
from packets.dialects.qd1705.messages import NAMES, Kind
from packets.models import Packet, PacketState, Portal
from packets.models.reasons import ADVICE, WHO, Reason
from packets.operations import rebuilt_copies
from packets.schemas.check import SCHEMAS
from tests import people
from tests.packets.portals import a_portal, collected

pytestmark = pytest.mark.django_db


def a_document(**portal: Any) -> Packet:
    people.a_dossier(files=[people.a_file("đơn.pdf")], phone="0900000001")
    collected(a_portal(**portal))
    return Packet.objects.select_related("portal").get(kind=Kind.DOCUMENT)


def lines_of(packet: Packet) -> dict[str, ComparedField]:
    packet = Packet.objects.select_related("portal").get(pk=packet.pk)
    return {line.name: line for line in compare(packet, rebuilt_copies([packet])[0])}


def different(packet: Packet) -> dict[str, tuple[str | None, str | None]]:
    return {name: (line.sent, line.now) for name, line in lines_of(packet).items() if line.differs}


def field_names(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from field_names(part)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_field_of_the_standard_has_a_name_for_people(kind: str) -> None:
    assert set(field_names(SCHEMAS[kind])) <= set(NAMES)


def test_no_name_is_of_a_field_that_is_not_there() -> None:
    assert set(NAMES) == {name for schema in SCHEMAS.values() for name in field_names(schema)}


def test_for_every_reason_it_is_said_what_to_do_and_by_whom() -> None:
    assert set(ADVICE) == set(WHO) == set(Reason)


def test_while_the_record_stays_the_same_nothing_differs() -> None:
    assert different(a_document()) == {}
    for packet in Packet.objects.all():
        assert different(packet) == {}


def test_what_differs_comes_first_with_both_values() -> None:
    packet = a_document()
    Dossier.objects.update(applicant_name="Đặng Văn Ươc", phone="")
    lines = list(lines_of(packet).values())
    assert [line.differs for line in lines[:3]] == [True, True, False]
    assert different(packet) == {
        "Chủ hồ sơ": ("Đặng Văn Ước", "Đặng Văn Ươc"),
        "Điện thoại": ("0900000001", "(để trống)"),
    }


def test_a_field_that_is_only_in_one_of_the_two_differs() -> None:
    packet = a_document()
    Dossier.objects.update(summary="Đăng ký lại")
    assert different(packet) == {"Trích yếu": (None, "Đăng ký lại")}
    Packet.objects.update(body=rebuilt_copies([packet])[0].body)
    Dossier.objects.update(summary="")
    assert different(packet) == {"Trích yếu": ("Đăng ký lại", None)}


def test_files_are_compared_by_name_and_their_content_is_never_shown() -> None:
    packet = a_document()
    file = Attachment.objects.get()
    assert lines_of(packet)["Tệp đính kèm 1, nội dung"].sent == "(nội dung tệp)"
    Attachment.objects.update(name="đơn mới.pdf")
    assert different(packet) == {"Tệp đính kèm 1, tên tệp": ("đơn.pdf", "đơn mới.pdf")}
    file.pk, file.ordinal = None, 2
    file.save()
    assert different(packet)["Tệp đính kèm 2, nội dung"] == (None, "(nội dung tệp)")


def test_a_portals_own_names_and_codes_are_known_again() -> None:
    packet = a_document(aliases={"CitizenName": "FullName"}, codes={"Status": {"1": "DANG_XU_LY"}})
    lines = lines_of(packet)
    assert lines["Chủ hồ sơ"].sent == "Đặng Văn Ước"
    assert next(line.sent for name, line in lines.items() if name.startswith("Trạng thái")) == "DANG_XU_LY"
    assert different(packet) == {}


def test_dates_are_told_as_people_write_them_and_what_only_looks_like_one_is_left_alone() -> None:
    packet = a_document()
    Dossier.objects.update(applicant_name="2026-99-99T99:99:99.000+0700")
    lines = lines_of(packet)
    assert lines["Chủ hồ sơ"].now == "2026-99-99T99:99:99.000+0700"
    assert packet.dossier
    accepted_at = packet.dossier.accepted_at
    assert accepted_at
    assert lines["Ngày tiếp nhận"].sent == f"{timezone.localtime(accepted_at):%d/%m/%Y %H:%M:%S.%f}"[:-3]


def test_figures_are_compared_with_the_publication() -> None:
    month = Period(2026, 1)
    people.a_dossier_from_before(month)
    publish(people.province(), month)
    collected(a_portal())
    packet = Packet.objects.get(kind=Kind.STATISTIC)
    Publication.objects.update(new_reception=7, pending=7)
    assert different(packet)["Nhận trong kỳ"] == ("0", "7")


def test_faults_name_the_field_in_words() -> None:
    assert named(("Supplementaries", 0, "Papers", 1, "PaperName"), "qd1705") == "Lần bổ sung 1, giấy tờ 2, tên giấy tờ"
    assert named(("Unheard",), "qd1705") == "Unheard"
    packet = Packet(
        portal=Portal(dialect="qd1705"),
        reason=Reason.INVALID,
        detail="Attachments[0].AttachmentName: Không được để trống.\n: Sai: cả gói.",
    )
    assert error_lines(packet) == ["Tệp đính kèm 1, tên tệp: Không được để trống.", "Sai: cả gói."]
    refused = Packet(reason=Reason.REFUSED, detail="Phone: wrong")
    assert error_lines(refused) == ["Phone: wrong"]


@pytest.mark.parametrize(
    ("reply", "lines"),
    [
        ('{"Status": 500, "Message": "Sai số định danh"}', ["Cổng trả lời: “Sai số định danh”"]),
        ('{"error": {"message": "Sai \\"Mã\\""}, "detail": "Sai số…', ['Cổng trả lời: “Sai "Mã"”']),
        ('[{"msg": "một"}, {"msg": "hai"}, {"msg": "một"}]', ["Cổng trả lời: “một”", "Cổng trả lời: “hai”"]),
        ('{"Status": 500, "Message": ""}', []),
        ("Phone: wrong", ["Phone: wrong"]),
    ],
)
def test_a_reply_in_json_is_shown_as_its_sentences(reply: str, lines: list[str]) -> None:
    assert error_lines(Packet(reason=Reason.REFUSED, detail=reply)) == lines


def test_the_page_of_a_stopped_packet_shows_it_beside_the_record_and_changes_nothing() -> None:
    packet = a_document()
    Dossier.objects.update(applicant_name="")
    Packet.objects.filter(pk=packet.pk).update(state=PacketState.STOPPED, reason=Reason.REFUSED, due_at=None)
    before = list(Packet.objects.values())
    client = Client()
    client.force_login(people.thanh())
    shown = client.get(reverse("packets:detail", args=[packet.pk])).content.decode()
    assert "Gói vẫn dừng: dữ liệu hồ sơ chưa đúng chuẩn" in shown
    assert "Chủ hồ sơ: Không được để trống." in shown
    assert "1 trường của gói khác với dữ liệu hiện nay" in shown
    assert shown.count('<tr class="differs">') == 1
    assert list(Packet.objects.values()) == before
    # A settled packet is proof of what was sent; what has become of the record since is no news.
    Packet.objects.filter(pk=packet.pk).update(state=PacketState.ACCEPTED, settled_at=timezone.now())
    assert "differs" not in client.get(reverse("packets:detail", args=[packet.pk])).content.decode()
