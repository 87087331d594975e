"""Applicant and submitter: what goes together, what is refused, and by what a dossier is found."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from onestop.common.errors import InputRefused
from onestop.dossiers import lifecycle
from onestop.dossiers.lists.search import meant
from onestop.dossiers.models import Dossier
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SON: dict[str, Any] = {
    "submitter_name": "Đặng Văn Con",
    "submitter_capacity": "relative",
    "submitter_identity_no": "052085570548",
    "submitter_phone": "0905123456",
    "submitter_authorisation": "Số 12, ngày 01/03/2026",
}


def refused(**traits: Any) -> set[str]:
    with pytest.raises(InputRefused) as refusal:
        people.a_dossier(**traits)
    assert not Dossier.objects.exists()
    return set(refusal.value.fields)


def test_a_dossier_says_who_handed_it_in_for_whom_and_where_the_applicant_lives() -> None:
    people.two_wards_and_a_commune()
    quy_nhon = people.a_commune("21583", "Phường Quy Nhơn", "52 Tỉnh Gia Lai")
    dossier = people.a_dossier(birth_date="07/03/1950", address="12 Lê Lợi", commune=quy_nhon, **SON)
    dossier.refresh_from_db()
    assert {name: getattr(dossier, name) for name in SON} == SON
    assert dossier.birth_date == "1950-03-07"
    assert dossier.full_address == "12 Lê Lợi, Phường Quy Nhơn, Tỉnh Gia Lai"


def test_the_address_of_a_dossier_without_a_commune_is_as_it_was_typed() -> None:
    assert people.a_new_dossier(address="12 Lê Lợi, Quy Nhơn").full_address == "12 Lê Lợi, Quy Nhơn"
    assert people.a_new_dossier().full_address == ""


@pytest.mark.parametrize(
    ("traits", "field"),
    [
        ({**SON, "submitter_name": ""}, "submitter_name"),
        ({"submitter_phone": "0905123456"}, "submitter_name"),
        ({"submitter_authorisation": "Số 12"}, "submitter_name"),
        ({"submitter_capacity": "guardian"}, "submitter_name"),
        ({**SON, "submitter_capacity": ""}, "submitter_capacity"),
        ({**SON, "submitter_capacity": "friend"}, "submitter_capacity"),
        ({**SON, "submitter_phone": "000"}, "submitter_phone"),
        ({**SON, "submitter_identity_no": "12345678901"}, "submitter_identity_no"),
        ({"birth_date": "1950", "applicant_kind": "business"}, "birth_date"),
        ({"birth_date": "2999"}, "birth_date"),
        ({"birth_date": "hôm qua"}, "birth_date"),
    ],
)
def test_what_does_not_go_together_is_refused_by_field(traits: dict[str, str], field: str) -> None:
    assert refused(**traits) == {field}


def test_a_foreigner_has_a_birth_date_too() -> None:
    assert people.a_dossier(birth_date="1950", applicant_kind="other").birth_date == "1950"


def test_a_commune_that_is_no_longer_in_force_is_refused() -> None:
    former = people.a_commune("99999", "Xã Cũ", "52 Tỉnh Gia Lai")
    former.is_active = False
    assert refused(commune=former) == {"commune"}


@pytest.mark.parametrize(
    "changes",
    [
        {"submitter_name": ""},
        {"submitter_capacity": ""},
        {"submitter_name": "", "submitter_capacity": ""},
        {"birth_date": "1950", "applicant_kind": "organisation"},
    ],
)
def test_the_database_refuses_it_whatever_the_code_does(changes: dict[str, str]) -> None:
    dossier = people.a_dossier(**SON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Dossier.objects.filter(pk=dossier.pk).update(**changes)


def test_a_correction_names_what_it_changed_and_copies_nothing() -> None:
    people.two_wards_and_a_commune()
    saigon = people.a_commune("26740", "Phường Sài Gòn", "79 Thành phố Hồ Chí Minh")
    dossier = people.a_dossier(birth_date="1950")
    changes: dict[str, Any] = {**SON, "birth_date": "7/3/1950", "commune": saigon}
    transition = lifecycle.amend(dossier, people.lan(), changes=changes)
    assert sorted(transition.facts["changed"]) == sorted(["birth_date", "commune", *SON])
    assert (Dossier.objects.get().commune, Dossier.objects.get().birth_date) == (saigon, "1950-03-07")
    with pytest.raises(InputRefused, match="Không có gì thay đổi"):
        lifecycle.amend(dossier, people.lan(), changes={"commune": saigon, "submitter_phone": "0905 123 456"})


def test_a_commune_that_ended_since_does_not_hinder_other_corrections() -> None:
    commune = people.a_commune("26740", "Phường Sài Gòn", "79 Thành phố Hồ Chí Minh")
    dossier = people.a_dossier(commune=commune)
    commune.is_active = False
    commune.save()
    lifecycle.amend(dossier, people.lan(), changes={"phone": "0905123456"})
    assert Dossier.objects.get().commune == commune


@pytest.mark.parametrize("text", ["dang van con", "052 085 570 548", "0905.123.456"])
def test_a_dossier_is_found_by_its_submitter(text: str) -> None:
    dossier = people.a_dossier(**SON)
    people.a_dossier(applicant_name="Ai Khác")
    assert meant(text, people.lan()) == [dossier]


def test_a_submitter_s_card_finds_it_too() -> None:
    dossier = people.a_dossier(**SON)
    assert meant("052085570548||Đặng Văn Con|15081985|Nam|Thôn 3|10052021", people.lan()) == [dossier]
