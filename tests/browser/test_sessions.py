"""A session that ends while somebody types: they sign in anew, come back, and go on where they were."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from onestop.demo.people import PASSWORD

from .conftest import Desk
from .hands import Mouse
from .server import Office

TYPED = "Đang gõ dở thì hết phiên"


def test_what_was_typed_is_there_again_after_signing_in_anew(desk: Desk, full: Office) -> None:
    context = desk("lan")
    page = context.new_page()
    page.goto(f"{next(iter(full.dossiers.values()))['address']}amend/")
    page.locator("main textarea").first.fill(TYPED)
    address = page.url
    context.clear_cookies(name="sessionid")
    page.locator("main form button.primary").click()
    expect(page).to_have_url(re.compile("/sign-in/"))
    hand = Mouse(page)
    hand.type("Tên đăng nhập", "lan")
    hand.type("Mật khẩu", PASSWORD)
    hand.press("button", "Đăng nhập")
    expect(page).to_have_url(address)
    expect(page.locator("main textarea").first).to_have_value(TYPED)
    # Once: whoever opens the page by themselves finds it as it is.
    page.goto(address)
    expect(page.locator("main textarea").first).to_have_value("")
