"""The line that a scanner types when it reads the code on an identity card (thẻ căn cước):

    number|old number|name|day of birth, ddmmyyyy|sex|address|day of issue

The old number may be missing, more fields may follow, and the line may end in any way. The line holds all personal
data of the card, so it is never written to an address or a log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .birth_dates import canonical
from .numbers import plainly
from .text import tidy_line

LONGEST: Final = 1000
_FEWEST_FIELDS: Final = 4
_NUMBER: Final = re.compile(r"[0-9]{12}|[0-9]{9}")
_DAY: Final = re.compile(r"[0-3]?[0-9][/.-]?[01]?[0-9][/.-]?[12][0-9]{3}")


@dataclass(frozen=True)
class Card:
    """The data of a card that an intake needs; `old_number` is empty where the card has none."""

    number: str
    old_number: str
    name: str
    birth_date: str
    address: str

    @property
    def numbers(self) -> list[str]:
        return [number for number in (self.number, self.old_number) if number]


def scanned(text: str) -> Card | None:
    """The card that `text` was scanned from, or None where `text` is no such line."""
    if text.count("|") < _FEWEST_FIELDS - 1 or len(text) > LONGEST:
        return None
    number, *fields = (tidy_line(field) for field in text.split("|"))
    number = _digits(number)
    if not _NUMBER.fullmatch(number):
        return None
    # Without an old number some scanners leave its field empty, and some leave it out.
    old = _digits(fields[0])
    if not old or _NUMBER.fullmatch(old):
        fields = fields[1:]
    else:
        old = ""
    name, *fields = fields
    # The address follows the day of birth and the sex.
    born = next((place for place, field in enumerate(fields[:2]) if _DAY.fullmatch(field)), 0)
    birth_date = canonical(fields[born]) if len(fields) > born and _DAY.fullmatch(fields[born]) else ""
    address = fields[born + 2] if len(fields) > born + 2 else ""
    return Card(number, old, name, birth_date, address)


def _digits(field: str) -> str:
    return re.sub(r"[ .-]", "", plainly(field))
