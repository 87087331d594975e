"""A page whose filter is wrong says so, and nothing of saving; a page that does not exist keeps the header."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests import people

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("dossiers:register", {"received_from": "x"}),
        ("statistics:overview", {"period": "x"}),
        ("packets:list", {"kind": "x"}),
    ],
)
def test_the_errors_of_a_filter_are_those_of_a_filter(page: str, wrong: dict[str, str]) -> None:
    client = Client()
    client.force_login(people.root())
    shown = client.get(reverse(page), wrong).content.decode()
    assert "Điều kiện lọc chưa đúng. Vui lòng kiểm tra:" in shown
    assert "Chưa lưu được" not in shown


def test_who_is_signed_in_keeps_header_and_search_where_there_is_no_page() -> None:
    client = Client()
    plain = client.get("/không-có/").content.decode()
    client.force_login(people.lan())
    shown = client.get("/không-có/").content.decode()
    assert 'id="find"' in shown
    assert "Đăng xuất" in shown
    assert 'id="find"' not in plain
    for page in (plain, shown):
        assert "Không tìm thấy trang này" in page
