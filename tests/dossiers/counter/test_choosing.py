"""Choosing a procedure at the counter."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests import people
from tests.dossiers.desk_pages import LIST, as_, page

pytestmark = pytest.mark.django_db


def test_a_procedure_is_found_without_accents_by_name_code_and_field() -> None:
    people.a_procedure()
    people.a_procedure(
        code="2.000488", name="Cấp Phiếu lý lịch tư pháp", field=people.a_field("ltp", "Lý lịch tư pháp")
    )
    people.a_procedure(code="3.1", name="Thủ tục đã bãi bỏ", is_active=False)
    client, search = as_(people.lan()), reverse("dossiers:procedure-search")

    def found(**query: str) -> set[str]:
        return {procedure.code for procedure in client.get(search, query).context["procedures"]}

    assert found() == {"1.001193", "2.000488"}
    assert found(q="KHAI dang ky") == {"1.001193"}
    assert found(q="2.0004") == {"2.000488"}
    assert found(field="ltp") == {"2.000488"}
    assert found(q="bai bo") == set()
    assert "Vui lòng nhập ngắn hơn" in page(client, search, q="không có")


def test_words_side_by_side_come_before_words_apart() -> None:
    people.a_procedure(code="1.1", name="Hỗ trợ thương tích")
    people.a_procedure(code="1.2", name="Cải chính hộ tịch")
    found = as_(people.lan()).get(reverse("dossiers:procedure-search"), {"q": "ho tich"}).context["procedures"]
    assert [procedure.code for procedure in found] == ["1.2", "1.1"]


def test_only_the_first_thirty_procedures_are_shown() -> None:
    for number in range(31):
        people.a_procedure(code=f"1.{number:03}")
    shown = page(as_(people.lan()), reverse("dossiers:procedure-search"))
    assert shown.count("/dossiers/receive/1.") == 30
    assert "30 thủ tục đầu tiên" in shown


@pytest.mark.parametrize("person", [people.binh, people.tu, people.thanh])
def test_who_is_not_at_the_counter_takes_nothing_in(person: Any) -> None:
    procedure = people.a_procedure()
    client = as_(person())
    for address in (reverse("dossiers:procedure-search"), reverse("dossiers:receive", args=[procedure.code])):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "không tiếp nhận hồ sơ" in answer.content.decode()
    assert "Tiếp nhận</a>" not in page(client, LIST)
