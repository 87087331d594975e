"""Long lists in pages, without counting them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

Row = TypeVar("Row")

PAGE_SIZE = 25
# Deeper than anybody leafs; keeps the offset within what a database takes.
LAST_PAGE = 100_000


@dataclass(frozen=True)
class NumberedPage(Generic[Row]):
    """`rows` of one page, and the numbers of the pages beside it, 0 where there is none."""

    rows: list[Row]
    previous: int
    next: int


def requested_page(request: HttpRequest, queryset: QuerySet[Any, Row]) -> NumberedPage[Row]:
    """The page of `found` that `?page=` asks for; the first where that makes no sense."""
    text = request.GET.get("page", "")
    number = min(max(int(text), 1), LAST_PAGE) if text.isdecimal() and len(text) < 10 else 1
    # One more than is shown tells whether there is a next page.
    rows = list(queryset[(number - 1) * PAGE_SIZE : number * PAGE_SIZE + 1])
    return NumberedPage(rows[:PAGE_SIZE], number - 1, number + 1 if len(rows) > PAGE_SIZE else 0)
