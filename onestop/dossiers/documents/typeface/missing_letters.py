"""Which letters the typeface of papers has, and what is drawn in place of one that it lacks: never nothing.

Tinos holds Latin with the letters of Vietnam's languages that are written in it, Greek and Cyrillic. A citizen may
bear a name in Khmer, Cham or Chinese letters, and types emoji. What is lacking is drawn as a gap that everybody sees,
and who prints is told which letters these were, so that they are written in by hand.
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
    """One line of text as it is drawn: composed, whatever the typeface lacks as a gap."""
    return _drawn(text)[0]


def missing(texts: Iterable[str]) -> list[str]:
    """The letters in `texts` that are drawn as gaps, each once, in their order."""
    return list(dict.fromkeys(sign for text in texts for line in text.splitlines() for sign in _drawn(line)[1]))


def _drawn(text: str) -> tuple[str, list[str]]:
    """What is drawn, and what is lacking in it.

    Accents typed apart from their letter are put together with it: drawn one by one they stand beside it. Control
    signs and marks of direction have nothing to draw, blanks of every width are blanks. A letter in another shape
    (full width, circled, a ligature) is drawn as that letter.
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
            # It belongs to the letter that is lacking.
            continue
        else:
            drawn.append(GAP)
            missing.append(sign)
    return stacked("".join(drawn)), missing
