"""Applicant and submitter at the counter: a commune by its name of today or before, a card, an earlier dossier."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onestop.catalog.models import Commune
from onestop.dossiers.models import Dossier
from onestop.staff.models import User
from tests import people

pytestmark = pytest.mark.django_db

COMMUNES = "/dossiers/communes/"
CARD = "052085570548||Đặng Văn Ước|07031950|Nam|{}|10052021"


@pytest.fixture(autouse=True)
def communes() -> None:
    people.two_wards_and_a_commune()


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def counter() -> str:
    return reverse("dossiers:receive", args=[people.a_procedure().code])


def typed(**more: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()),
        "channel": "direct",
        "agency": str(people.ward().pk),
        "applicant_kind": "citizen",
        "applicant_name": "Đặng Văn Ước",
        "return_method": "direct",
        **more,
    }


def sent(**more: Any) -> str:
    """The page that is shown again; "" where the dossier was taken in."""
    answer = as_(people.lan()).post(counter(), typed(**more))
    return "" if answer.status_code == 302 else answer.content.decode()


def value(page: str, name: str) -> str:
    field = re.search(rf'<input[^>]* name="{name}"[^>]*>', page)
    assert field is not None
    written = re.search(r' value="([^"]*)"', field[0])
    return written[1] if written else ""


def offered(page: str) -> list[str]:
    return re.findall(r'name="commune_chosen" value="(\d{5}) ', page)


def test_applicant_and_submitter_are_recorded_apart() -> None:
    submitter = {
        "submitter_name": "Đặng Văn Con",
        "submitter_capacity": "authorised",
        "submitter_identity_no": "052 085 570 548",
        "submitter_phone": "0905.123.456",
        "submitter_authorisation": "Số 12, ngày 01/03/2026",
    }
    assert sent(birth_date="7/3/1950", commune="phuong quy nhon", address="12 Lê Lợi", **submitter) == ""
    dossier = Dossier.objects.get()
    assert dossier.submitter_name == "Đặng Văn Con"
    assert (dossier.submitter_identity_no, dossier.submitter_phone) == ("052085570548", "0905123456")
    assert dossier.birth_date == "1950-03-07"
    page = as_(people.lan()).get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()
    assert "12 Lê Lợi, Phường Quy Nhơn, Tỉnh Gia Lai" in page
    assert "07/03/1950" in page
    assert "Đặng Văn Con" in page
    assert "người được ủy quyền" in page
    assert "Số 12, ngày 01/03/2026" in page


def test_a_submitter_without_a_name_is_an_error_at_its_field_and_the_folded_part_is_open() -> None:
    page = sent(submitter_phone="0905123456", birth_date="hôm qua", commune="Quy Nhơn Không Có")
    assert "Nhập họ tên người nộp thay" in page
    assert '<details class="folded submitter" open>' in page
    assert "chỉ biết năm thì nhập 1950" in page
    assert "Không tìm thấy xã, phường này" in page
    assert not Dossier.objects.exists()
    # What was typed is there again.
    assert (value(page, "commune"), value(page, "birth_date")) == ("Quy Nhơn Không Có", "hôm qua")


def test_a_submitter_s_wrong_number_without_a_name_is_two_errors() -> None:
    page = sent(submitter_phone="000")
    assert "Số điện thoại chỉ có một chữ số lặp lại." in page
    assert "Nhập họ tên người nộp thay" in page


def test_the_submitter_s_part_is_folded_away_on_a_blank_form() -> None:
    page = as_(people.lan()).get(counter()).content.decode()
    assert '<details class="folded submitter">' in page


def test_a_doubtful_number_of_the_submitter_is_queried_once() -> None:
    submitter = {"submitter_name": "Đặng Văn Con", "submitter_capacity": "guardian", "submitter_phone": "090512345"}
    page = sent(**submitter)
    assert "bấm lại lần nữa" in page
    assert not Dossier.objects.exists()
    assert sent(**submitter, asked_back="submitter_phone:090512345") == ""


def test_where_the_text_means_several_communes_they_are_offered_and_one_is_chosen() -> None:
    page = sent(commune="Phường Đa Kao")
    assert sorted(offered(page)) == ["26737", "26740"]
    assert "trước đây: Phường Đa Kao, Quận 1, Thành phố Hồ Chí Minh" in page
    assert sent(commune="Phường Đa Kao", commune_chosen="26740 Phường Đa Kao") == ""
    assert str(Dossier.objects.get().commune) == "Phường Sài Gòn, Thành phố Hồ Chí Minh"


def test_a_choice_counts_for_the_text_for_which_it_was_offered_alone() -> None:
    assert sent(commune="Phường Quy Nhơn", commune_chosen="26740 Phường Đa Kao") == ""
    assert str(Dossier.objects.get().commune) == "Phường Quy Nhơn, Tỉnh Gia Lai"


def test_a_part_of_a_name_is_never_taken_for_the_whole() -> None:
    page = sent(commune="nhon")
    assert offered(page) == ["21583"]
    assert not Dossier.objects.exists()


def test_a_chosen_commune_survives_another_error() -> None:
    page = sent(commune="Phường Đa Kao", commune_chosen="26740 Phường Đa Kao", birth_date="hôm qua")
    assert value(page, "commune") == "Phường Sài Gòn, Thành phố Hồ Chí Minh"


def suggested(text: str, person: User | None = None) -> str:
    answer = as_(person or people.lan()).post(COMMUNES, {"commune": text})
    assert answer.status_code == 200
    page: str = answer.content.decode()
    return page


def test_communes_are_suggested_while_they_are_typed() -> None:
    page = suggested("đa kao")
    assert 'data-value="Phường Sài Gòn, Thành phố Hồ Chí Minh"' in page
    assert "trước đây: Phường Đa Kao, Quận 1" in page
    assert "Không có xã, phường nào phù hợp" in suggested("không đâu")
    assert "<li" not in suggested("")
    # Where somebody lives is not written into the server's log.
    assert as_(people.lan()).get(COMMUNES, {"commune": "da kao"}).status_code == 405


def test_a_scanned_card_fills_in_birth_date_and_commune() -> None:
    line = CARD.format("Tổ 5, Trần Phú, Quy Nhơn, Bình Định")
    page = as_(people.lan()).post(counter(), typed(identity_no=line, applicant_name="")).content.decode()
    assert value(page, "birth_date") == "07/03/1950"
    assert value(page, "address") == "Tổ 5"
    assert value(page, "commune") == "Phường Quy Nhơn, Tỉnh Gia Lai"


def test_a_card_s_address_that_names_no_known_commune_stays_whole() -> None:
    line = CARD.format("Thôn 3, Ea Bar, Đắk Lắk")
    page = as_(people.lan()).post(counter(), typed(identity_no=line, applicant_name="")).content.decode()
    assert (value(page, "address"), value(page, "commune")) == ("Thôn 3, Ea Bar, Đắk Lắk", "")


def test_the_script_that_reads_a_card_gets_the_same() -> None:
    client = as_(people.lan())
    address = client.post("/dossiers/card-address/", {"address": "Tổ 5, Trần Phú, Quy Nhơn, Bình Định"})
    assert address.json() == {"address": "Tổ 5", "commune": "Phường Quy Nhơn, Tỉnh Gia Lai"}
    assert client.post("/dossiers/card-address/", {"address": "Thôn 3"}).json() == {}


def test_an_earlier_dossier_fills_in_birth_date_and_commune() -> None:
    quy_nhon = people.a_commune("21583", "Phường Quy Nhơn", "52 Tỉnh Gia Lai")
    son: dict[str, Any] = {"submitter_name": "Con", "submitter_capacity": "relative"}
    people.a_dossier(identity_no="001099012345", birth_date="1950", commune=quy_nhon, **son)
    page = as_(people.lan()).post(counter(), typed(identity_no="001099012345", fill="")).content.decode()
    assert (value(page, "birth_date"), value(page, "commune")) == ("1950", "Phường Quy Nhơn, Tỉnh Gia Lai")
    # Who handed in another time says nothing about this time.
    assert value(page, "submitter_name") == ""
    part = as_(people.lan()).post("/dossiers/earlier/", {"identity_no": "001099012345"}).content.decode()
    assert 'data-birth_date="1950"' in part
    assert 'data-commune="Phường Quy Nhơn, Tỉnh Gia Lai"' in part


def test_without_a_list_of_communes_the_address_is_one_text() -> None:
    Commune.objects.all().delete()
    assert 'name="commune"' not in as_(people.lan()).get(counter()).content.decode()
    line = CARD.format("Tổ 5, Trần Phú, Quy Nhơn, Bình Định")
    page = as_(people.lan()).post(counter(), typed(identity_no=line, applicant_name="")).content.decode()
    assert value(page, "address") == "Tổ 5, Trần Phú, Quy Nhơn, Bình Định"
    assert sent(address="12 Lê Lợi") == ""


def test_a_correction_at_the_desk_keeps_a_commune_that_ended_and_takes_a_new_one() -> None:
    saigon = people.a_commune("26740", "Phường Sài Gòn", "79 Thành phố Hồ Chí Minh")
    dossier = people.a_dossier(commune=saigon, birth_date="1950")
    saigon.is_active = False
    saigon.save()
    amend, client = reverse("dossiers:move", args=[dossier.uuid, "amend"]), as_(people.lan())
    page = client.get(amend).content.decode()
    assert (value(page, "commune"), value(page, "birth_date")) == (str(saigon), "1950")
    kept = {"applicant_kind": "citizen", "applicant_name": "Đặng Văn Ước", "return_method": "direct"}
    assert client.post(amend, {**kept, "commune": str(saigon), "birth_date": "3/1950"}).status_code == 302
    dossier.refresh_from_db()
    assert (dossier.commune, dossier.birth_date) == (saigon, "1950-03")
    assert client.post(amend, {**kept, "commune": "Phường Quy Nhơn", "birth_date": "3/1950"}).status_code == 302
    dossier.refresh_from_db()
    assert str(dossier.commune) == "Phường Quy Nhơn, Tỉnh Gia Lai"
