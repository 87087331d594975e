"""What a printed form is. Each file in `forms/` makes one; nothing else lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.utils.functional import Promise
from reportlab.platypus import Flowable

from onestop.catalog.models import Agency
from onestop.dossiers.models import Move

from .sheet import SMALL, Sheet

if TYPE_CHECKING:
    from .context import FormContext

FormSet = Agency.FormSet

# As each circular calls the counter and itself.
DESK_NAMES = {FormSet.TT01_2018: "Bộ phận Tiếp nhận và Trả kết quả", FormSet.TT03_2025: "Bộ phận Một cửa"}
CIRCULARS = {FormSet.TT01_2018: "Thông tư 01/2018/TT-VPCP", FormSet.TT03_2025: "Thông tư 03/2025/TT-VPCP"}


class FormTitle(NamedTuple):
    """One form as its circular names it; a printed paper is in Vietnamese, whatever language its printer reads."""

    number: str
    title: str


@dataclass(frozen=True, eq=False)
class FormKind:
    """`name` stands in addresses and in the rows of what was printed; `titles` has the sets that know the form.

    `moves`: which it tells of, each on a paper of its own. One of none tells of every move up to the one that it is
    printed for, which is the last.
    """

    name: str
    label: Promise
    titles: Mapping[FormSet, FormTitle]
    parts: Callable[[FormContext], list[Flowable]]
    moves: tuple[Move, ...] = ()
    sheet: Sheet = SMALL

    def __str__(self) -> str:
        return self.name

    @property
    def number(self) -> str:
        """By which forms are ordered: that in the newest set."""
        return max(title.number for title in self.titles.values())

    @property
    def tells_of_all_moves(self) -> bool:
        return not self.moves
