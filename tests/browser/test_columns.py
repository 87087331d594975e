"""The page of a dossier after each of its forms was printed: nothing stands a letter per line."""

from __future__ import annotations

import pytest

from .columns import TOO_NARROW
from .conftest import Desk
from .server import Office


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_text_is_squeezed_after_printing(width: int, desk: Desk, full: Office) -> None:
    context = desk("lan")
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(full.addresses["detail-full-lan"])
    assert page.evaluate(TOO_NARROW) == []
    for button in page.locator("form[target=_blank] button").all():
        with context.expect_page() as printed:
            button.click()
        printed.value.close()
    page.reload()
    assert page.evaluate(TOO_NARROW) == []
