"""The guide is true: each of its tasks is done here as it is written, and its panel opens beside a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.guide_text import GuideTask, tasks_of_guide

from .conftest import Desk
from .guide import PEOPLE, Reader, Step, steps_of_tasks
from .hands import Hand, Mouse
from .server import Office
from .tasks import HANDS
from .test_pages import AXE, OF_ALL_ELSE, OF_COLOURS, found_by_axe
from .window import Window


@pytest.fixture(scope="module")
def steps(window: Window, full: Office) -> dict[str, list[Step]]:
    """Of each task, as the guide that the office shows has them."""
    with window.of(full, "lan") as guide:
        guide.goto(full.address + full.addresses["guide-full-lan"])
        return steps_of_tasks(guide)


# With the keyboard those that have a dossier of their own: the others change the office, which can be done once.
BY_HAND = [
    (task, hand) for task in tasks_of_guide() for hand in HANDS if hand is Mouse or task.begins_with is not None
]


@pytest.mark.parametrize(("task", "hand"), BY_HAND, ids=lambda each: getattr(each, "__name__", str(each)).lower())
def test_what_the_guide_says_is_done_as_it_says(
    task: GuideTask, hand: type[Hand], steps: dict[str, list[Step]], desk: Desk, full: Office, tmp_path: Path
) -> None:
    dossier = full.dossiers.get(f"guide-{task}-{hand.__name__}", {})
    reader = Reader(hand(desk(PEOPLE[task.who]).new_page()), dossier, tmp_path)
    assert len(steps[task.name]) > 1
    for step in steps[task.name]:
        reader.follow(step)


def test_the_panel_opens_beside_the_page_by_the_link_and_by_its_key(desk: Desk, full: Office) -> None:
    page = desk("lan").new_page()
    page.goto(full.addresses["home-full-lan"])
    panel = page.get_by_role("dialog", name="Trợ giúp")
    page.get_by_role("link", name="Trợ giúp").click()
    expect(panel.get_by_role("heading", name="Trang Hôm nay")).to_be_visible()
    expect(panel.get_by_role("button", name="Đóng")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_role("link", name="Trợ giúp")).to_be_focused()
    page.get_by_label("Quét mã trên giấy tiếp nhận", exact=False).fill("H21")
    page.keyboard.press("F1")
    expect(panel).to_be_visible()
    page.keyboard.press("F1")
    expect(panel).to_be_hidden()


def test_on_the_page_of_a_move_it_tells_of_that_move(desk: Desk, full: Office) -> None:
    page = desk("lan").new_page()
    page.goto(full.addresses["move-refuse-full-lan"])
    page.keyboard.press("F1")
    panel = page.get_by_role("dialog", name="Trợ giúp")
    expect(panel.get_by_role("heading", name="Từ chối tiếp nhận", exact=True)).to_be_visible()
    expect(panel).not_to_contain_text("Nhận bổ sung")
    assert page.evaluate("() => [...document.querySelectorAll('[id]')].map((e) => e.id)").count("moves-refuse") == 0


def test_without_scripts_the_link_leads_to_the_guide(desk: Desk) -> None:
    page = desk("lan", java_script_enabled=False).new_page()
    page.goto("/register/")
    page.get_by_role("link", name="Trợ giúp").click()
    expect(page.get_by_role("heading", name="Sổ theo dõi hồ sơ")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_panel_leaves_nothing_out_of_reach(width: int, desk: Desk, full: Office) -> None:
    page: Page = desk("lan").new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(full.addresses["receive-full-lan"])
    page.keyboard.press("F1")
    panel = page.get_by_role("dialog", name="Trợ giúp")
    expect(panel).to_be_visible()
    assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth")
    page.evaluate(AXE)
    assert found_by_axe(page, OF_ALL_ELSE, "'#help'") + found_by_axe(page, OF_COLOURS, "'#help'") == []
    with page.context.expect_page() as opened:
        panel.get_by_role("link", name="Mở mục này trong hướng dẫn sử dụng").click()
    expect(opened.value).to_have_url(f"{full.address}/help/intake/")
