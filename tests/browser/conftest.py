"""A browser, the offices it opens, and what no page may do: ask another host for anything, or fail in its console."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from .chromium import launched
from .server import Office, filled, open_office
from .watching import Watch
from .window import Window

HERE = Path(__file__).parent
# Milliseconds that anything on a page may take to appear.
PATIENCE = 5000
# A whole page is waited for longer: how quick it is on a busy machine says nothing here.
PATIENCE_WITH_A_PAGE = 30_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both offices, filled by whichever of pytest's workers comes first, for all of them."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    with (root / "filling").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return filled(root, "full", "empty")


@pytest.fixture(scope="session")
def full(folders: dict[str, Path]) -> Iterator[Office]:
    with open_office(folders["full"]) as office:
        yield office


@pytest.fixture(scope="session")
def empty(folders: dict[str, Path]) -> Iterator[Office]:
    with open_office(folders["empty"]) as office:
        yield office


@pytest.fixture(scope="session")
def window(browser: Browser) -> Window:
    window = Window(browser)
    _be_patient(window.context)
    return window


# Somebody's own browser, for a whole task: `desk("lan")`, `desk("", java_script_enabled=False)`.
Desk = Callable[..., BrowserContext]


@pytest.fixture
def desk(browser: Browser, full: Office) -> Iterator[Desk]:
    """Opens contexts; at the end none of their pages may have asked elsewhere or complained."""
    opened: list[BrowserContext] = []
    watch = Watch()
    watch.begin(full.address)

    def open_for(who: str, **options: Any) -> BrowserContext:
        context = browser.new_context(base_url=full.address, locale="vi-VN", reduced_motion="reduce", **options)
        if who:
            context.add_cookies([{"name": "sessionid", "value": full.sessions[who], "url": full.address}])
        _be_patient(context)
        watch.over(context)
        opened.append(context)
        return context

    yield open_for
    for context in opened:
        context.close()
    assert watch.faults == []


def _be_patient(context: BrowserContext) -> None:
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(PATIENCE_WITH_A_PAGE)
