"""A draft of an intake is offered with its applicant and time, and fills in nothing by itself."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .conftest import Desk
from .hands import Mouse

KEPT = "() => Object.keys(localStorage).filter((key) => key.startsWith('onestop-draft')).length"


def begun(page: Page, name: str, phone: str) -> Mouse:
    """A form whose officer is called away: typed into, and left."""
    page.goto("/dossiers/receive/?q=ho+kinh+doanh")
    hand = Mouse(page)
    hand.press("link", "Đăng ký thành lập hộ kinh doanh")
    hand.type("chủ hồ sơ", name)
    hand.type("điện thoại", phone)
    # It is kept a moment after the last key.
    page.wait_for_timeout(400)
    page.reload()
    return hand


def test_a_draft_says_whose_it_is_and_is_taken_up_by_a_button(desk: Desk) -> None:
    page = desk("lan").new_page()
    hand = begun(page, "Nguyễn Văn Hàng Xóm", "0905123456")
    notice = page.get_by_role("main").locator(".draft")
    expect(notice).to_contain_text("Nguyễn Văn Hàng Xóm")
    expect(hand.field("điện thoại")).to_have_value("")
    hand.press("button", "Dùng lại")
    expect(notice).to_be_hidden()
    expect(hand.field("chủ hồ sơ")).to_have_value("Nguyễn Văn Hàng Xóm")
    expect(hand.field("điện thoại")).to_have_value("0905123456")


def test_a_draft_that_is_discarded_is_gone(desk: Desk) -> None:
    page = desk("lan").new_page()
    hand = begun(page, "Nguyễn Văn Hàng Xóm", "0905123456")
    hand.press("button", "Bỏ")
    assert page.evaluate(KEPT) == 0
    page.reload()
    expect(page.locator(".draft")).to_be_hidden()


def test_another_applicant_s_name_discards_the_draft(desk: Desk) -> None:
    page = desk("lan").new_page()
    hand = begun(page, "Nguyễn Văn Hàng Xóm", "0905123456")
    hand.type("địa chỉ", "12 Hùng Vương")
    expect(page.locator(".draft")).to_be_visible()
    hand.type("chủ hồ sơ", "Nguyễn Thị Khác")
    expect(page.locator(".draft")).to_be_hidden()
    expect(hand.field("điện thoại")).to_have_value("")
    page.wait_for_timeout(400)
    page.reload()
    expect(page.locator(".draft")).to_contain_text("Nguyễn Thị Khác")
