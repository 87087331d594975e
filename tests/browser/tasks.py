"""What is done at the desk every day. Each begins with a dossier of its own, and is done with either hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from onestop.common.input.text import without_accents
from onestop.demo.people import PASSWORD
from onestop.demo.stories import SCAN
from onestop.dossiers.models import State

from .hands import Hand, Keyboard, Mouse

HANDS: tuple[type[Hand], ...] = (Mouse, Keyboard)


@dataclass(frozen=True)
class Work:
    """What lies before a person: a page with the dossier on it, and a folder with a file."""

    hand: Hand
    page: Page
    code: str
    name: str
    folder: Path

    def says(self, text: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def told(self, text: str) -> None:
        """What the page tells was done."""
        expect(self.page.get_by_role("status").filter(has_text=text)).to_be_visible()


@dataclass(frozen=True)
class Task:
    name: str
    act: Callable[[Work], None]
    who: str
    begins_with: State
    # Where: on the dossier's page, unless told otherwise.
    begins_at: str = ""

    def __str__(self) -> str:
        return self.name


def sign_in(work: Work) -> None:
    work.hand.type("Tên đăng nhập", "lan")
    work.hand.type("Mật khẩu", PASSWORD)
    work.hand.press("button", "Đăng nhập")
    expect(work.page.get_by_role("button", name="Đăng xuất")).to_be_visible()


SEARCH = "Quét mã trên giấy tiếp nhận, thẻ căn cước hoặc nhập mã hồ sơ, tên, số"


def find_by_code(work: Work) -> None:
    work.hand.type(SEARCH, work.code)
    work.hand.press("button", "Tìm")
    expect(work.page.get_by_role("heading", name=work.code)).to_be_visible()


def find_by_name_without_accents(work: Work) -> None:
    work.hand.type(SEARCH, without_accents(work.name))
    work.hand.press("button", "Tìm")
    work.says(work.name)


def receive(work: Work) -> None:
    work.hand.press("link", "Tiếp nhận hồ sơ")
    work.hand.type("tên hoặc mã thủ tục", "dang ky thanh lap ho kinh doanh")
    work.hand.press("button", "Tìm")
    # The page before has a link of this name twice, where the procedure is among the frequent ones.
    expect(work.page).to_have_url(re.compile(r"\?q="))
    work.hand.press("link", "Đăng ký thành lập hộ kinh doanh")
    work.hand.type("chủ hồ sơ", "Nguyễn Văn Ánh")
    work.hand.type("điện thoại", "0905123456")
    work.hand.tick("Đánh dấu tất cả")
    work.hand.press("button", "Tiếp nhận")
    work.says("Đã tiếp nhận hồ sơ")
    work.says("Nguyễn Văn Ánh")


def ask_a_supplement(work: Work) -> None:
    work.hand.open("Thao tác khác")
    work.hand.press("link", "Yêu cầu bổ sung")
    work.hand.type("nội dung yêu cầu", "Nộp thêm giấy tờ chứng minh địa điểm")
    work.hand.press("button", "Yêu cầu bổ sung")
    work.told("đã ghi nhận “yêu cầu bổ sung”")


def receive_the_supplement(work: Work) -> None:
    work.hand.press("link", "Nhận bổ sung")
    work.hand.tick("Tờ khai theo mẫu × 1")
    work.hand.press("button", "Nhận bổ sung")
    work.told("đã ghi nhận “nhận bổ sung”")


def start(work: Work) -> None:
    work.hand.press("link", "Bắt đầu xử lý")
    work.hand.press("button", "Bắt đầu xử lý")
    work.told("đã ghi nhận “bắt đầu xử lý”")


def approve_with_a_file(work: Work) -> None:
    result = work.folder / "kết quả.pdf"
    result.write_bytes(SCAN)
    work.hand.press("link", "Duyệt kết quả")
    work.hand.choose("người ký duyệt", "Lê Thu Hà")
    work.hand.attach("tệp kết quả", result)
    work.hand.press("button", "Duyệt kết quả")
    work.told("đã ghi nhận “duyệt kết quả”")
    work.says("kết quả.pdf")


def return_the_result(work: Work) -> None:
    work.hand.press("link", "Trả kết quả")
    work.hand.press("button", "Trả kết quả")
    work.told("đã ghi nhận “trả kết quả”")


def hand_over(work: Work) -> None:
    work.hand.open("Thao tác khác")
    work.hand.press("link", "Chuyển xử lý")
    work.hand.choose("cán bộ", "Trần Quang Minh")
    work.hand.press("button", "Chuyển xử lý")
    work.told("đã ghi nhận “chuyển xử lý”")
    work.says("Trần Quang Minh")


def print_the_receipt(work: Work) -> None:
    # Whether it is shown or kept as a file is the browser's matter.
    with work.page.context.expect_event("response", lambda answer: "/printed/" in answer.url) as answer:
        work.hand.press("button", "In giấy tiếp nhận và hẹn trả")
    printed = work.page.request.get(answer.value.url)
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.body().startswith(b"%PDF-")


def amend_the_phone(work: Work) -> None:
    work.hand.open("Thao tác khác")
    work.hand.press("link", "Cập nhật thông tin")
    work.hand.type("điện thoại", "0905999888")
    work.hand.press("button", "Cập nhật thông tin")
    work.told("đã ghi nhận “cập nhật thông tin”")
    work.says("0905 999 888")


TASKS = (
    Task("sign in", sign_in, "", State.ACCEPTED, "/sign-in/"),
    Task("find by code", find_by_code, "lan", State.ACCEPTED, "/"),
    Task("find by name without accents", find_by_name_without_accents, "lan", State.ACCEPTED, "/"),
    Task("receive", receive, "lan", State.ACCEPTED, "/"),
    Task("ask a supplement", ask_a_supplement, "lan", State.ACCEPTED),
    Task("receive the supplement", receive_the_supplement, "lan", State.AWAITING_SUPPLEMENT),
    Task("start", start, "minh", State.ACCEPTED),
    Task("approve with a file", approve_with_a_file, "minh", State.IN_PROGRESS),
    Task("return the result", return_the_result, "lan", State.COMPLETED),
    Task("hand over", hand_over, "minh", State.IN_PROGRESS),
    Task("print the receipt", print_the_receipt, "lan", State.ACCEPTED),
    Task("amend the phone", amend_the_phone, "lan", State.ACCEPTED),
)
