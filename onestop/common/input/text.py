"""One boundary for text: how whatever people type, scan and paste is kept, and what is refused; how it is searched.

`tidy_line` and `tidy_lines` mend what nobody means and nobody sees: text comes out composed (NFC), without the hidden
characters that pasting leaves behind, with one kind of blank. `check_line` and `check_lines` refuse what cannot be
mended without guessing: control characters, and what turns the direction of reading. `form_fields` (forms), `columns`
(rows) and `onestop.rest.fields` (partners) apply both, so that no other code has to.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Control characters, what turns the direction of reading (a name read backwards looks like another), halves of
# characters (no database takes them) and, in a line, whatever ends one.
NOT_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

WORD = re.compile(r"[^\W_]+")

# Left behind by pasting, and seen by nobody: soft hyphens, blanks of no width, byte order marks, invisible operators,
# deprecated formatting, notes between lines, tags, and code points that are no characters at all (U+FFFE, U+1FFFF …).
_UNSEEN: Final = (
    "\u00ad\u034f\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
)
# Joiners and variants: they shape emoji and the letters of some scripts, and between Latin letters do nothing.
_SHAPING: Final = "\u200c\u200d\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
# Blanks of every width, and letters that look like one.
_BLANKS: Final = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u3164\uffa0\u2800"
_LINE_ENDS: Final = "\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029"

_UNSEEN_LETTER: Final = re.compile(f"[{_UNSEEN}]")
_SHAPING_LETTER: Final = re.compile(f"[{_SHAPING}]")
_BLANK: Final = re.compile(f"[{_BLANKS}]")
_ANY_BLANKS: Final = re.compile(f"[ \t{_BLANKS}{_LINE_ENDS}]+")
_ANY_LINE_END: Final = re.compile("\r\n|[\x0b\x0c\r\x85\u2028\u2029]")
_BLANKS_AT_AN_END: Final = re.compile(r"[ \t]+(?=\n|\Z)")
# Bullets as word processors paste them: places for private use that their own fonts fill.
_BULLET: Final = re.compile("[\uf0b7\uf0a7]")
# Printable, as Python has it, and yet mended.
_PRINTABLE_AND_MENDED: Final = re.compile(f"[\u034f\u17b4\u17b5{_SHAPING}{_BLANKS}]")


# Every combining mark; there is none beyond.
_MARKS: Final = [chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code))]
_MARK: Final = f"[{''.join(_MARKS)}]"
# As many marks on one letter as Unicode's stream-safe text has; to sort a longer run takes the square of its length.
_TOO_MANY_MARKS: Final = re.compile(f"({_MARK}{{30}}){_MARK}+")


def composed(text: str) -> str:
    """`text` with each accented letter as one character (NFC).

    Some keyboards and sources write letter and accents apart, which looks the same and is neither equal to the other
    nor found by it. Of more than thirty marks on one letter the first thirty stay.
    """
    if unicodedata.is_normalized("NFC", text) if len(text) < 1000 else text.isascii():
        return text
    return unicodedata.normalize("NFC", _TOO_MANY_MARKS.sub(r"\1", text))


def visible(text: str) -> str:
    """`text` composed, without the characters that nobody sees and that do nothing."""
    if text.isascii():
        return text
    return composed(_shaped(_UNSEEN_LETTER.sub("", _BULLET.sub("•", text))))


def tidy_line(text: str) -> str:
    """`text` as one line is kept: composed, nothing hidden, each run of blanks or line ends one blank, none around."""
    if is_tidy_line(text):
        return text
    return _settled(text, lambda text: _ANY_BLANKS.sub(" ", visible(text)).strip(" "))


def tidy_lines(text: str) -> str:
    """`text` as several lines are kept: composed, nothing hidden, `\\n` the only end of a line, plain blanks.

    Blanks within a line stay as many as they are, and so do tabs: people align with them.
    """
    if is_tidy_line(text):
        return text
    return _settled(
        text,
        lambda text: _BLANKS_AT_AN_END.sub("", _BLANK.sub(" ", _ANY_LINE_END.sub("\n", visible(text)))).strip(" \t\n"),
    )


def _settled(text: str, mend: Callable[[str], str]) -> str:
    """What `mend` makes of `text` when there is nothing left to mend: what goes away may have kept others apart."""
    while (mended := mend(text)) != text:
        text = mended
    return text


def is_tidy_line(text: str) -> bool:
    """Whether `text` is as both would have it, and `check_line` takes it; quick, and may say no too often."""
    return (
        text.isprintable()
        and text[:1] != " " != text[-1:]
        and "  " not in text
        and (text.isascii() or (_PRINTABLE_AND_MENDED.search(text) is None and composed(text) == text))
    )


def _shaped(text: str) -> str:
    """Without joiners and variants that shape nothing."""
    if not _SHAPING_LETTER.search(text):
        return text
    kept: list[str] = []
    for place, letter in enumerate(text):
        if _SHAPING_LETTER.match(letter):
            before, after = (kept[-1] if kept else ""), text[place + 1 : place + 2]
            shapes = _takes_shape(before) and (letter not in "\u200c\u200d" or _takes_shape(after))
            # 1️⃣ is a digit in a box.
            if not shapes and not (before and before in "0123456789#*" and after == "\u20e3"):
                continue
        kept.append(letter)
    return "".join(kept)


def _takes_shape(letter: str) -> bool:
    """Of an emoji or a letter of a script without capitals, or a mark on one."""
    return bool(letter) and unicodedata.category(letter) in ("So", "Sk", "Sm", "Lo", "Mn", "Mc")


def without_accents(text: str) -> str:
    """`text` in plain lower-case letters, runs of white space folded to one space: how everything is searched.

    Accents go, and what stands for a plain letter becomes one: Đ, and Ð and Ɖ that look like it; the barred and hooked
    letters of Ede, Jarai and others; full-width and other letters for show.
    """
    return " ".join((text.casefold() if text.isascii() else _plain(text)).split())


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", _BLANK.sub(" ", visible(text))).casefold()
    if not unicodedata.is_normalized("NFKD", letters) or letters != letters.casefold():
        letters = unicodedata.normalize("NFKD", letters).casefold()
    return letters.translate(_PLAIN)


def _plain_letters() -> dict[int, str]:
    """Small Latin letters that no decomposition leads back to their plain one, as their names have it: ƀ, đ, ð, ł …

    Marks become nothing.
    """
    named = re.compile(r"LATIN SMALL LETTER (?:(?:AFRICAN|DOTLESS) )?([A-Z])(?: WITH .+)?|LATIN SMALL LETTER (ETH)")
    plain = {ord(mark): "" for mark in _MARKS}
    for code in (*range(0x80, 0x250), *range(0x250, 0x2B0), *range(0x1D00, 0x1E00), *range(0x2C60, 0x2C80)):
        if found := named.fullmatch(unicodedata.name(chr(code), "")):
            plain[code] = "d" if found[2] else found[1].lower()
    return plain


_PLAIN: Final = _plain_letters()


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
        params = {"code": f"{ord(found[0]):04X}", "position": found.start() + 1}
        message = _("Không nhận ký tự điều khiển hoặc ký tự ẩn: U+%(code)s ở vị trí %(position)d.")
        raise ValidationError(message, "hidden_character", params)
