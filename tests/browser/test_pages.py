"""Every page, as everybody sees it: usable by all, on every screen, light and quick."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page

from .conftest import Desk
from .opening import open_visit
from .pages import Visit, visits
from .server import Office
from .watching import Watch

VISITS = visits()
WIDTHS = (1280, 360)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
    # Else it asks the office for style sheets at addresses that do not exist.
    "preload": False,
}
# What dark may spoil: it changes colours and nothing else.
OF_COLOUR = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# Markup that Django's admin brings along: by rule and selector, with the reason why it stays.
EXCEPTIONS = {
    ("empty-table-header", "table > thead th, th.original"): "the columns of a row's name and of its deletion",
    (
        "aria-input-field-name",
        ".select2-selection, .select2-selection__rendered",
    ): "select2 names it by what is chosen",
    ("label", ".select2-search__field"): "select2's search field, within the list that it opens",
    ("label", ".vDateField, .vTimeField"): "date and time share one label above both",
    ("scrollable-region-focusable", ".inline-group .tabular"): "a wide table of rows that can only be read",
}

# A box that scrolls sideways by itself must be reached by keyboard and say what it is. The admin's are Django's.
SIDEWAYS = """() => {
    const faults = [];
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > 320) faults.push(`scrolls sideways: ${scrollWidth}`);
    for (const box of document.querySelectorAll("body *")) {
        const sideways = ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
        const scrolls = sideways && box.scrollWidth > box.clientWidth + 1;
        const named = box.hasAttribute("aria-label") || box.hasAttribute("aria-labelledby") || box.labels?.length;
        const ours = !box.closest("#content-main");
        if (scrolls && ours && box.clientWidth && !(box.tabIndex >= 0 && named))
            faults.push(`scrolls by itself, out of reach or nameless: ${box.tagName}.${box.className}#${box.id}`);
    }
    return faults;
}"""

# Colours that change slowly are judged when they have.
SETTLED = "() => Promise.all(document.getAnimations().map((animation) => animation.finished))"

HEAVIEST = 150_000
LARGEST_SHIFT = 0.02
SHIFTS = """() => new Promise((tell) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => tell(sum), 50));
})"""


@pytest.fixture
def office_of(request: pytest.FixtureRequest) -> Any:
    return lambda visit: request.getfixturevalue(visit.office)


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.name)
def test_everybody_can_use_the_page(visit: Visit, desk: Desk, office_of: Any, watch: Watch) -> None:
    office: Office = office_of(visit)
    context = desk(visit.who, office)
    context.add_init_script(path=AXE_FILE_PATH)
    page = open_visit(context, office, visit, watch)
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="light")
        page.evaluate(SETTLED)
        faults += [f"{width}: {fault}" for fault in _found_by_axe(page, OPTIONS)]
        page.emulate_media(color_scheme="dark")
        page.evaluate(SETTLED)
        faults += [f"{width} dark: {fault}" for fault in _found_by_axe(page, OF_COLOUR)]
    page.set_viewport_size({"width": 320, "height": 800})
    faults += page.evaluate(SIDEWAYS)
    assert faults == []


def _found_by_axe(page: Page, options: dict[str, Any]) -> list[str]:
    found = page.evaluate("options => axe.run(options)", options)
    return [
        f"{violation['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
        if not _is_django_s(page, violation["id"], node["target"][-1])
    ]


def _is_django_s(page: Page, rule: str, target: str) -> bool:
    """Only in the admin: pages of ours have no exception."""
    excused = [selector for excused_rule, selector in EXCEPTIONS if excused_rule == rule]
    return "/admin/" in page.url and any(page.locator(target).and_(page.locator(each)).count() for each in excused)


@pytest.mark.parametrize(
    "visit",
    # The admin's own scripts weigh more, and lay out its side once they run.
    [
        visit
        for visit in VISITS
        if visit.who == visit.page.who[0] and visit.state == "full" and not visit.page.is_admin
    ],
    ids=lambda v: v.name,
)
def test_the_page_is_light_and_stands_still(visit: Visit, desk: Desk, office_of: Any, watch: Watch) -> None:
    office: Office = office_of(visit)
    context = desk(visit.who, office)
    page = context.new_page()
    transferred: list[float] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.on("Network.loadingFinished", lambda event: transferred.append(event["encodedDataLength"]))
    watch.expected_status = visit.page.status
    page.goto(office.addresses[visit.name])
    shift = page.evaluate(SHIFTS)
    assert 0 < sum(transferred) <= HEAVIEST
    assert shift < LARGEST_SHIFT
