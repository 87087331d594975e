"""The faces of the typeface (regular, bold, italic, bold italic), registered with ReportLab."""

from __future__ import annotations

import re
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument, PDFStream
from reportlab.pdfbase.ttfonts import TTFont

from .stacked import LETTERS

FONTS = Path(__file__).parent / "fonts"
FACES = REGULAR, BOLD, ITALIC, BOLD_ITALIC = "Tinos-Regular", "Tinos-Bold", "Tinos-Italic", "Tinos-BoldItalic"
PRIVATE = re.compile(r"<([EF][0-9A-F]{3})>")


class Face(TTFont):
    """One face. It maps the glyphs of `stacked` letters to text in the PDF, so that the text can be copied."""

    def addObjects(self, doc: PDFDocument) -> None:
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:") and isinstance(stream, PDFStream) and isinstance(stream.content, str):
                stream.content = PRIVATE.sub(_letters_of, stream.content)


def _letters_of(code: re.Match[str]) -> str:
    sign = chr(int(code[1], 16))
    return f"<{LETTERS.get(sign, sign).encode('utf-16-be').hex().upper()}>"


for _name in FACES:
    pdfmetrics.registerFont(Face(_name, FONTS / f"{_name}.ttf"))
# So that <b> and <i> inside a paragraph find their face.
pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, ITALIC, BOLD_ITALIC)
