"""A browser, the offices it opens, and what no page may do: ask another host for anything, or fail in its console."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from .chromium import launched
from .server import Office, an_office
from .watching import Watch

HERE = Path(__file__).parent
# Milliseconds that anything on a page may take to appear.
PATIENCE = 5000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def full() -> Iterator[Office]:
    with an_office("full") as office:
        yield office


@pytest.fixture(scope="session")
def empty() -> Iterator[Office]:
    with an_office("empty") as office:
        yield office


# Somebody's browser, at an office: `desk("lan")`, `desk("", empty, viewport={…})`.
Desk = Callable[..., BrowserContext]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def desk(browser: Browser, full: Office, watch: Watch) -> Iterator[Desk]:
    """Opens contexts; at the end none of their pages may have asked elsewhere or complained."""
    opened: list[BrowserContext] = []

    def open_for(who: str, office: Office = full, **options: Any) -> BrowserContext:
        context = browser.new_context(base_url=office.address, locale="vi-VN", reduced_motion="reduce", **options)
        if who:
            context.add_cookies([{"name": "sessionid", "value": office.sessions[who], "url": office.address}])
        context.set_default_timeout(PATIENCE)
        watch.over(context, office.address)
        opened.append(context)
        return context

    yield open_for
    for context in opened:
        context.close()
    assert watch.faults == []
