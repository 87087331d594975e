"""The day's work, each task with the mouse and with the keyboard alone; and a dossier's whole way without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Desk
from .hands import Hand, Mouse
from .server import Office
from .tasks import HANDS, TASKS, Task, Work


@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.__name__.lower())
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_the_day_s_work_is_done_with_mouse_or_keyboard(
    task: Task, hand: type[Hand], desk: Desk, full: Office, tmp_path: Path
) -> None:
    page = desk(task.who).new_page()
    dossier = full.dossiers[f"{task}-{hand.__name__}"]
    page.goto(task.begins_at or dossier["address"])
    task.act(Work(hand(page), page, dossier["code"], dossier["name"], tmp_path))


def test_a_dossier_goes_its_whole_way_without_scripts(desk: Desk) -> None:
    counter, office, head = (desk(who, java_script_enabled=False).new_page() for who in ("lan", "minh", "ha"))
    counter.goto("/")
    lan = Mouse(counter)
    lan.press("link", "Tiếp nhận hồ sơ")
    lan.type("tên hoặc mã thủ tục", "ho kinh doanh")
    lan.press("button", "Tìm")
    lan.press("link", "Đăng ký thành lập hộ kinh doanh")
    lan.type("chủ hồ sơ", "Trần Thị Không Kịch Bản")
    lan.press("button", "Tiếp nhận")
    # Nothing was ticked: the office asks once.
    expect(counter.get_by_role("alert")).to_contain_text("Chưa đánh dấu thành phần hồ sơ nào")
    lan.press("button", "Tiếp nhận")
    lan.press("link", "Xem hồ sơ")
    # Without the place on the page that it leads to: one would not leave it to come back.
    address = counter.url.partition("#")[0]
    _moves(office, address, "Bắt đầu xử lý")
    _moves(head, address, "Duyệt kết quả")
    _moves(counter, address, "Trả kết quả")
    expect(counter.get_by_role("main")).to_contain_text("Hoàn thành đúng hạn")


def _moves(page: Page, address: str, move: str) -> None:
    page.goto(address)
    hand = Mouse(page)
    hand.press("link", move)
    hand.press("button", move)
    expect(page.get_by_role("status")).to_contain_text("đã ghi nhận")
