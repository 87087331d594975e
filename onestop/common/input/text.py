"""The rules for text that people type, scan and paste: how it is stored, what is refused, and how it is searched.

`tidy_line` and `tidy_lines` repair what people neither mean nor see: the text becomes composed (NFC), loses the hidden
characters that pasting leaves behind, and has one kind of blank. `check_line` and `check_lines` refuse what cannot be
repaired without guessing: control characters, and characters that change the direction of reading. `form_fields`
(forms), `columns` (rows) and `onestop.rest.fields` (partners) apply both, so no other code has to.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Control characters, characters that change the direction of reading (a name read backwards looks like another name),
# halves of characters (no database stores them) and, in a single line, characters that end a line.
NOT_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

WORD = re.compile(r"[^\W_]+")

# Invisible characters that pasting leaves behind: soft hyphens, blanks of no width, byte order marks, invisible
# operators, deprecated formatting, notes between lines, tags, and code points that are no characters, such as U+FFFE.
_UNSEEN: Final = (
    "\u00ad\u034f\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
)
# Joiners and variants: they shape emoji and the letters of some scripts, and do nothing between Latin letters.
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
# Bullets as word processors paste them: code points for private use that only their own fonts show.
_BULLET: Final = re.compile("[\uf0b7\uf0a7]")
# Characters that Python calls printable but that are removed or replaced.
_PRINTABLE_AND_REMOVED: Final = re.compile(f"[\u034f\u17b4\u17b5{_SHAPING}{_BLANKS}]")


# Every combining mark; Unicode has none beyond this range.
_MARKS: Final = [chr(code) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code))]
_MARK: Final = f"[{''.join(_MARKS)}]"
# Unicode's stream-safe text has at most thirty marks on one letter. Sorting a longer run takes its length squared.
_TOO_MANY_MARKS: Final = re.compile(f"({_MARK}{{30}}){_MARK}+")


def composed(text: str) -> str:
    """`text` with each accented letter as one character (NFC).

    Some keyboards and sources write a letter and its accents apart. Both forms look the same, but they are not equal
    and a search for one does not find the other. Of more than thirty marks on one letter the first thirty stay.
    """
    if unicodedata.is_normalized("NFC", text) if len(text) < 1000 else text.isascii():
        return text
    return unicodedata.normalize("NFC", _TOO_MANY_MARKS.sub(r"\1", text))


def visible(text: str) -> str:
    """`text` composed, without invisible characters that do nothing."""
    if text.isascii():
        return text
    return composed(_shaped(_UNSEEN_LETTER.sub("", _BULLET.sub("•", text))))


def tidy_line(text: str) -> str:
    """`text` as a stored line: composed, without hidden characters, each run of blanks or line ends as one blank."""
    if is_tidy_line(text):
        return text
    return _settled(text, lambda text: _ANY_BLANKS.sub(" ", visible(text)).strip(" "))


def tidy_lines(text: str) -> str:
    """`text` as stored lines: composed, without hidden characters, with plain blanks and `\\n` at the end of lines.

    Blanks and tabs within a line stay, because people align text with them.
    """
    if is_tidy_line(text):
        return text
    return _settled(
        text,
        lambda text: _BLANKS_AT_AN_END.sub("", _BLANK.sub(" ", _ANY_LINE_END.sub("\n", visible(text)))).strip(" \t\n"),
    )


def _settled(text: str, tidy: Callable[[str], str]) -> str:
    """Applies `tidy` until nothing changes: a removed character may have separated two others that now combine."""
    while (tidied := tidy(text)) != text:
        text = tidied
    return text


def is_tidy_line(text: str) -> bool:
    """Whether both functions would leave `text` as it is and `check_line` accepts it.

    Quick; may answer False for a text that is tidy.
    """
    return (
        text.isprintable()
        and text[:1] != " " != text[-1:]
        and "  " not in text
        and (text.isascii() or (_PRINTABLE_AND_REMOVED.search(text) is None and composed(text) == text))
    )


def _shaped(text: str) -> str:
    """`text` without joiners and variants that shape nothing."""
    if not _SHAPING_LETTER.search(text):
        return text
    kept: list[str] = []
    for place, letter in enumerate(text):
        if _SHAPING_LETTER.match(letter):
            before, after = (kept[-1] if kept else ""), text[place + 1 : place + 2]
            shapes = _takes_shape(before) and (letter not in "\u200c\u200d" or _takes_shape(after))
            # 1️⃣ is a digit, a variant and a box.
            if not shapes and not (before and before in "0123456789#*" and after == "\u20e3"):
                continue
        kept.append(letter)
    return "".join(kept)


def _takes_shape(letter: str) -> bool:
    """Whether `letter` is an emoji, a letter of a script without capitals, or a mark on one."""
    return bool(letter) and unicodedata.category(letter) in ("So", "Sk", "Sm", "Lo", "Mn", "Mc")


def without_accents(text: str) -> str:
    """`text` in plain lower-case letters, with single spaces: every search compares text in this form.

    Accents are removed, and variants of a letter become the plain letter: Đ, and Ð and Ɖ that look like it; the barred
    and hooked letters of Ede, Jarai and others; full-width and other decorative letters.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    letters = unicodedata.normalize("NFKD", _BLANK.sub(" ", visible(text))).casefold()
    # Lower case may decompose further than capitals do.
    if not unicodedata.is_normalized("NFKD", letters) or letters != letters.casefold():
        letters = unicodedata.normalize("NFKD", letters).casefold()
    return " ".join(letters.translate(_PLAIN).split())


def _plain_letters() -> dict[int, str]:
    """The plain letter for each small Latin letter that Unicode does not decompose: ƀ, đ, ð, ł … Marks become nothing.

    The letter's Unicode name says which plain letter it is.
    """
    named = re.compile(r"LATIN SMALL LETTER (?:(?:AFRICAN|DOTLESS) )?([A-Z])(?: WITH .+)?|LATIN SMALL LETTER (ETH)")
    plain = {ord(mark): "" for mark in _MARKS}
    for code in (*range(0x80, 0x250), *range(0x250, 0x2B0), *range(0x1D00, 0x1E00), *range(0x2C60, 0x2C80)):
        if match := named.fullmatch(unicodedata.name(chr(code), "")):
            plain[code] = "d" if match[2] else match[1].lower()
    return plain


_PLAIN: Final = _plain_letters()


def words_of(text: str) -> list[str]:
    """The words of `text` as `without_accents` writes them. Anything but letters and digits separates words."""
    return WORD.findall(without_accents(text))


def check_line(text: str) -> None:
    """Raises ValidationError (`hidden_character`) for text with a character that is not visible in a line."""
    _refuse(NOT_IN_A_LINE, text)


def check_lines(text: str) -> None:
    """The same for text of several lines, which may contain `\\n` and `\\t`, but not `\\r`."""
    _refuse(NOT_IN_LINES, text)


def _refuse(hidden: re.Pattern[str], text: str) -> None:
    if match := hidden.search(text):
        params = {"code": f"{ord(match[0]):04X}", "position": match.start() + 1}
        message = _("Không nhận ký tự điều khiển hoặc ký tự ẩn: U+%(code)s ở vị trí %(position)d.")
        raise ValidationError(message, "hidden_character", params)
