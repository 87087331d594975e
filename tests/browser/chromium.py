"""Debian's Chromium, driven by Playwright; nothing is downloaded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

# The shell draws the same pages without the windows of a browser, which cost as much again.
HEADLESS = Path("/usr/bin/chromium-headless-shell")
WITH_WINDOWS = Path("/usr/bin/chromium")
CHROMIUM = HEADLESS if HEADLESS.exists() else WITH_WINDOWS
# One renderer for all pages of a browser, and no drawing of shadows of a graphics card: a quarter less processor time.
FOR_THE_PROCESSOR = ["--disable-gpu", "--process-per-site", "--disable-site-isolation-trials"]


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    # Root has no user namespaces to build the sandbox with; the pages are our own.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    options += FOR_THE_PROCESSOR
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
    try:
        yield browser
    finally:
        browser.close()
