"""How a person works a page: with the mouse, or with the keyboard alone. Things are called by their role and name."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Literal

from playwright.sync_api import Locator, Page, expect

Role = Literal["button", "link"]

# So often Tab is pressed before what is looked for counts as out of reach.
MOST_TABS = 150
MOST_OPTIONS = 60

# Which way the focus must go to a thing; from the page itself, forward.
WAY = """thing => {
    const from = document.activeElement;
    const isBefore = from.compareDocumentPosition(thing) & Node.DOCUMENT_POSITION_PRECEDING;
    return from !== document.body && isBefore ? "Shift+Tab" : "Tab";
}"""
IS_TYPING = "() => document.activeElement.matches('input:not([type=checkbox], [type=radio]), textarea, select')"


def just(name: str) -> re.Pattern[str]:
    """This name and no longer one; how it is capitalised is a matter of style."""
    # Playwright writes patterns between slashes.
    return re.compile(rf"^\s*{re.escape(name)}\s*$".replace("/", r"\/"), re.IGNORECASE)


def beginning(text: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(text)}", re.IGNORECASE)


class Hand(ABC):
    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, role: Role, name: str) -> None:
        """What is called just this."""
        self.activate(self.page.get_by_role(role, name=just(name)))

    def type(self, label: str, text: str) -> None:
        """Into the field with this label, instead of what it holds."""
        self.fill(self.field(label), text)

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(just(label))

    def open(self, name: str) -> None:
        """What is folded away under this name."""
        self.activate(self.page.locator("summary").filter(has_text=just(name)))

    @abstractmethod
    def activate(self, thing: Locator) -> None: ...

    @abstractmethod
    def fill(self, field: Locator, text: str) -> None: ...

    def choose(self, label: str, option: str) -> None:
        """The one whose text begins so, in the list with this label."""
        self.select(self.field(label), option)

    @abstractmethod
    def select(self, listed: Locator, option: str) -> None: ...

    @abstractmethod
    def tick(self, label: str) -> None:
        """The first box with this label."""

    @abstractmethod
    def attach(self, label: str, file: Path) -> None: ...


class Mouse(Hand):
    def activate(self, thing: Locator) -> None:
        thing.click()

    def fill(self, field: Locator, text: str) -> None:
        field.click()
        field.fill(text)

    def select(self, listed: Locator, option: str) -> None:
        offered = listed.locator("option").filter(has_text=beginning(option)).first
        listed.select_option(offered.get_attribute("value"))

    def tick(self, label: str) -> None:
        self.field(label).first.check()

    def attach(self, label: str, file: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.field(label).click()
        chooser.value.set_files(file)


class Keyboard(Hand):
    """Nothing but keys: the thing's own key, or Tab until it has the focus, backwards where it stands before."""

    def reach(self, thing: Locator) -> None:
        expect(thing).to_be_visible()
        way = thing.evaluate(WAY)
        for _ in range(MOST_TABS):
            if thing.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press(way)
        raise AssertionError(f"out of the keyboard's reach: {thing}")

    def activate(self, thing: Locator) -> None:
        key = thing.get_attribute("data-key")
        if key and not self.page.evaluate(IS_TYPING):
            self.page.keyboard.press(key)
            return
        self.reach(thing)
        self.page.keyboard.press("Enter")

    def fill(self, field: Locator, text: str) -> None:
        self.reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def select(self, listed: Locator, option: str) -> None:
        self.reach(listed)
        for _ in range(MOST_OPTIONS):
            if beginning(option).search(listed.evaluate("select => select.selectedOptions[0].text")):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{listed} does not offer {option}")

    def tick(self, label: str) -> None:
        self.reach(self.field(label).first)
        self.page.keyboard.press("Space")

    def attach(self, label: str, file: Path) -> None:
        # Listened for from before the way there: right before the key it comes too late now and then.
        with self.page.expect_file_chooser() as chooser:
            self.reach(self.field(label))
            self.page.keyboard.press("Enter")
        chooser.value.set_files(file)
