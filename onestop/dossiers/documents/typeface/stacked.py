"""Letters with an accent that Unicode has as two characters only, such as those of Ede and Jarai (ơ̆, ê̆, Ư̆).

Nothing that draws a PDF here would put such an accent over its letter. So the typeface has a glyph for each of them,
made by `fonts/add_stacked.py`, under a number of Unicode's private area; whoever copies text out of a PDF gets the two
characters.
"""

from __future__ import annotations

import re
import unicodedata
from string import ascii_letters

BASES = f"{ascii_letters}ăâđêôơưĂÂĐÊÔƠƯƀɃəƏñÑ"
ABOVE = "\u0306\u0302\u0303\u0300\u0301\u0309\u030c\u0304\u0308\u0307"
BELOW = "\u0323\u0331"
MARKS = ABOVE + BELOW
FIRST = 0xE000


# Letter and accent, of those that Unicode does not compose, and the number of their glyph; the other way round.
GLYPHS = {
    base + mark: chr(FIRST + number * len(MARKS) + more)
    for number, base in enumerate(BASES)
    for more, mark in enumerate(MARKS)
    if unicodedata.normalize("NFC", base + mark) == base + mark
}
LETTERS = {glyph: pair for pair, glyph in GLYPHS.items()}
_PAIR = re.compile(f"[{BASES}][{MARKS}]")


def stacked(text: str) -> str:
    """`text`, which is composed, with one character for each such letter."""
    return _PAIR.sub(lambda match: GLYPHS.get(match[0], match[0]), text)


def apart(text: str) -> str:
    """What `stacked` was made of."""
    return "".join(LETTERS.get(sign, sign) for sign in text)
