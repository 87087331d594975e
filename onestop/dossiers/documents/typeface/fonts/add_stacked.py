"""Adds a glyph for each letter of `stacked` to the four faces of Tinos.

    echo "from onestop.dossiers.documents.typeface.fonts.add_stacked import main; main()" | python manage.py shell

Run it on the fonts as they are published; a second run changes nothing. Their licence (OFL.txt) allows the change and
reserves no name. Needs fontTools.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from onestop.dossiers.documents.typeface.stacked import BELOW, GLYPHS

HORN = "\u031b"
# Two accents over one letter are closer together than an accent and its letter.
CLOSER = 110


def main() -> None:
    for path in sorted(Path(__file__).parent.glob("*.ttf")):
        font = TTFont(path, recalcTimestamp=False)
        if added := _add(font):
            font.save(path)
        print(f"{path.name}: {added}")


def _add(font: TTFont) -> int:
    names, shapes, widths = font.getBestCmap(), font["glyf"], font["hmtx"]
    added = 0
    for pair, sign in GLYPHS.items():
        base, mark = pair[0], pair[1]
        if ord(sign) in names or ord(base) not in names or ord(mark) not in names:
            continue
        name = f"uni{ord(sign):04X}"
        pen = TTGlyphPen(shapes)
        pen.addComponent(names[ord(base)], (1, 0, 0, 1, 0, 0))
        pen.addComponent(names[ord(mark)], (1, 0, 0, 1, *_place(base, mark, font)))
        shapes[name] = pen.glyph()
        shapes[name].recalcBounds(shapes)
        widths[name] = (widths[names[ord(base)]][0], shapes[name].xMin)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[ord(sign)] = name
        added += 1
    return added


def _place(base: str, mark: str, font: TTFont) -> tuple[int, int]:
    """How far the mark is moved: over or under the middle of the letter, without its horn."""
    names, shapes = font.getBestCmap(), font["glyf"]
    bare = unicodedata.normalize("NFC", unicodedata.normalize("NFD", base).replace(HORN, ""))
    letter, small, accent = (shapes[names[ord(sign)]] for sign in (bare, "o", mark))
    across = (letter.xMin + letter.xMax) // 2 - (accent.xMin + accent.xMax) // 2
    if mark in BELOW:
        return across, min(letter.yMin - small.yMin, 0)
    has_accent = len(unicodedata.normalize("NFD", bare)) > 1
    return across, max(letter.yMax - small.yMax - (CLOSER if has_accent else 0), 0)


if __name__ == "__main__":
    main()
