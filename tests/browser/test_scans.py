"""A reader types an identity card at the counter: number, name and address fill in, and nothing is sent yet."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import Desk

LINE = "052085570548|211234567|Đặng Văn Ước|15081985|Nam|Thôn 3, Ea Bar, Đắk Lắk|10052021"
FIELDS = ("identity_no", "applicant_name", "address")
FILLED = ["052085570548", "Đặng Văn Ước", "Thôn 3, Ea Bar, Đắk Lắk"]


def counter(page: Page) -> None:
    page.goto("/dossiers/receive/?q=khai+sinh")
    page.get_by_role("main").get_by_role("link").filter(has_text=re.compile("khai sinh", re.IGNORECASE)).first.click()


def values(page: Page) -> list[str]:
    return [page.locator(f"[name={name}]").input_value() for name in FIELDS]


@pytest.mark.parametrize(
    "line", [LINE, LINE.replace("211234567", ""), LINE.replace("211234567|", ""), f"{LINE}|A|B||"]
)
def test_a_card_fills_in_who_it_is_and_sends_nothing(desk: Desk, line: str) -> None:
    page = desk("lan").new_page()
    counter(page)
    address = page.url
    page.locator("[name=identity_no]").press_sequentially(line)
    page.keyboard.press("Enter")
    assert values(page) == FILLED
    expect(page.locator("[name=phone]")).to_be_focused()
    assert page.url == address


def test_without_scripts_the_form_comes_back_filled_in(desk: Desk) -> None:
    page = desk("lan", java_script_enabled=False).new_page()
    counter(page)
    page.locator("[name=identity_no]").fill(LINE)
    page.locator("[name=identity_no]").press("Enter")
    expect(page.get_by_role("status").filter(has_text="đã được điền từ thẻ căn cước")).to_be_visible()
    assert values(page) == FILLED
