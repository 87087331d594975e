"""Which letters the typeface of papers has, and what is drawn in place of a missing one.

Tinos has Latin, with the letters of those languages of Vietnam that use it, Greek and Cyrillic. A citizen may have a
name in Khmer, Cham or Chinese letters, or type emoji. A missing letter is drawn as a visible gap, and the page names
the missing letters to the person who prints, so that they can be written in by hand.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from .faces import FACES
from .stacked import stacked

GAP: Final = "\N{REPLACEMENT CHARACTER}"
NO_BREAK = "\N{NO-BREAK SPACE}"
# They choose a letter's shape, and have none of their own.
VARIATION_SELECTORS: Final = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))

_fonts = map(pdfmetrics.getFont, FACES)
_codes_in_every_face = set.intersection(*(set(font.face.charToGlyph) for font in _fonts if isinstance(font, TTFont)))
DRAWN: Final = frozenset(sign for sign in map(chr, _codes_in_every_face) if sign.isprintable() or sign == NO_BREAK)


@lru_cache(maxsize=5_000)
def drawable(text: str) -> str:
    """One line of text as it is drawn: composed, with a gap for each letter that the typeface lacks."""
    return _drawn(text)[0]


def missing(texts: Iterable[str]) -> list[str]:
    """The letters in `texts` that are drawn as gaps, each once, in their order."""
    return list(dict.fromkeys(sign for text in texts for line in text.splitlines() for sign in _drawn(line)[1]))


def _drawn(text: str) -> tuple[str, list[str]]:
    """The text that is drawn, and the letters that are missing.

    Accents that were typed apart are composed with their letter: drawn one by one, they would be beside it. Control
    signs and marks of direction draw nothing; blanks of every width become blanks. A letter in another shape (full
    width, circled, a ligature) is drawn as the plain letter.
    """
    if text.isascii() and text.isprintable():
        return text, []
    drawn: list[str] = []
    missing: list[str] = []
    for sign in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(sign)
        if sign in DRAWN:
            drawn.append(sign)
        elif kind == "Zs" or sign == "\t":
            drawn.append(" ")
        elif kind in ("Cc", "Cf") or sign in VARIATION_SELECTORS:
            continue
        elif (plain := unicodedata.normalize("NFKC", sign)) != sign and DRAWN.issuperset(plain):
            drawn.append(plain)
        elif kind.startswith("M") and drawn and drawn[-1] == GAP:
            # The mark belongs to the missing letter before it.
            continue
        else:
            drawn.append(GAP)
            missing.append(sign)
    return stacked("".join(drawn)), missing
