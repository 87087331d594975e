"""Shared by phones and identity numbers: how people type them, and the objections to them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from .text import tidy_line

# A number that a spreadsheet changed to scientific notation: 9.05E+08, 5,2085E10. Not 41E8000123, which a household
# business may have.
_SCIENTIFIC: Final = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+|[0-9][.,][0-9]+E[0-9]+")
_AS_A_FRACTION: Final = re.compile(r"([0-9]{7,})[.,]0+")
# Hidden characters around a number come from address books. Apostrophes come from spreadsheets, where they keep the
# zero at the beginning.
_NOT_TYPED: Final = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_QUOTES: Final = "'’‘`\"“”"


@dataclass(frozen=True)
class Objection:
    """Why a number is probably wrong. `is_final`: it is refused; otherwise the form asks the clerk once to confirm."""

    code: str
    text: StrOrPromise
    is_final: bool = False


def spreadsheet() -> Objection:
    message = _(
        "Bảng tính đã đổi số này sang dạng khoa học, các chữ số cuối đã mất. Vui lòng nhập lại số đầy đủ từ giấy tờ."
    )
    return Objection("eaten_by_spreadsheet", message, is_final=True)


def plainly(text: str) -> str:
    """`text` in one line with plain digits, plain dashes and plain letters, without the quotes of spreadsheets.

    Digits of every script become 0–9; `905123456.0`, as some programs write a number, loses its fraction.
    """
    text = tidy_line(_NOT_TYPED.sub("", text))
    if not text.isascii():
        letters = list(unicodedata.normalize("NFKC", text))
        for place, letter in enumerate(letters):
            category = unicodedata.category(letter)
            if category == "Nd":
                letters[place] = str(unicodedata.digit(letter))
            elif category == "Pd" or letter in "\u2212\u2043\u02d7":
                letters[place] = "-"
        text = "".join(letters)
    text = text.strip(f"{_QUOTES} ")
    fraction = _AS_A_FRACTION.fullmatch(text)
    return fraction[1] if fraction else text


def is_scientific(text: str) -> bool:
    return _SCIENTIFIC.fullmatch(text.upper().replace(" ", "")) is not None


def is_one_digit(text: str) -> bool:
    """Whether `text` repeats a single digit."""
    digits = re.sub(r"[^0-9]", "", text)
    return len(set(digits)) == 1
