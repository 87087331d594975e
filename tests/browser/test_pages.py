"""Every page, as everybody sees it: usable by all, on every screen, light and quick."""

from __future__ import annotations

from itertools import product
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
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
    # Else it asks the office for style sheets at addresses that do not exist.
    "preload": False,
}

# A box that scrolls sideways by itself must be reached by keyboard and say what it is.
SIDEWAYS = """() => {
    const faults = [];
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > 320) faults.push(`scrolls sideways: ${scrollWidth}`);
    for (const box of document.querySelectorAll("body *")) {
        const sideways = ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
        const scrolls = sideways && box.scrollWidth > box.clientWidth + 1;
        const named = box.hasAttribute("aria-label") || box.hasAttribute("aria-labelledby") || box.labels?.length;
        if (scrolls && box.clientWidth && !(box.tabIndex >= 0 && named))
            faults.push(`scrolls by itself, out of reach or nameless: ${box.tagName}.${box.className}#${box.id}`);
    }
    return faults;
}"""

# Colours that change slowly are judged when they have.
SETTLED = "() => Promise.all(document.getAnimations().map((animation) => animation.finished))"
# After two frames, whatever a script does about a new width is done.
DRAWN = "() => new Promise((tell) => requestAnimationFrame(() => requestAnimationFrame(tell)))"

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
def test_everybody_can_use_the_page(visit: Visit, window: Window, office_of: Any) -> None:
    office = office_of(visit)
    with window.of(office, visit.who) as page:
        window.open(visit, office)
        page.evaluate(AXE)
        faults = []
        for width, scheme in product(WIDTHS, SCHEMES):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            page.evaluate(SETTLED)
            faults += [f"{width} {scheme}: {fault}" for fault in _found_by_axe(page)]
        page.set_viewport_size({"width": 320, "height": 800})
        page.evaluate(DRAWN)
        faults += page.evaluate(SIDEWAYS)
        assert faults == []


def _found_by_axe(page: Page) -> list[str]:
    found = page.evaluate("options => axe.run(document, options)", OPTIONS)
    return [
        f"{violation['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


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
        assert 0 < sum(transferred) <= HEAVIEST
        assert shift < LARGEST_SHIFT
