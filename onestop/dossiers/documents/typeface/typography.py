"""Paragraphs, markup and dates of printed papers."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from django.utils import timezone
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph

from .faces import REGULAR
from .missing_letters import drawable

# The library's own numbers.
Alignment = Literal[0, 1, 2, 4]
LEFT: Final = 0
CENTER: Final = 1
RIGHT: Final = 2
JUSTIFY: Final = 4


def paragraph(
    markup: str, size: float, *, align: Alignment = LEFT, before: float = 0, after: float = 0, indent: float = 0
) -> Paragraph:
    """`markup` may contain <b>, <i> and <br/>; everything else in it must have gone through `plain`."""
    style = ParagraphStyle(
        "",
        fontName=REGULAR,
        fontSize=size,
        leading=size * 1.2,
        alignment=align,
        spaceBefore=before,
        spaceAfter=after,
        firstLineIndent=indent,
        # No single line of a paragraph at the foot or the head of a page.
        allowWidows=0,
        allowOrphans=0,
    )
    return Paragraph(markup, style)


def plain(text: object) -> str:
    """`text` as markup: escaped, with its lines, and a gap for each letter that the typeface lacks."""
    lines = (drawable(line) for line in str(text).strip().splitlines())
    return "<br/>".join(line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in lines)


def bold(text: object) -> str:
    return f"<b>{plain(text)}</b>"


def hour_and_day(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M ngày %d/%m/%Y}"


def day_in_words(at: datetime) -> str:
    """A date as in NĐ 30/2020: days below ten, January and February have a leading zero."""
    day = timezone.localtime(at)
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"
