"""Opens a visit: the page of `pages`, in its state, as the person sees it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from .pages import BLANK, Visit
from .server import Office
from .watching import Watch

# Sends the page's own form with nothing in it, past the browser's checks: what the office says is to be seen.
SEND_BLANK = """() => {
    const form = [...document.querySelectorAll("main form[method=post], #content-main form")].find(
        (form) => form.querySelector("input:not([type=hidden]), textarea, select"));
    form.noValidate = true;
    for (const field of form.querySelectorAll("input, textarea, select")) {
        if (["checkbox", "radio"].includes(field.type)) field.checked = false;
        else if (!["hidden", "submit", "file"].includes(field.type)) field.value = "";
    }
    form.requestSubmit(form.querySelector("button:not([type=button]), input[type=submit]"));
}"""


def open_visit(context: BrowserContext, office: Office, visit: Visit, watch: Watch) -> Page:
    page = context.new_page()
    watch.expected_status = visit.page.status
    by_query = visit.page.error if visit.state == "error" and visit.page.error != BLANK else ""
    answer = page.goto(office.addresses[visit.name] + by_query)
    assert answer is not None
    assert answer.status == visit.page.status, answer.text()
    if visit.state == "error" and not by_query:
        with page.expect_navigation():
            page.evaluate(SEND_BLANK)
    return page
