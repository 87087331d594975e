"""Ready texts by click and by key: at the cursor, without replacing anything, and taken out again like typed text."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from .conftest import Desk
from .server import Office

MOVE = "move-ask_supplement-full-minh"
# The first two that the demo office offers there.
FIRST, SECOND = "Chưa ghi mã ngành", "Tệp mờ, thiếu trang"


def field_and_texts(page: Page) -> tuple[Locator, list[str]]:
    buttons = page.locator(".ready-texts button")
    expect(buttons.nth(0)).to_contain_text(FIRST)
    expect(buttons.nth(1)).to_contain_text(SECOND)
    texts = [button.get_attribute("data-text") or "" for button in buttons.all()]
    return page.locator("textarea[name=comment]"), texts


def test_a_click_and_a_key_insert_at_the_cursor_and_replace_nothing(desk: Desk, full: Office) -> None:
    page = desk("minh").new_page()
    page.goto(full.addresses[MOVE])
    field, texts = field_and_texts(page)
    field.fill("Kính gửi ông. Trân trọng.")
    # The cursor after the first sentence; a part is selected, and stays.
    field.evaluate("(field) => field.setSelectionRange(0, 13)")
    page.get_by_role("button", name=FIRST).click()
    expect(field).to_have_value(f"Kính gửi ông. {texts[0]} Trân trọng.")
    expect(field).to_be_focused()
    expect(page.locator(".ready-texts [role=status]")).to_have_text(f"Đã chèn: {FIRST}")
    page.keyboard.press("Control+z")
    expect(field).to_have_value("Kính gửi ông. Trân trọng.")
    field.fill("")
    page.keyboard.press("Alt+Digit2")
    expect(field).to_have_value(texts[1])
    # A digit alone is typed, as Vietnamese input methods need it.
    page.keyboard.press("Digit1")
    expect(field).to_have_value(f"{texts[1]}1")


def test_what_does_not_fit_is_not_inserted(desk: Desk, full: Office) -> None:
    page = desk("minh").new_page()
    page.goto(full.addresses[MOVE])
    field, _texts = field_and_texts(page)
    field.fill("x" * 3990)
    page.get_by_role("button", name=FIRST).click()
    expect(field).to_have_value("x" * 3990)
    expect(page.locator(".ready-texts [role=status]")).to_have_text("Không đủ chỗ để chèn câu mẫu này.")


def test_without_scripts_a_text_is_chosen_from_a_list(desk: Desk, full: Office) -> None:
    page = desk("minh", java_script_enabled=False).new_page()
    page.goto(full.addresses[MOVE])
    expect(page.locator(".ready-texts")).to_be_hidden()
    page.locator("select[name=ready_text]").select_option(label=FIRST)
    # Another field is wrong, so that the form comes back and the dossier stays as it is for other tests.
    page.locator("[name=respond_on]").fill("x")
    page.locator("main form button.primary").click()
    expect(page.locator("#faults")).to_be_visible()
    expect(page.locator("textarea[name=comment]")).to_have_value(
        "Giấy đề nghị đăng ký hộ kinh doanh chưa ghi ngành, nghề theo Hệ thống ngành kinh tế Việt Nam. "
        "Đề nghị ông/bà ghi bổ sung mã ngành cấp bốn."
    )
