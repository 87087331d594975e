"""The main navigation: every app adds the entries of its own pages, from its `slots.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from onestop.common.slots import load_all

from .access import May, may

# The value of aria-current for an entry: "page" for the page shown, "true" for a page below it, or "".
Current = Callable[[HttpRequest, str], str]


def same_page(request: HttpRequest, address: str) -> str:
    return "page" if request.path == address else ""


def page_or_below(request: HttpRequest, address: str) -> str:
    return "page" if request.path.startswith(address) else ""


@dataclass(frozen=True, order=True)
class NavEntry:
    """`order` is the place, the smallest first. `permission` says who sees the entry (see `access`); "": all users."""

    order: int
    label: Promise = field(compare=False)
    page: str = field(compare=False)
    permission: str = field(default="", compare=False)
    current: Current = field(default=same_page, compare=False)


class NavLink(NamedTuple):
    """An entry for one page."""

    label: Promise
    address: str
    current: str


_ENTRIES: list[NavEntry] = []


def add_to_navigation(*entries: NavEntry) -> None:
    _ENTRIES.extend(entries)


def links(request: HttpRequest) -> Iterator[NavLink]:
    """The navigation on the page of `request`, with the entries that its user may see."""
    load_all()
    for entry in sorted(_ENTRIES):
        if not entry.permission or may(request.user, entry.permission):
            address = reverse(entry.page)
            yield NavLink(entry.label, address, entry.current(request, address))


def page_frame(request: HttpRequest) -> dict[str, object]:
    """Context processor for the frame of every page. Both values are lazy: a page that uses neither makes no query."""
    return {"may": May(request), "navigation": lambda: links(request)}
