"""Communes of today are found by what people write, and the tables follow the list without losing a place."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from onestop.catalog.models import Commune, FormerCommune, Province
from onestop.catalog.places.addresses import read_address
from onestop.catalog.places.finding import meant, province_of, suggestions, today_of
from onestop.catalog.places.importing import bring_up_to
from onestop.catalog.places.source import ListedCommune, ListedFormer, PlaceList, listed
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def suggested(text: str, near: str = "") -> list[tuple[str, str]]:
    province = Province.objects.get(code=near) if near else None
    return [(one.commune.code, one.former.partition(",")[0]) for one in suggestions(text, province)]


# ---- the list


def test_the_list_has_every_province_and_commune_of_today_and_leads_every_former_one_there() -> None:
    places = listed()
    assert (len(places.provinces), len(places.communes)) == (34, 3321)
    assert {commune.province for commune in places.communes.values()} == set(places.provinces)
    # No commune is without a former one, and no former one leads elsewhere.
    assert {former.commune for former in places.former} == set(places.communes)
    assert len({former.name for former in places.former}) > 10_000


def test_what_has_changed_since_the_list_was_made_is_in_it() -> None:
    places = listed()
    assert places.provinces["75"] == "Thành phố Đồng Nai"
    assert places.communes["26248"] == ListedCommune("Phường Trảng Bom", "75")
    assert ListedFormer("26248", "Xã Trảng Bom, Tỉnh Đồng Nai", "26248") in places.former
    assert places.communes["06978"].name == "Xã Ba Chẽ"
    assert "06970" not in places.communes


def test_the_command_fills_the_tables_once() -> None:
    out = StringIO()
    call_command("import_places", stdout=out)
    assert (Province.objects.count(), Commune.objects.count()) == (34, 3321)
    assert "Thêm: 3355" in out.getvalue()
    again = StringIO()
    call_command("import_places", stdout=again)
    assert again.getvalue() == "Danh mục đã đủ, không có thay đổi.\n"
    # Islands were districts without communes.
    assert suggested("huyện côn đảo") == [("26732", "Huyện Côn Đảo")]
    assert ("26740", "Phường Đa Kao") in suggested("Phường Đa Kao")


def a_list(**more: Any) -> PlaceList:
    places = PlaceList({"52": "Tỉnh Gia Lai"}, {"21583": ListedCommune("Phường Quy Nhơn", "52")}, [])
    return PlaceList(**{**vars(places), **more})


def test_a_place_that_the_list_no_longer_has_stays_and_is_not_offered() -> None:
    both = {"21583": ListedCommune("Phường Quy Nhơn", "52"), "21553": ListedCommune("Phường Quy Nhơn Bắc", "52")}
    bring_up_to(a_list(communes=both))
    report = bring_up_to(a_list())
    assert report.closed == ["21553 Phường Quy Nhơn Bắc"]
    assert Commune.objects.get(code="21553").is_active is False
    assert suggested("quy nhon bac") == []
    assert bring_up_to(a_list(communes=both)).opened == ["21553 Phường Quy Nhơn Bắc"]
    assert suggested("quy nhon bac") == [("21553", "")]


def test_a_renamed_place_is_found_by_both_names() -> None:
    bring_up_to(a_list())
    report = bring_up_to(a_list(provinces={"52": "Thành phố Gia Lai"}))
    assert report.renamed == ["52 Tỉnh Gia Lai → Thành phố Gia Lai"]
    assert str(Commune.objects.get()) == "Phường Quy Nhơn, Thành phố Gia Lai"
    assert [str(row) for row in FormerCommune.objects.all()] == ["Phường Quy Nhơn, Tỉnh Gia Lai"]
    assert bring_up_to(a_list(provinces={"52": "Thành phố Gia Lai"})).is_empty


def test_a_former_name_leads_where_the_list_says_now() -> None:
    both = {"21583": ListedCommune("Phường Quy Nhơn", "52"), "21553": ListedCommune("Phường Quy Nhơn Bắc", "52")}
    name = "Phường Trần Phú, Thành phố Quy Nhơn, Tỉnh Bình Định"
    bring_up_to(a_list(communes=both, former=[ListedFormer("21568", name, "21553")]))
    assert bring_up_to(a_list(communes=both, former=[ListedFormer("21568", name, "21583")])).former == 2
    assert [commune.code for commune in today_of("21568")] == ["21583"]


# ---- finding


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("quy nhon", [("21583", "")]),
        ("QUY NHƠN gia lai", [("21583", "")]),
        ("P. Trần Phú, Bình Định", [("21583", "Phường Trần Phú")]),
        ("Phường Đa Kao", [("26737", "Phường Đa Kao"), ("26740", "Phường Đa Kao")]),
        ("da kao q.1 tphcm", [("26737", "Phường Đa Kao"), ("26740", "Phường Đa Kao")]),
        # Whose own name fits is not suggested by a former one.
        ("tân định", [("26737", "")]),
        ("phường 14", []),
        ("không đâu", []),
        ("%_", []),
    ],
)
def test_a_commune_is_suggested_by_its_name_and_by_those_of_before(text: str, codes: list[tuple[str, str]]) -> None:
    people.two_wards_and_a_commune()
    assert sorted(suggested(text)) == codes


def test_the_office_s_own_province_comes_first() -> None:
    people.two_wards_and_a_commune()
    people.a_commune("29830", "Phường Sài Thành", "52 Tỉnh Gia Lai")
    assert [code for code, _former in suggested("phuong sai")] == ["26740", "29830"]
    assert [code for code, _former in suggested("phuong sai", near="52")] == ["29830", "26740"]


def test_a_former_name_near_comes_before_a_name_of_today_elsewhere() -> None:
    people.two_wards_and_a_commune()
    people.a_commune("00001", "Phường Trần Phú", "79 Thành phố Hồ Chí Minh")
    assert [code for code, _former in suggested("tran phu")] == ["00001", "21583"]
    assert [code for code, _former in suggested("tran phu", near="52")] == ["21583", "00001"]


def test_a_number_is_a_whole_one() -> None:
    people.two_wards_and_a_commune()
    people.a_commune("27190", "Phường Vườn Lài", "79 Thành phố Hồ Chí Minh", "27169 Phường 2, Quận 10, Hồ Chí Minh")
    assert sorted(code for code, _former in suggested("quận 1")) == ["26737", "26740"]
    assert [code for code, _former in suggested("quận 10")] == ["27190"]


def test_an_agency_s_province_is_the_one_that_its_province_is_named_after() -> None:
    people.two_wards_and_a_commune()
    assert province_of(people.ward()) is None
    Province.objects.create(code="02", name="Tỉnh Hà Giang")
    assert province_of(people.ward()) == Province.objects.get(code="02")
    assert province_of(None) is None


def named(text: str) -> list[str]:
    return [one.commune.code for one in meant(text)]


def test_a_whole_name_means_one_commune_and_a_divided_one_several() -> None:
    people.two_wards_and_a_commune()
    assert named("Phường Quy Nhơn, Tỉnh Gia Lai") == ["21583"]
    assert named("phuong quy nhon, gia lai") == ["21583"]
    assert named("21583") == ["21583"]
    assert sorted(named("Phường Đa Kao, Quận 1, Thành phố Hồ Chí Minh")) == ["26737", "26740"]
    assert named("Xã Không Có") == []


def test_two_names_that_differ_in_accents_alone_are_told_apart_where_accents_are_typed() -> None:
    people.a_commune("21484", "Xã Ba Tơ", "51 Tỉnh Quảng Ngãi")
    people.a_commune("21523", "Xã Ba Tô", "51 Tỉnh Quảng Ngãi")
    assert named("Xã Ba Tô, Tỉnh Quảng Ngãi") == ["21523"]
    assert named("Xã Ba Tơ, Tỉnh Quảng Ngãi") == ["21484"]
    assert sorted(named("xa ba to")) == ["21484", "21523"]


# ---- in an address


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("12 Lê Lợi, Phường Quy Nhơn, Tỉnh Gia Lai", ("12 Lê Lợi", "Phường Quy Nhơn, Tỉnh Gia Lai")),
        ("Tổ 5, Khu phố 2, Trần Phú, Quy Nhơn, Bình Định", ("Tổ 5, Khu phố 2", "Phường Quy Nhơn, Tỉnh Gia Lai")),
        ("Trần Phú, TP. Quy Nhơn, Bình Định", ("", "Phường Quy Nhơn, Tỉnh Gia Lai")),
        # Divided: the name on the card, by which the clerk chooses.
        ("Tổ 3, Đa Kao, Quận 1, Hồ Chí Minh", ("Tổ 3", "Phường Đa Kao, Quận 1, Thành phố Hồ Chí Minh")),
        ("12 Lê Lợi, Nhơn Phú, Quy Nhơn, Bình Định", None),
        ("Thôn 3", None),
        ("", None),
    ],
)
def test_the_commune_at_the_end_of_an_address_is_read(address: str, read: tuple[str, str] | None) -> None:
    people.two_wards_and_a_commune()
    assert read_address(address) == read
