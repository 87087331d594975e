"""What the page *Quản trị* offers: every app adds the entries of its own pages, from its `slots.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise

from onestop.common.slots import load_all
from onestop.staff.access import may
from onestop.staff.models import User


@dataclass(frozen=True, order=True)
class AdminEntry:
    """`order` is the place, the smallest first. `permission` says who sees the entry (see `access`)."""

    order: int
    label: Promise = field(compare=False)
    about: Promise = field(compare=False)
    page: str = field(compare=False)
    permission: str = field(compare=False)


class AdminLink(NamedTuple):
    label: Promise
    about: Promise
    address: str


_ENTRIES: list[AdminEntry] = []


def add_to_administration(*entries: AdminEntry) -> None:
    _ENTRIES.extend(entries)


def admin_links(user: User) -> Iterator[AdminLink]:
    """The entries that `user` may see."""
    load_all()
    for entry in sorted(_ENTRIES):
        if may(user, entry.permission):
            yield AdminLink(entry.label, entry.about, reverse(entry.page))
