"""Printing from the page itself: the browser's dialogue is called for the right paper, and the officer stays there.

The headless shell has no viewer of PDFs. In its place each paper's answer goes on to the frame as a page with the
paper's own headers: what may stand in a frame is still the browser's to decide. `print` only notes that it was called.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from .conftest import Desk
from .hands import Mouse
from .server import Office

# What a browser that shows PDFs says of itself; and printing, for the page and its frames.
VIEWER = """Object.defineProperty(navigator, "pdfViewerEnabled", { get: () => true });
window.print = () => { top.printed = [...(top.printed ?? []), location.pathname + location.search]; };"""
WALKED = "/dossiers/?q=Ho+Thi+Danh+Sach"

Papers = list[bytes]
Printing = Callable[[str], tuple[BrowserContext, Papers]]


@pytest.fixture
def with_viewer(desk: Desk) -> Printing:
    """A browser that shows PDFs, and the papers that it was sent."""

    def opened(who: str) -> tuple[BrowserContext, Papers]:
        context, papers = desk(who), []
        context.add_init_script(VIEWER)

        def show(route: Route) -> None:
            answer = route.fetch()
            if answer.headers["content-type"] != "application/pdf":
                route.fulfill(response=answer)
                return
            papers.append(answer.body())
            page = "<!doctype html><title>PDF</title>"
            route.fulfill(response=answer, body=page, headers=answer.headers | {"content-type": "text/html"})

        context.route("**/printed/**", show)
        context.route("**/labels/?*sheet=*", show)
        return context, papers

    return opened


def printed(page: Page) -> list[str]:
    """The addresses of the papers for which printing was called."""
    page.wait_for_function("() => window.printed")
    called: list[str] = page.evaluate("window.printed")
    return called


def stays_alone(context: BrowserContext, page: Page, address: str) -> None:
    assert context.pages == [page]
    assert page.url.partition("#")[0].endswith(address)


def test_a_key_prints_the_receipt_and_the_page_says_so(with_viewer: Printing, full: Office) -> None:
    context, papers = with_viewer("lan")
    page = context.new_page()
    address = full.dossiers["amend the phone-Mouse"]["address"]
    page.goto(address)
    page.keyboard.press("p")
    first = printed(page)
    assert len(first) == 1
    assert first[0].startswith(f"{address}printed/")
    assert papers[0].startswith(b"%PDF-")
    stays_alone(context, page, address)
    expect(page.locator("#printing")).to_contain_text("Nguyễn Thị Lan in lúc")
    again = page.get_by_role("button", name="In lại giấy tiếp nhận và hẹn trả")
    expect(again).to_be_focused()
    # The same paper once more, by key.
    page.evaluate("window.printed = undefined")
    page.keyboard.press("p")
    assert printed(page) == first
    assert papers[0] == papers[1]
    stays_alone(context, page, address)


def test_ticked_dossiers_are_printed_as_one_file_and_stay_ticked(with_viewer: Printing) -> None:
    context, papers = with_viewer("lan")
    page = context.new_page()
    page.goto(WALKED)
    page.keyboard.press("a")
    page.keyboard.press("p")
    (address,) = printed(page)
    assert address.count("form=") == 3
    assert len(papers) == 1
    stays_alone(context, page, WALKED)
    expect(page.locator("#print-outcome")).to_contain_text("Đã in 3 giấy tiếp nhận")
    assert all(box.is_checked() for box in page.locator("input[name=dossier]").all())


def test_nothing_ticked_is_said_on_the_page(with_viewer: Printing) -> None:
    context, papers = with_viewer("lan")
    page = context.new_page()
    page.goto(WALKED)
    page.keyboard.press("p")
    expect(page.locator("#print-outcome")).to_contain_text("Chưa chọn hồ sơ nào")
    assert papers == []
    stays_alone(context, page, WALKED)


def test_the_first_page_prints_a_receipt_of_today(with_viewer: Printing) -> None:
    context, papers = with_viewer("lan")
    page = context.new_page()
    page.goto("/")
    page.get_by_role("button", name="In giấy tiếp nhận").first.click()
    assert len(printed(page)) == len(papers) == 1
    stays_alone(context, page, "/")


def test_labels_are_printed_from_the_page_that_asks_for_the_sheet(with_viewer: Printing) -> None:
    context, papers = with_viewer("lan")
    page = context.new_page()
    page.goto(WALKED)
    page.keyboard.press("a")
    page.get_by_role("button", name="In nhãn hồ sơ").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nhãn cho 3 hồ sơ")
    page.get_by_label("5", exact=True).check()
    page.get_by_role("button", name="In nhãn", exact=True).click()
    (address,) = printed(page)
    assert "sheet=a4" in address
    assert "first=5" in address
    assert papers[0].startswith(b"%PDF-")
    assert context.pages == [page]


def test_after_the_session_ended_printing_leads_to_the_page_to_sign_in(with_viewer: Printing, full: Office) -> None:
    context, papers = with_viewer("lan")
    page = context.new_page()
    page.goto(full.dossiers["hand over-Keyboard"]["address"])
    context.clear_cookies(name="sessionid")
    page.keyboard.press("p")
    page.wait_for_url("**/sign-in/**")
    assert papers == []


def test_without_scripts_the_receipts_come_as_a_file(desk: Desk) -> None:
    context = desk("ha", java_script_enabled=False)
    page = context.new_page()
    page.goto(WALKED)
    page.get_by_label("Chọn tất cả 3 hồ sơ").check()
    with context.expect_event("response", lambda answer: "/printed/" in answer.url) as answer:
        Mouse(page).press("button", "In giấy tiếp nhận")
    assert answer.value.headers["content-type"] == "application/pdf"


def test_the_screen_in_the_hall_keeps_its_numbers_while_the_office_is_away(desk: Desk, full: Office) -> None:
    context = desk("")
    page = context.new_page()
    page.clock.install()
    page.goto(full.addresses["hall-screen-full-nobody"])
    numbers = page.locator(".hall-numbers").inner_text()
    page.evaluate("document.querySelector('.hall-numbers').dataset.old = 1")
    page.clock.run_for(61_000)
    # Put in anew, while the page stayed.
    expect(page.locator(".hall-numbers:not([data-old])")).to_be_visible()
    context.route("**/man-hinh/**", lambda route: route.fulfill(body="<p>away"))
    expect(page.locator("[data-lost]")).to_be_hidden()
    page.clock.run_for(61_000)
    expect(page.locator("[data-lost]")).to_be_visible()
    assert page.locator(".hall-numbers").inner_text() == numbers
