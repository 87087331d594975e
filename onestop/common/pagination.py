"""Long lists in pages, without counting them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row")
Table = TypeVar("Table", bound=Model)

PAGE_SIZE = 25
# Far beyond what people leaf through; keeps the offset within the range of a database's integer.
LAST_PAGE = 100_000


@dataclass(frozen=True)
class NumberedPage(Generic[Row]):
    """The rows of one page, and the numbers of the pages before and after it; 0 where there is none."""

    rows: list[Row]
    previous: int
    next: int


def requested_page(request: HttpRequest, queryset: QuerySet[Table, Row], size: int = 0) -> NumberedPage[Row]:
    """The page of `queryset` that `?page=` asks for, with `size` rows; the first page where that is no number."""
    size = size or PAGE_SIZE
    text = request.GET.get("page", "")
    number = min(max(int(text), 1), LAST_PAGE) if text.isdecimal() and len(text) < 10 else 1
    # One row more than the page shows whether there is a next page.
    rows = list(queryset[(number - 1) * size : number * size + 1])
    return NumberedPage(rows[:size], number - 1, number + 1 if len(rows) > size else 0)
