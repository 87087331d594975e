"""Dossiers as they really come: each becomes the right packet or a stopped one with a reason, never a lost one."""

from typing import Any

import pytest
from django.test import Client

from onestop.dossiers.models import Dossier
from packets.delivery.sender import deliver
from packets.models import Packet
from tests import people
from tests.packets.portals import a_portal, collected
from tests.practice_portal import Sandbox

pytestmark = pytest.mark.django_db


def received(portal: Sandbox, **typed: Any) -> dict[str, Any]:
    """What the practice portal holds of a dossier that Lan took in at the counter."""
    procedure = typed.pop("procedure", None) or people.a_procedure()
    counter = Client()
    counter.force_login(people.lan())
    form = {
        "channel": "direct",
        "agency": people.ward().pk,
        "applicant_kind": "citizen",
        "applicant_name": "Đặng Thị Én",
        "return_method": "direct",
    }
    answer = counter.post(f"/dossiers/receive/{procedure.code}/", form | typed)
    assert answer.status_code == 302, answer.content.decode()
    row = a_portal(portal.address)
    collected(row)
    deliver(row)
    assert set(Packet.objects.values_list("state", flat=True)) == {"accepted"}
    (held,) = portal.held("document", Dossier.objects.get().code or "")
    return held


def test_without_a_phone_the_required_field_is_there_and_empty(practice_portal: Sandbox) -> None:
    assert received(practice_portal, phone="")["Phone"] == ""


def test_a_procedure_name_of_1200_letters_arrives_whole(practice_portal: Sandbox) -> None:
    name = "Thủ tục " + "cấp giấy phép có tên rất dài " * 41
    name = name.ljust(1200, "ệ")[:1200]
    held = received(practice_portal, procedure=people.a_procedure(code="1.999001", name=name))
    assert held["DocTypeName"] == name


def test_emoji_and_accents_in_every_text_field_arrive_as_typed(practice_portal: Sandbox) -> None:
    words = {
        "applicant_name": "Nguyễn Thị Ngọc Ánh 👩‍👧",
        "address": "Ngõ 5 “Hẻm Hoa” 🌸 phường Ô Chợ Dừa",
        "applicant_note": "mẹ đơn thân \\ / ' \" <b>&amp; 🙏",
        "summary": "Khai sinh cho bé 👶 Đặng Ước",
    }
    held = received(practice_portal, **words, uploads=people.a_file("tờ khai 📄 số 1.pdf"))
    assert [held[field] for field in ("CitizenName", "Address", "CitizenInfo", "Compendium")] == list(words.values())
    assert held["Attachments"][0]["AttachmentName"] == "tờ khai 📄 số 1.pdf"


def test_a_file_of_20_megabytes_arrives_unchanged(practice_portal: Sandbox) -> None:
    size = 20 * 1024 * 1024
    held = received(practice_portal, uploads=people.a_file(content=people.PDF.ljust(size, b".")))
    stored = Dossier.objects.get().attachments.get()
    assert held["Attachments"][0]["Base64"] == f"sha256:{stored.sha256}:{size}"


def test_birth_date_and_submitter_are_told_with_the_note_and_the_address_is_whole(practice_portal: Sandbox) -> None:
    people.two_wards_and_a_commune()
    held = received(
        practice_portal,
        applicant_note="Cần gấp",
        birth_date="1950",
        address="12 Lê Lợi",
        commune="Phường Quy Nhơn, Tỉnh Gia Lai",
        submitter_name="Đặng Văn Con",
        submitter_capacity="relative",
        submitter_identity_no="052085570548",
        submitter_phone="0905123456",
    )
    assert held["CitizenName"] == "Đặng Thị Én"
    assert held["Address"] == "12 Lê Lợi, Phường Quy Nhơn, Tỉnh Gia Lai"
    assert held["CitizenInfo"].split("\n") == [
        "Cần gấp",
        "Ngày sinh: 1950",
        "Người nộp: Đặng Văn Con (người thân được ủy quyền)",
    ]
    # No other number of a person than the applicant's.
    assert "052085570548" not in str(held)
    assert "0905123456" not in str(held)


def test_what_is_not_known_of_a_person_is_left_out(practice_portal: Sandbox) -> None:
    held = received(practice_portal)
    assert "CitizenInfo" not in held
    assert "Address" not in held
