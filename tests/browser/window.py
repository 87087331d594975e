"""One window for all visits: to open one takes longer than many a page. Nothing of a visit stays in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, ViewportSize

from .pages import BLANK, Visit
from .server import Office
from .watching import Watch

DESK = ViewportSize(width=1280, height=800)

# The page's own form: the one with something to fill in.
FORM = """[...document.querySelectorAll("main form[method=post], #content-main form")].find(
    (form) => form.querySelector("input:not([type=hidden]), textarea, select"))"""
# Sends it with nothing in it, past the browser's checks: what the office says is to be seen.
SEND_BLANK = f"""() => {{
    const form = {FORM};
    form.noValidate = true;
    for (const field of form.querySelectorAll("input, textarea, select")) {{
        if (["checkbox", "radio"].includes(field.type)) field.checked = false;
        else if (!["hidden", "submit", "file"].includes(field.type)) field.value = "";
    }}
    form.requestSubmit(form.querySelector("button:not([type=button]), input[type=submit]"));
}}"""


class Window:
    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(locale="vi-VN", reduced_motion="reduce")
        self.page = self.context.new_page()
        self.wire = self.context.new_cdp_session(self.page)
        self.watch = Watch()
        self.watch.over(self.context)

    @contextmanager
    def of(self, office: Office, who: str) -> Iterator[Page]:
        """Signed in there; at the end the pages opened meanwhile must have kept what `Watch` asks of them."""
        self.watch.begin(office.address)
        if who:
            self.context.add_cookies([{"name": "sessionid", "value": office.sessions[who], "url": office.address}])
        self.page.set_viewport_size(DESK)
        self.page.emulate_media(color_scheme="light")
        try:
            yield self.page
        finally:
            self._empty()
        assert self.watch.faults == [], self.watch.faults

    def open(self, visit: Visit, office: Office) -> None:
        """The page of `visit`, in its state."""
        self.watch.expected_status = visit.page.status
        by_query = visit.page.error if visit.state == "error" and visit.page.error != BLANK else ""
        answer = self.page.goto(office.address + office.addresses[visit.name] + by_query)
        assert answer is not None
        assert answer.status == visit.page.status, answer.text()
        if visit.state == "error" and not by_query:
            self.send_blank()

    def send_blank(self) -> None:
        with self.page.expect_navigation():
            self.page.evaluate(SEND_BLANK)

    def _empty(self) -> None:
        self.page.goto("about:blank")
        self.context.clear_cookies()
        self.wire.send("Storage.clearDataForOrigin", {"origin": self.watch.address, "storageTypes": "local_storage"})
