"""Texts: compared without their accents, and refused where they hold characters that nobody sees."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Control characters, what turns the direction of reading (a name read backwards looks like another), halves of
# characters (no database takes them) and, in a line, whatever ends one.
NOT_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

WORD = re.compile(r"[^\W_]+")


def without_accents(text: str) -> str:
    """`text` in lower case, accents and the bar of đ removed, runs of white space folded to one space."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())


def words_of(text: str) -> list[str]:
    """The words of `text` as `without_accents` has them; whatever is no letter and no digit parts two."""
    return WORD.findall(without_accents(text))


def check_line(text: str) -> None:
    """Raises ValidationError (`hidden_character`) for text that holds what cannot stand visibly in one line."""
    _refuse(NOT_IN_A_LINE, text)


def check_lines(text: str) -> None:
    """The same for text of several lines, in which `\\n` and `\\t` may stand; `\\r` may not."""
    _refuse(NOT_IN_LINES, text)


def _refuse(hidden: re.Pattern[str], text: str) -> None:
    if found := hidden.search(text):
        told = {"code": f"{ord(found[0]):04X}", "position": found.start() + 1}
        message = _("Không nhận ký tự điều khiển hoặc ký tự ẩn: U+%(code)s ở vị trí %(position)d.")
        raise ValidationError(message % told, "hidden_character")
