"""Every page, as everybody sees it: usable by all, on every screen, light and quick."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from django.conf import settings
from django.contrib import admin
from playwright.sync_api import Page

from .columns import TOO_NARROW
from .pages import Visit, visits
from .server import Office
from .window import Window

AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
VISITS = visits()
WIDTHS = (1280, 360)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What a scheme can change: it sets colours and nothing else, which has a test of its own.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
OF_COLOURS = {"runOnly": {"type": "rule", "values": COLOUR_RULES}}
OF_ALL_ELSE = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}} | {rule: {"enabled": False} for rule in COLOUR_RULES},
}
OPTIONS = {
    "resultTypes": ["violations"],
    # Else it asks the office for style sheets at addresses that do not exist.
    "preload": False,
}

# The body cut into blocks of at most thirty elements, or as deep as four levels: how each is written and where it
# stands, which is all that its colours depend on. A form's token, which differs each time, is left out.
BLOCKS = """() => {
    const sheets = [...document.styleSheets].map((sheet) => sheet.href).join();
    window.blocks = [];
    const texts = [];
    const cut = (element, place, depth) => {
        [...element.children].forEach((child, index) => {
            const here = `${place}>${index}`;
            if (depth < 4 && child.querySelectorAll("*").length >= 30) {
                cut(child, here + child.cloneNode(false).outerHTML, depth + 1);
            } else {
                window.blocks.push(child);
                texts.push(here + child.outerHTML.replace(/(name="csrfmiddlewaretoken" value=)"[^"]*"/g, "$1"));
            }
        });
    };
    cut(document.body, sheets + document.body.cloneNode(false).outerHTML, 0);
    return texts;
}"""

# A box that scrolls sideways by itself must be reached by keyboard, and say what it is. A navigation of nothing but
# links is reached by these.
SIDEWAYS = """() => {
    const faults = [];
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > 320) faults.push(`scrolls sideways: ${scrollWidth}`);
    for (const box of document.querySelectorAll("body *")) {
        const sideways = ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
        const scrolls = sideways && box.scrollWidth > box.clientWidth + 1;
        const named = box.hasAttribute("aria-label") || box.hasAttribute("aria-labelledby") || box.labels?.length;
        const reached = box.tabIndex >= 0 || box.matches("nav:has(> a):not(:has(> :not(a)))");
        if (scrolls && box.clientWidth && !(reached && named))
            faults.push(`scrolls by itself, out of reach or nameless: ${box.tagName}.${box.className}#${box.id}`);
    }
    return faults;
}"""

# Colours that change slowly are judged when they have.
SETTLED = "() => Promise.all(document.getAnimations().map((animation) => animation.finished))"
# After two frames, whatever a script does about a new width is done.
DRAWN = "() => new Promise((tell) => requestAnimationFrame(() => requestAnimationFrame(tell)))"

# Whatever sheet knows of schemes; one of them is Django's.
SHEETS = [
    Path(settings.BASE_DIR, "static/onestop/style.css"),
    Path(settings.BASE_DIR, "static/onestop/admin.css"),
    Path(admin.__path__[0], "static/admin/css/dark_mode.css"),
]
COLOUR = re.compile(r"--[\w-]+: (#[0-9a-f]{3,8}|var\(--primary\))", re.IGNORECASE)

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


@pytest.fixture(scope="session")
def judged() -> set[int]:
    """Blocks of pages whose colours were found right, by a hash."""
    return set()


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.name)
def test_everybody_can_use_the_page_which_is_light_and_stands_still(
    visit: Visit, window: Window, office_of: Any, judged: set[int]
) -> None:
    """What comes over the wire, and whether it stands still, is the same for all: told by the first who sees it."""
    office = office_of(visit)
    with window.of(office, visit.who) as page:
        faults = []
        if visit.who == visit.page.who[0] and visit.state == "full":
            faults = _weighed(visit, window, office)
        else:
            window.open(visit, office)
        page.evaluate(AXE)
        for width, scheme in product(WIDTHS, SCHEMES):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            page.evaluate(SETTLED)
            of_colours = _colours_faults(page, judged, width, scheme)
            of_all_else = found_by_axe(page, OF_ALL_ELSE) if scheme == SCHEMES[0] else []
            too_narrow = page.evaluate(TOO_NARROW) if scheme == SCHEMES[0] else []
            faults += [f"{width} {scheme}: {fault}" for fault in of_colours + of_all_else + too_narrow]
        page.set_viewport_size({"width": 320, "height": 800})
        page.evaluate(DRAWN)
        faults += page.evaluate(SIDEWAYS)
        assert faults == []


def found_by_axe(page: Page, options: dict[str, Any], where: str = "document") -> list[str]:
    found = page.evaluate(f"options => axe.run({where}, options)", OPTIONS | options)
    return [
        f"{violation['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def _colours_faults(page: Page, judged: set[int], width: int, scheme: str) -> list[str]:
    """Judges the colours of the blocks that no visit of this process has shown in this width and scheme."""
    keys = [hash((text, width, scheme)) for text in page.evaluate(BLOCKS)]
    new = [index for index, key in enumerate(keys) if key not in judged]
    if not new:
        return []
    faults = found_by_axe(page, OF_COLOURS, f"{{include: {new}.map((index) => window.blocks[index])}}")
    if not faults:
        judged.update(keys)
    return faults


def _weighed(visit: Visit, window: Window, office: Office) -> list[str]:
    """Opens the page with nothing of it kept from before."""
    transferred: list[float] = []
    wire = window.context.new_cdp_session(window.page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.on("Network.loadingFinished", lambda event: transferred.append(event["encodedDataLength"]))
    window.open(visit, office)
    shift = window.page.evaluate(SHIFTS)
    wire.detach()
    faults = []
    if not 0 < sum(transferred) <= HEAVIEST:
        faults.append(f"{sum(transferred)} bytes")
    if shift >= LARGEST_SHIFT:
        faults.append(f"shifts by {shift}")
    return faults


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_the_dark_scheme_changes_colours_alone(sheet: Path) -> None:
    """Variables, and of none of them a size: so that what is right in the light one is judged in it alone."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    blocks = re.findall(r"@media[^{]*prefers-color-scheme: dark[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}", text)
    assert len(blocks) == text.count("prefers-color-scheme")
    assert blocks
    for declaration in re.findall(r"([\w-]+)\s*:\s*([^;{}]+);", "".join(blocks)):
        assert declaration == ("color-scheme", "dark") or COLOUR.fullmatch(": ".join(declaration)), declaration
