"""Reads pages and the guide as trees, so that what the guide names can be held to what the pages show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.test.html import Element, parse_html

from onestop.dossiers.models import State

FOLDER: Path = settings.BASE_DIR / "templates/guide"
# What is read or heard of an element beside its text.
SPOKEN = ("aria-label", "placeholder", "value")


def elements(of: Element | str, *, without: str = "") -> Iterator[Element]:
    """The element and all below it, but for those of the class `without` and what is in them."""
    if isinstance(of, Element) and not (without and without in (attribute(of, "class") or "").split()):
        yield of
        for child in of.children:
            yield from elements(child, without=without)


def attribute(element: Element, name: str) -> str | None:
    return next((value or "" for key, value in element.attributes if key == name), None)


def text_of(element: Element | str) -> str:
    if isinstance(element, str):
        return element
    return " ".join(text_of(child) for child in element.children)


def tidy(text: str) -> str:
    """As two writings of one name are compared: capitals, blanks and what stands around it are a matter of style."""
    return " ".join(text.split()).casefold().strip(" :.,;·←→()“”*")


def names_on(page: str) -> set[str]:
    """Everything on a page that could be called by its name: each element's own text, and each text alone.

    What a page shows of the guide is none of its own.
    """
    names = set()
    for element in elements(parse_html(page), without="guide"):
        if element.name not in ("script", "style"):
            names.add(tidy(text_of(element)) if len(element.children) < 8 else "")
            names.update(tidy(child) for child in element.children if isinstance(child, str))
            names.update(tidy(attribute(element, spoken) or "") for spoken in SPOKEN)
    return names - {""}


def names_in(text: Element) -> list[str]:
    """The names of buttons, fields and headings that the guide has in `<b>`; a task's are met one by one elsewhere."""
    if attribute(text, "data-task") is not None:
        return []
    if text.name == "b":
        return [" ".join(text_of(text).split())]
    return [name for child in text.children if isinstance(child, Element) for name in names_in(child)]


def by_id(page: str, ident: str) -> Element | None:
    return next((each for each in elements(parse_html(page)) if attribute(each, "id") == ident), None)


@dataclass(frozen=True)
class GuideTask:
    """A numbered way to do something. `begins_with`: the state of a dossier that it needs, if any."""

    name: str
    who: str
    begins_with: State | None

    def __str__(self) -> str:
        return self.name


def tasks_of_guide() -> list[GuideTask]:
    """As the sources have them; what a test does is read from the page."""
    texts = sorted(FOLDER.glob("*.html"))
    return [task for path in texts for task in _tasks(path.read_text(encoding="utf-8"))]


def _tasks(source: str) -> Iterator[GuideTask]:
    for element in elements(parse_html(source)):
        name = attribute(element, "data-task")
        if name is None:
            continue
        within = list(elements(element))
        who = next(tidy(text_of(each)) for each in within if attribute(each, "data-who") is not None)
        states = [
            tidy(text_of(each))
            for each in within
            if attribute(each, "data-step") == "dossier" or attribute(each, "data-prepared") is not None
        ]
        yield GuideTask(name, who, _state(states[0]) if states else None)


def _state(label: str) -> State:
    return next(state for state in State if str(state.label) == label)
