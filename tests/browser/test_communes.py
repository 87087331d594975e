"""The field of the commune: the keyboard or a click takes a suggestion; without scripts a choice stands below it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import Desk
from .things import PROCEDURE

QUY_NHON = "Phường Quy Nhơn, Tỉnh Gia Lai"


def counter(page: Page) -> None:
    page.goto(f"/dossiers/receive/{PROCEDURE}/")


@pytest.mark.parametrize("by_click", [False, True])
def test_a_suggestion_by_a_former_name_fills_in_the_name_of_today(desk: Desk, by_click: bool) -> None:
    page = desk("lan").new_page()
    counter(page)
    field = page.locator("[name=commune]")
    field.press_sequentially("trần phú, quy nhơn")
    suggestions = page.locator(".suggestions").get_by_role("option")
    first = suggestions.first
    expect(first).to_contain_text("trước đây: Phường Trần Phú, Thành phố Quy Nhơn")
    if by_click:
        first.click()
    else:
        field.press("ArrowDown")
        field.press("Enter")
    expect(field).to_have_value(QUY_NHON)
    expect(suggestions).to_have_count(0)
    assert page.url.endswith(f"/dossiers/receive/{PROCEDURE}/")


def test_a_card_fills_in_the_commune_and_leaves_the_house_in_the_address(desk: Desk) -> None:
    page = desk("lan").new_page()
    counter(page)
    line = "052085570548||Đặng Văn Ước|07031950|Nam|Tổ 5, Trần Phú, Quy Nhơn, Bình Định|10052021"
    page.locator("[name=identity_no]").press_sequentially(line)
    page.keyboard.press("Enter")
    expect(page.locator("[name=commune]")).to_have_value(QUY_NHON)
    expect(page.locator("[name=address]")).to_have_value("Tổ 5")
    expect(page.locator("[name=birth_date]")).to_have_value("07/03/1950")


def test_without_scripts_the_communes_of_a_divided_one_are_offered_and_one_is_taken(desk: Desk) -> None:
    page = desk("lan", java_script_enabled=False).new_page()
    counter(page)
    page.locator("[name=applicant_name]").fill("Đặng Văn Ước")
    page.locator("[name=commune]").fill("Phường Đa Kao")
    send = page.get_by_role("button", name="Tiếp nhận", exact=True).last
    send.click()
    page.get_by_role("radio", name=re.compile("Phường Sài Gòn")).check()
    send.click()
    # Nothing was handed in: the form asks once whether that is right.
    if "/received/" not in page.url:
        expect(page.locator("[name=commune]")).to_have_value("Phường Sài Gòn, Thành phố Hồ Chí Minh")
        send.click()
    expect(page).to_have_url(re.compile("/received/"))
