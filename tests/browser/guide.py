"""Does what a task of the guide says, step by step, as it stands on the page that a reader has before them.

A step is an element with `data-step`: its text is the name of a button, a field or a heading, and the `<q>` of the
same line is what is typed or chosen. What must differ from office to office, such as a code, is an example in the text
and says so by `data-sample`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from onestop.demo.people import PASSWORD
from onestop.demo.stories import SCAN
from onestop.staff.models import Role

from .hands import Hand, just

# Who of the demo office has the role that a task names.
PEOPLE = {
    str(Role.RECEPTION.label): "lan",
    str(Role.OFFICER.label): "minh",
    str(Role.MANAGER.label): "ha",
    str(Role.OPERATOR.label): "tuan",
    str(Role.AUDITOR.label): "vy",
    str(Role.ADMINISTRATOR.label): "hoa",
    "người chưa đăng nhập": "",
}
# Where a task begins that needs nothing of the navigation.
PLACES = {"trang đăng nhập": "/sign-in/", "Tài khoản của tôi": "/me/"}

STEPS = """(tasks) => tasks.map((task) => [task.dataset.task, [...task.querySelectorAll("[data-step]")].map((step) => {
    const value = step.closest("li").querySelector("q");
    return {
        act: step.dataset.step, name: step.textContent.trim(), value: value?.textContent.trim() ?? "",
        sample: step.dataset.sample ?? value?.dataset.sample ?? "",
    };
})])"""


@dataclass(frozen=True)
class Step:
    act: str
    name: str
    value: str
    sample: str


def steps_of_tasks(guide: Page) -> dict[str, list[Step]]:
    """The steps of each task on the page of the guide, in the order of reading."""
    read = guide.locator("[data-task]").evaluate_all(STEPS)
    return {name: [Step(**step) for step in steps] for name, steps in read}


class Reader:
    """Follows the guide with either hand. `dossier`: code and address of the one that a task needs."""

    def __init__(self, hand: Hand, dossier: dict[str, str], folder: Path) -> None:
        self.page, self.dossier, self.folder = hand.page, dossier, folder
        self.hand, page = hand, hand.page
        self.acts: dict[str, Callable[[Step], None]] = {
            "start": lambda step: self.open(PLACES[step.name]),
            "go": self.go,
            "dossier": lambda _step: self.open(self.dossier["address"]),
            "click": lambda step: hand.activate(self.named(step.name)),
            "count": lambda step: hand.activate(page.get_by_role("main").get_by_role("link", name=step.name)),
            "open": lambda step: self.hand.open(step.name),
            "tick": lambda step: self.hand.tick(self.name_of(step)),
            "type": lambda step: self.hand.type(step.name, self.value_of(step)),
            "choose": self.choose,
            "attach": self.attach,
            "see": lambda step: expect(self.page.get_by_role("main")).to_contain_text(step.name, ignore_case=True),
            "print": self.print,
        }

    def follow(self, step: Step) -> None:
        self.acts[step.act](step)

    def open(self, address: str) -> None:
        self.page.goto(address)

    def go(self, step: Step) -> None:
        """By the navigation, from wherever one is after signing in."""
        if self.page.url == "about:blank":
            self.open("/")
        navigation = self.page.get_by_role("navigation", name="chính")
        self.hand.activate(navigation.get_by_role("link", name=just(step.name)))

    def named(self, name: str) -> Locator:
        """The button or the link with this name on the page itself; if it has none, in the frame of the page."""
        on_page, in_frame = (
            place.get_by_role("button", name=just(name)).or_(place.get_by_role("link", name=just(name)))
            for place in (self.page.get_by_role("main"), self.page.locator("body"))
        )
        # The page may still be on its way.
        expect(in_frame.first, f"{self.page.url} has neither a button nor a link “{name}”").to_be_visible()
        return on_page if on_page.count() else in_frame

    def name_of(self, step: Step) -> str:
        return f"chọn {self.dossier['code']}" if step.sample == "choose-code" else step.name

    def value_of(self, step: Step) -> str:
        samples = {"password": PASSWORD, "code": self.dossier.get("code", "")}
        return samples.get(step.sample, step.value)

    def choose(self, step: Step) -> None:
        # By the role: a box or a group may have the same label. The star of a field that is required is in its name.
        named = re.compile(rf"^{re.escape(step.name)}( \*)?$", re.IGNORECASE)
        self.hand.select(self.page.get_by_role("combobox", name=named), step.value)

    def attach(self, step: Step) -> None:
        file = self.folder / step.value
        file.write_bytes(SCAN)
        self.hand.attach(step.name, file)

    def print(self, step: Step) -> None:
        # Whether it is shown or kept as a file is the browser's matter.
        with self.page.context.expect_event("response", lambda answer: "/printed/" in answer.url) as answer:
            self.hand.activate(self.named(step.name).first)
        printed = self.page.request.get(answer.value.url)
        assert printed.headers["content-type"] == "application/pdf"
