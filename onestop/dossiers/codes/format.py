"""Dossier codes (mã hồ sơ): `H22.001.00-260125-0001`, in the order of either circular."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final, NamedTuple

from onestop.catalog.models import Agency

_LEVEL1: Final = re.compile(r"[A-Z][0-9]{2}")
# How many characters the levels below the first take, nearest first.
_WIDTHS: Final[dict[str, tuple[int, ...]]] = {
    Agency.CodeOrder.LEVEL1_FIRST: (3, 2),  # MX1X2.Y1Y2Y3.Z1Z2, TT 03/2025 điều 13.3
    Agency.CodeOrder.LEVEL1_LAST: (2, 2, 3),  # V1V2V3.Z1Z2.Y1Y2.MX1X2, TT 01/2018 điều 19
}

CODE: Final = re.compile(
    r"[0-9A-Z]+(?:\.[0-9A-Z]+)*"  # the agency, in whichever order
    r"-[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"  # received on, yyMMdd
    r"-[0-9]{4,}"  # the owner's two digits, if any, and the number of the day
)

# Looser than `CODE`: also texts that could be mistaken for a code of that agency and day, with any padding.
_PARTS: Final = re.compile(r"([0-9A-Z.]+)-([0-9]{6})-([0-9]+)")


class Parts(NamedTuple):
    """The parts of a code. `day` is None where its six digits are no day; `rest` is owner digits and number."""

    identifier: str
    day: date | None
    rest: str


def parts(code: str) -> Parts | None:
    """The parts of a code, also of one from another system; None for a text of another form."""
    match = _PARTS.fullmatch(code)
    if match is None:
        return None
    identifier, written, rest = match.groups()
    try:
        day = datetime.strptime(written, "%y%m%d").date()
    except ValueError:
        day = None
    return Parts(identifier, day, rest)


@dataclass(frozen=True)
class Series:
    """The codes of one agency and day. They begin with `identifier`; `owner_digits` follow the day.

    Numbers are counted by `key`: agencies with the same identifier share the numbers of the day, whatever their owner
    digits.
    """

    identifier: str
    day: date
    owner_digits: str = ""

    @property
    def key(self) -> tuple[str, date]:
        return self.identifier, self.day

    def code(self, number: int) -> str:
        return format_code(self.identifier, self.day, number, self.owner_digits)


@cache
def identifier(code: str, order: str) -> str:
    """The agency's identifier `code` as dossier codes of that `Agency.CodeOrder` begin.

    `code` may itself be written in either order. Levels that are missing or short are filled with zeros. A level that
    is too long, or one more than the circular has room for, stays whole: two agencies must stay distinct.
    """
    level1, *below = _levels(code)
    widths = _WIDTHS[order]
    below += ["0"] * (len(widths) - len(below))
    padded = [level.zfill(width) for level, width in zip(below, widths, strict=False)] + below[len(widths) :]
    levels = [level1, *padded]
    return ".".join(levels if order == Agency.CodeOrder.LEVEL1_FIRST else reversed(levels))


def format_code(identifier: str, day: date, number: int, owner_digits: str = "") -> str:
    """The code of the `number`-th dossier of that identifier on `day`; a number after 9999 has more digits."""
    return f"{identifier}-{day:%y%m%d}-{owner_digits}{number:04d}"


def bare_levels(code: str) -> tuple[str, ...]:
    """An identifier without order and padding: equal for all spellings of the same agency."""
    return tuple(level.lstrip("0") for level in _levels(code))


def _levels(code: str) -> list[str]:
    """The levels of an identifier from the first down, without the all-zero ones at its end.

    A text without a ministry or province at either end, such as a business's tax code, is read as it is.
    """
    levels = code.split(".")
    if not _LEVEL1.fullmatch(levels[0]) and _LEVEL1.fullmatch(levels[-1]):
        levels.reverse()
    while len(levels) > 1 and not levels[-1].strip("0"):
        levels.pop()
    return levels
