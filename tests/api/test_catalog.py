"""Agencies, fields and procedures by API: found by code, narrowed strictly, in pages that cost few queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from onestop.catalog.models import Agency, Field, Procedure
from onestop.partners.scopes import ApiScope
from tests import people

from .caller import caller, faults, read

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LISTS = ["agencies", "fields", "procedures"]
# With the one that says who calls, and the one that once a minute notes that it did.
MOST_QUERIES = 6


def codes(path: str) -> list[str]:
    return [row["code"] for row in read(caller().get(path))["results"]]


def told(path: str) -> Any:
    return read(caller().get(path))


def a_procedure_of_its_own(number: int) -> None:
    """Shares field and promulgator with no other, so that each would take its own queries if any did."""
    field = people.a_field(f"F{number:02}", f"Lĩnh vực {number}")
    by = people.an_agency(f"G{number:02}", f"Bộ {number}", people.province(), Agency.Level.CENTRAL)
    procedure = people.a_procedure(code=f"3.{number:02}", field=field, promulgator=by)
    procedure.papers.create(ordinal=1, name="Tờ khai")
    procedure.fees.create(ordinal=1, name="Lệ phí")
    procedure.results.create(ordinal=1, name="Giấy")


# ---- who may read


@pytest.mark.parametrize("path", [*LISTS, "agencies/H22", "fields/hotich", "procedures/1.001193"])
def test_the_catalogue_is_closed_without_its_scope(path: str) -> None:
    assert caller(ApiScope.CATALOG_READ).get(path).status_code in (200, 404)
    assert faults(caller(ApiScope.DOSSIERS_READ).get(path), 403) == {"": "scope"}
    strange = caller()
    strange.token = "Bearer abc"
    assert strange.get(path).status_code == 401


@pytest.mark.parametrize("path", [*LISTS, "agencies/H22"])
def test_nothing_of_the_catalogue_is_written(path: str) -> None:
    assert caller().post(path).status_code == 405
    assert caller().patch(path, {}).status_code == 405


# ---- what is told


def test_an_agency_is_told_with_the_code_of_the_one_above() -> None:
    ward = people.ward()
    told_of_it = {"code": "H22.101", "name": ward.name, "parent": "H22", "level": "commune", "is_active": True}
    assert told("agencies/H22.101") == told_of_it
    assert told("agencies?code=H22.101")["results"] == [told_of_it]
    assert told("agencies/H22")["parent"] is None


def test_a_field_is_told_by_code_and_name() -> None:
    people.a_field("G15-TP07", "Hộ tịch")
    assert told("fields/G15-TP07") == {"code": "G15-TP07", "name": "Hộ tịch"}


def test_a_procedure_is_told_with_its_papers_fees_and_results() -> None:
    procedure = people.a_procedure_with_papers_and_fees()
    procedure.results.create(ordinal=1, name="Phiếu lý lịch tư pháp")
    people.a_procedure()
    (listed,) = told("procedures?code=2.000488")["results"]
    assert listed == told("procedures/2.000488")
    assert (listed["field"], listed["promulgator"]) == ("hotich", None)
    assert (listed["limit"], listed["limit_unit"]) == ("2.00", "working_days")
    assert [paper["name"] for paper in listed["papers"]] == ["Tờ khai theo mẫu", "Bản sao giấy tờ tùy thân"]
    assert listed["papers"][1] == {
        "ordinal": 2,
        "code": "",
        "name": "Bản sao giấy tờ tùy thân",
        "originals": 0,
        "copies": 2,
        "group": "Người ủy quyền",
        "form": "",
    }
    assert [fee["amount"] for fee in listed["fees"]] == [200_000, 100_000, None]
    assert listed["results"] == [{"ordinal": 1, "code": "", "name": "Phiếu lý lịch tư pháp"}]
    assert told("procedures/1.001193")["papers"] == []


@pytest.mark.parametrize("path", ["agencies/H99", "fields/x", "procedures/9.9", "agencies/%00", "procedures/%00"])
def test_a_code_that_nobody_has_is_not_found(path: str) -> None:
    assert faults(caller().get(path), 404) == {"": "not_found"}


def test_what_has_not_changed_is_not_sent_again() -> None:
    people.ward()
    partner = caller()
    first = partner.get("agencies/H22.101")
    assert partner.get("agencies/H22.101", If_None_Match=first.headers["ETag"]).status_code == 304
    Agency.objects.filter(code="H22.101").update(name="UBND phường khác")
    assert partner.get("agencies/H22.101", If_None_Match=first.headers["ETag"]).status_code == 200


# ---- only some fields


def test_only_the_fields_that_are_asked_for_are_told() -> None:
    people.a_procedure_with_papers_and_fees()
    assert told("agencies/H22.101?fields=name") == {"name": people.ward().name}
    assert told("procedures/2.000488?fields=code,field,code") == {"code": "2.000488", "field": "hotich"}
    (row,) = told("procedures?fields=fees")["results"]
    assert (list(row), len(row["fees"])) == (["fees"], 3)


def test_parts_of_procedures_that_are_not_asked_for_are_not_read() -> None:
    people.a_procedure_with_papers_and_fees()
    partner = caller()
    with CaptureQueriesContext(connection) as captured:
        read(partner.get("procedures?fields=code,name"))
    assert "paper" not in "".join(query["sql"] for query in captured)


@pytest.mark.parametrize("path", [*LISTS, "agencies/H22", "procedures/1.001193"])
@pytest.mark.parametrize("fields", ["code,mau", "mau", "code,", "pk", "search"])
def test_a_field_that_there_is_not_is_refused_by_name(path: str, fields: str) -> None:
    people.province()
    people.a_procedure()
    answer = caller().get(f"{path}?fields={fields}")
    assert faults(answer) == {"fields": "invalid"}
    assert f"“{fields.split(',')[-1]}”" in answer.content.decode()


# ---- what a list is narrowed to


def test_agencies_are_narrowed_by_parent_level_and_whether_they_are_active() -> None:
    people.ward_desk()
    Agency.objects.filter(code="H22.101.01").update(is_active=False)
    assert codes("agencies") == ["H22", "H22.101", "H22.101.01"]
    assert codes("agencies?parent=H22") == ["H22.101"]
    assert codes("agencies?level=commune") == ["H22.101", "H22.101.01"]
    assert codes("agencies?level=commune&is_active=true") == ["H22.101"]
    assert codes("agencies?is_active=false") == ["H22.101.01"]
    assert codes("agencies?code=H22.101.01&is_active=true") == []


def test_procedures_are_narrowed_by_code_field_level_and_whether_they_are_in_use() -> None:
    people.a_procedure()
    people.a_procedure(code="2.1", field=people.a_field("khac", "Khác"), is_active=False)
    people.a_procedure(code="2.2", level=Agency.Level.PROVINCE)
    assert codes("procedures") == ["1.001193", "2.1", "2.2"]
    assert codes("procedures?field=hotich") == ["1.001193", "2.2"]
    assert codes("procedures?is_active=true&level=commune") == ["1.001193"]
    assert codes("procedures?is_active=false") == ["2.1"]
    assert codes("procedures?code=2.2") == ["2.2"]
    assert codes("fields?code=khac") == ["khac"]


@pytest.mark.parametrize("words", ["khai sinh", "SINH dang", "đăng ký", "1.001193", "dang ky 0011"])
def test_procedures_are_found_by_words_without_accents_in_any_order(words: str) -> None:
    people.a_procedure()
    people.a_procedure(code="2.000488", name="Cấp Phiếu lý lịch tư pháp")
    assert codes(f"procedures?q={words}") == ["1.001193"]
    assert codes(f"procedures?q={words} khac") == []


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ("agencies?parent=H99", {"parent": "invalid_choice"}),
        ("agencies?level=ward", {"level": "invalid_choice"}),
        ("agencies?is_active=1", {"is_active": "invalid_choice"}),
        ("agencies?is_active=True", {"is_active": "invalid_choice"}),
        ("procedures?field=x", {"field": "invalid_choice"}),
        (f"procedures?q={'a' * 201}", {"q": "max_length"}),
        ("procedures?level=x&is_active=maybe", {"level": "invalid_choice", "is_active": "invalid_choice"}),
        ("agencies?name=x", {"name": "invalid"}),
        ("agencies?Level=commune&parnet=H22", {"Level": "invalid", "parnet": "invalid"}),
        ("agencies?parent=", {"parent": "invalid"}),
        ("agencies?parent=%00", {"parent": "invalid"}),
        ("agencies/H22?code=H22", {"code": "invalid"}),
        ("agencies/H22?limit=1", {"limit": "invalid"}),
        ("fields?limit=201", {"limit": "invalid"}),
        ("fields?cursor=x", {"cursor": "invalid"}),
    ],
)
def test_what_no_filter_understands_is_refused_by_name(asked: str, wrong: dict[str, str]) -> None:
    people.province()
    assert faults(caller().get(asked)) == wrong


def test_a_refusal_is_told_in_the_language_that_is_asked_for() -> None:
    assert "Không được để trống." in caller().get("agencies?parent=").content.decode()
    answer = caller().get("agencies?parent=", Accept_Language="en")
    assert answer.headers["Content-Language"] == "en"


# ---- pages


def test_pages_follow_each_other_without_a_gap_while_rows_come_in() -> None:
    Field.objects.bulk_create(Field(code=f"F{number:03}", name="Tên chung") for number in reversed(range(0, 250, 2)))
    partner, found, address = caller(), [], "fields?limit=50&count=true"
    while address:
        page = read(partner.get(address))
        found += [row["code"] for row in page["results"]]
        # Before the place where the next page begins, and so no part of it.
        people.a_field(f"A{len(found)}", "Mới")
        address = page["next"]
    assert found == [f"F{number:03}" for number in range(0, 250, 2)]
    assert read(partner.get("fields?count=true&limit=1"))["count"] == 128


def test_a_page_goes_on_though_its_key_is_not_asked_for() -> None:
    people.ward()
    page = told("agencies?fields=name&limit=1")
    assert page["results"] == [{"name": people.province().name}]
    assert told(page["next"])["results"] == [{"name": people.ward().name}]


@pytest.mark.parametrize(
    "path", ["agencies", "agencies?parent=H22", "fields", "procedures", "procedures?is_active=true"]
)
def test_sixty_rows_take_as_many_queries_as_three_and_no_more_than_six(path: str) -> None:
    partner, asked = caller(), f"{path}{'&' if '?' in path else '?'}limit=200"

    def queries() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            rows = read(partner.get(asked))["results"]
        return len(rows), len(captured)

    for number in range(3):
        a_procedure_of_its_own(number)
    _rows, with_noting = queries()
    few, queries_for_few = queries()
    for number in range(3, 60):
        a_procedure_of_its_own(number)
    many, queries_for_many = queries()
    assert few >= 3
    assert many == few + 57
    assert queries_for_many == queries_for_few < with_noting <= MOST_QUERIES
    assert Procedure.objects.count() == 60
