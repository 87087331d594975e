"""A dossier's code as people type and paste it: in any case, with any dash, with blanks and words around it."""

from __future__ import annotations

import re
from typing import Final

from onestop.common.input.numbers import plainly

from .format import CODE

_CODE_WITHIN: Final = re.compile(rf"(?<![0-9A-Z])(?:{CODE.pattern})(?![0-9A-Z])")
# A code of a province or ministry, whose own code is first or last in it.
_OF_LEVEL1: Final = re.compile(r"[A-Z][0-9]{2}[.-].*|[0-9A-Z.]+\.[A-Z][0-9]{2}-.*")
_END: Final = re.compile(r"-?([0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))-([0-9]{4,})")
_AROUND_DASHES: Final = re.compile(r"\s*-[\s-]*")
_AROUND_DOTS: Final = re.compile(r"\s*\.\s*")


def code_within(text: str) -> str | None:
    """The first code in `text`; None if there is none."""
    plain = plainly(text).upper().replace("_", "-")
    # The readings that change least come first: a full stop before the code may end a sentence, and one within it
    # separates two levels.
    dashes = _AROUND_DASHES.sub("-", plain)
    codes = [
        match[0] for read in (plain, dashes, _AROUND_DOTS.sub(".", dashes)) for match in _CODE_WITHIN.finditer(read)
    ]
    return next(filter(_OF_LEVEL1.fullmatch, codes), codes[0] if codes else None)


def end_of_code(text: str) -> tuple[str, str] | None:
    """The day and the number if `text` is just the end of a code, such as 261130-0003; None for other texts."""
    match = _END.fullmatch(_AROUND_DASHES.sub("-", plainly(text).strip()))
    return (match[1], match[2]) if match else None


def code_meant(text: str) -> str:
    """The code in `text`; without one, the whole text in capitals without blanks: other systems number otherwise."""
    return code_within(text) or re.sub(r"\s", "", plainly(text).upper())
