"""What a printed form is. Each file in `forms/` defines one; there is no other list of them."""

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

# The names of the counter and of the circular, in each circular's own words.
DESK_NAMES = {FormSet.TT01_2018: "Bộ phận Tiếp nhận và Trả kết quả", FormSet.TT03_2025: "Bộ phận Một cửa"}
CIRCULARS = {FormSet.TT01_2018: "Thông tư 01/2018/TT-VPCP", FormSet.TT03_2025: "Thông tư 03/2025/TT-VPCP"}


class FormTitle(NamedTuple):
    """One form as its circular names it. Printed papers are in Vietnamese, whatever the user's language is."""

    number: str
    title: str


@dataclass(frozen=True, eq=False)
class FormKind:
    """`name` is used in addresses and stored with each print; `titles` has the form sets that contain the form.

    `moves`: the moves for which the form is printed, one paper for each. A form without moves lists every move up to
    the one for which it is printed, the last.
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
        """The number in the newest set, by which forms are ordered."""
        return max(title.number for title in self.titles.values())

    @property
    def tells_of_all_moves(self) -> bool:
        return not self.moves
