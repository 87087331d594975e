"""`make screenshots`: the main pages of the demo office, on a day that is always the same, into docs/images."""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from playwright.sync_api import ViewportSize, sync_playwright

from tests.practice_portal import ROOT

from .chromium import launched
from .server import an_office

IMAGES = ROOT / "docs/images"
DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)
# The name of a picture: who looks, at which of the pages that `office` tells of, on which screen.
PICTURES = {
    "home": ("ha", "home-full-ha", DESK),
    "list": ("lan", "list-full-lan", DESK),
    "batch": ("ha", "batch-done-full-ha", DESK),
    "detail": ("minh", "detail-full-minh", DESK),
    "intake": ("lan", "receive-full-lan", DESK),
    "statistics": ("ha", "statistics-full-ha", DESK),
    "log": ("vy", "log-full-vy", DESK),
    "packets": ("tuan", "packets-full-tuan", DESK),
    "look-up": ("", "look-up-full-nobody", PHONE),
    "admin": ("admin", "admin-full-admin", DESK),
}
# So few are enough for flat colours, and make a quarter of the file.
COLOURS = 96


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright, launched(playwright) as browser, an_office("demo") as office:
        for name, (who, visit, screen) in PICTURES.items():
            context = browser.new_context(base_url=office.address, viewport=screen, locale="vi-VN")
            if who:
                context.add_cookies([{"name": "sessionid", "value": office.sessions[who], "url": office.address}])
            page = context.new_page()
            page.goto(office.addresses[visit], wait_until="networkidle")
            _keep(page.screenshot(), name)
            context.close()


def _keep(picture: bytes, name: str) -> None:
    flat = Image.open(BytesIO(picture)).convert("RGB").quantize(COLOURS)
    flat.save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
