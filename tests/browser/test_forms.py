"""What a form says that could not be taken: what is wrong, a way to each field, all that was typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .pages import BLANK, Visit, visits
from .server import Office
from .window import FORM, Window

FORMS = [
    visit
    for visit in visits()
    if visit.page.error == BLANK and visit.state == "error" and visit.who == visit.page.who[0]
    if not visit.page.is_admin
]
# Before anything to fill in, and with the focus.
STANDS_FIRST = f"""(summary) => {{
    const fields = [...{FORM}.querySelectorAll("input:not([type=hidden]), textarea, select")];
    const follows = (field) => summary.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING;
    return fields.every(follows) && document.activeElement === summary;
}}"""
# The fields that the page marks as faulty; of choices that go together one.
FAULTY = f"""() => [...new Set([...{FORM}.querySelectorAll("[aria-invalid=true]")].map((field) => field.name))]"""
FAULTY_BOXES = f"() => {FORM}.querySelectorAll('.has-error').length"
NAME_IN_FOCUS = "() => document.activeElement.name ?? ''"
# Of these fields the first that can be left empty: many a choice from a list shows one of its own accord.
LEFT = f"""(names) => names.find((name) => [...{FORM}.elements].some(
    (field) => field.name === name && (field.tagName !== "SELECT" || field.options[0].value === "")))"""
# Types into every field but `left`, and tells what: into `left`, where it is the only one, more than it takes.
TYPE = f"""([left, wrong]) => {{
    const form = {FORM};
    form.noValidate = true;
    const written = {{ date: "05/01/2027", "datetime-local": "05/01/2027 10:00", number: "7", tel: "0905123456",
                       email: "en@example.vn" }};
    const typed = {{}};
    for (const field of form.elements) {{
        // A ready text that is chosen fills in what is left out.
        if (!field.name || field.name === "ready_text" || field.name in typed) continue;
        if (field.matches("button, [type=hidden], [type=file]")) continue;
        if (field.type === "checkbox" || field.type === "radio") {{
            field.checked = field.name !== left;
            typed[field.name] = field.name === left ? "" : field.value;
        }} else if (field.tagName === "SELECT") {{
            field.selectedIndex = field.name === left ? 0 : field.options.length - 1;
            typed[field.name] = field.value;
        }} else if (field.name === left) {{
            field.removeAttribute("maxlength");
            typed[field.name] = field.value = wrong;
        }} else {{
            typed[field.name] = field.value = written[field.dataset.picker ?? field.type] ?? "Chữ đã gõ";
        }}
    }}
    return typed;
}}"""
SEND = f"""() => {{
    const form = {FORM};
    form.requestSubmit(form.querySelector("button:not([type=button]), input[type=submit]"));
}}"""
KEPT = f"""(names) => Object.fromEntries(names.map((name) => {{
    const fields = [...{FORM}.elements].filter((field) => field.name === name);
    const choice = ["checkbox", "radio"].includes(fields[0].type);
    return [name, choice ? fields.find((field) => field.checked)?.value ?? "" : fields[0].value];
}}))"""
TOO_LONG = "Dài quá. " * 1200


@pytest.mark.parametrize("visit", FORMS, ids=lambda visit: visit.page.name)
def test_a_form_that_could_not_be_taken_says_why_and_keeps_what_was_typed(
    visit: Visit, window: Window, full: Office
) -> None:
    with window.of(full, visit.who) as page:
        window.open(visit, full)
        left = page.evaluate(LEFT, _leads_to_every_fault(page))
        fields = page.evaluate(TYPE, [left, ""])
        if len(fields) == 1:
            fields = page.evaluate(TYPE, [left, TOO_LONG])
        with page.expect_navigation():
            page.evaluate(SEND)
        assert left in _leads_to_every_fault(page)
        # A password is typed anew, and one page asks for nothing else.
        fields = {name: text for name, text in fields.items() if "password" not in name}
        assert fields or visit.page.name == "own-password"
        assert page.evaluate(KEPT, list(fields)) == fields


def _leads_to_every_fault(page: Page) -> list[str]:
    """The names of the faulty fields, each reached by a link of the summary."""
    summary = page.get_by_role("main").get_by_role("alert")
    expect(summary).to_have_count(1)
    assert summary.evaluate(STANDS_FIRST)
    reached: list[str] = []
    for link in summary.get_by_role("link").all():
        link.click()
        reached.append(page.evaluate(NAME_IN_FOCUS))
    assert reached
    assert set(page.evaluate(FAULTY)) <= set(reached)
    assert page.evaluate(FAULTY_BOXES) == len(reached)
    return reached
