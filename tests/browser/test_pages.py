"""Every page, as everybody sees it: usable by all, on every screen, light and quick."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page

from .pages import Visit, visits
from .window import Window

AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
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
OF_COLOUR = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
BUT_COLOUR = OPTIONS | {
    "rules": {
        "target-size": {"enabled": True},
        "color-contrast": {"enabled": False},
        "link-in-text-block": {"enabled": False},
    }
}
# Colours take most of axe's time. The first who sees a page has all of them judged, wide and in light. The others,
# phones and dark have the same words elsewhere or in other colours: there one element of each look is judged. What is
# drawn in the same letters and colours, on the same grounds up to the page's own, has the same contrast. What is
# taken out of its place, and may lie over anything, has a look of its own; what lies under something axe never judges.
OF_EACH_LOOK = """() => {
    const looks = new Map();
    const lookOf = (element) => {
        if (!looks.has(element)) {
            const style = getComputedStyle(element);
            const { parentElement } = element;
            looks.set(element, [
                parentElement && lookOf(parentElement), style.color, style.backgroundColor, style.backgroundImage,
                style.opacity, style.fontSize, style.fontWeight, style.textShadow, style.textDecoration,
                element.matches("[disabled], [aria-disabled]"), element.matches("a") && saysSomething(parentElement),
                ["absolute", "fixed", "sticky"].includes(style.position) && looks.size,
            ].join());
        }
        return looks.get(element);
    };
    const saysSomething = (element) => element.matches("input, select, textarea")
        || [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const shown = [...document.body.querySelectorAll("*")]
        .filter((element) => element.checkVisibility() && saysSomething(element));
    return [...new Map(shown.map((element) => [lookOf(element), element])).values()];
}"""
# Markup that Django's admin brings along: by rule and selector, with the reason why it stays.
EXCEPTIONS = {
    ("empty-table-header", "table > thead th, th.original"): "the columns of a row's name and of its deletion",
    (
        "aria-input-field-name",
        ".select2-selection, .select2-selection__rendered",
    ): "select2 names it by what is chosen",
    ("label", ".select2-search__field"): "select2's search field, within the list that it opens",
    ("label", ".vDateField, .vTimeField"): "date and time share one label above both",
    ("aria-prohibited-attr", ".search-label-icon"): "the icon of a list to choose from; its words are its title, too",
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
# Django's own scripts for forms weigh 110 KB: jQuery, select2, and XRegExp, which fills in a slug.
HEAVIEST_OF_ADMIN = 220_000
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
def test_everybody_can_use_the_page(visit: Visit, window: Window, office_of: Any) -> None:
    office = office_of(visit)
    with window.of(office, visit.who) as page:
        window.open(visit, office)
        page.evaluate(AXE)
        faults = []
        by_first = visit.who == visit.page.who[0]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            _turn(page, "light")
            faults += [f"{width}: {fault}" for fault in _found_in_light(page, whole=width == WIDTHS[0] and by_first)]
            _turn(page, "dark")
            faults += [f"{width} dark: {fault}" for fault in _found_by_axe(page, OF_COLOUR, OF_EACH_LOOK)]
        page.set_viewport_size({"width": 320, "height": 800})
        faults += page.evaluate(SIDEWAYS)
        assert faults == []


def _turn(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    page.evaluate(SETTLED)


def _found_in_light(page: Page, *, whole: bool) -> list[str]:
    if whole:
        return _found_by_axe(page, OPTIONS)
    return _found_by_axe(page, BUT_COLOUR) + _found_by_axe(page, OF_COLOUR, OF_EACH_LOOK)


def _found_by_axe(page: Page, options: dict[str, Any], where: str = "() => document") -> list[str]:
    found = page.evaluate(f"options => axe.run(({where})(), options)", options)
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
    [visit for visit in VISITS if visit.who == visit.page.who[0] and visit.state == "full"],
    ids=lambda v: v.name,
)
def test_the_page_is_light_and_stands_still(visit: Visit, window: Window, office_of: Any) -> None:
    office = office_of(visit)
    with window.of(office, visit.who) as page:
        transferred: list[float] = []
        wire = window.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
        wire.on("Network.loadingFinished", lambda event: transferred.append(event["encodedDataLength"]))
        window.open(visit, office)
        shift = page.evaluate(SHIFTS)
        wire.detach()
        assert 0 < sum(transferred) <= (HEAVIEST_OF_ADMIN if visit.page.is_admin else HEAVIEST)
        assert shift < LARGEST_SHIFT
