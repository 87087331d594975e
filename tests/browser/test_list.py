"""The list of dossiers by keyboard, and many dossiers at once, with scripts and without."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from .conftest import Desk
from .hands import Mouse
from .things import OF_THREE

# Each test that moves dossiers has three of its own.
WALKED, STARTED, APPROVED = (f"/dossiers/?q={name.replace(' ', '+')}" for name in OF_THREE)


def rows(page: Page) -> Locator:
    return page.locator(".dossiers tbody tr")


def picked(page: Page) -> list[bool]:
    return [box.is_checked() for box in rows(page).get_by_role("checkbox").all()]


def test_letters_walk_the_list_pick_and_open(desk: Desk) -> None:
    page = desk("ha").new_page()
    page.goto(WALKED)
    keys = page.keyboard
    keys.press("j")
    expect(rows(page).nth(0).locator("a.open")).to_be_focused()
    keys.press("j")
    keys.press("j")
    keys.press("k")
    expect(rows(page).nth(1).locator("a.open")).to_be_focused()
    keys.press("x")
    assert picked(page) == [False, True, False]
    expect(page.get_by_role("main")).to_contain_text("đã chọn: 1")
    keys.press("a")
    assert picked(page) == [True, True, True]
    keys.press("a")
    assert picked(page) == [False, False, False]
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"/dossiers/[0-9a-f-]{36}/$"))


def test_letters_typed_into_a_field_are_letters(desk: Desk) -> None:
    page = desk("ha").new_page()
    page.goto(WALKED)
    field = page.get_by_label("tìm kiếm")
    field.fill("")
    field.press_sequentially("xa?/")
    expect(field).to_have_value("xa?/")
    assert picked(page) == [False, False, False]
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_question_mark_tells_the_keys_which_can_be_switched_off(desk: Desk) -> None:
    page = desk("ha").new_page()
    page.goto(WALKED)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Phím tắt")
    expect(dialog).to_be_visible()
    dialog.get_by_label("sử dụng phím tắt trên máy này").uncheck()
    dialog.get_by_role("button", name="Đóng").click()
    expect(dialog).to_be_hidden()
    page.reload()
    page.keyboard.press("a")
    assert picked(page) == [False, False, False]
    page.get_by_role("button", name="Phím tắt").click()
    page.get_by_label("sử dụng phím tắt trên máy này").check()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    assert picked(page) == [True, True, True]


def test_many_are_moved_at_once_and_the_page_shows_how_far_it_is(desk: Desk) -> None:
    page = desk("ha").new_page()
    page.goto(STARTED)
    hand = Mouse(page)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    hand.choose("thao tác", "Bắt đầu xử lý")
    hand.press("button", "Xem trước")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 hồ sơ")
    hand.press("button", "Bắt đầu xử lý 2 hồ sơ")
    expect(page.get_by_role("main")).to_contain_text("Hoàn tất: 2 thành công, 0 lỗi, 0 chưa thực hiện")


def test_without_scripts_a_button_moves_many_too(desk: Desk) -> None:
    page = desk("ha", java_script_enabled=False).new_page()
    page.goto(APPROVED)
    hand = Mouse(page)
    page.get_by_label("Chọn tất cả 3 hồ sơ").check()
    hand.choose("thao tác", "Duyệt kết quả")
    hand.press("button", "Xem trước")
    hand.press("button", "Duyệt kết quả 3 hồ sơ")
    hand.press("button", "Tiếp tục thực hiện")
    expect(page.get_by_role("main")).to_contain_text("Hoàn tất: 3 thành công, 0 lỗi, 0 chưa thực hiện")
