"""The register as PDF: A4 landscape, drawn row by row.

Platypus would lay out all rows before it draws the first; here each row is measured when it is drawn. ReportLab keeps
the finished pages in memory, so a PDF has at most MOST_PRINTED lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import IO

from django.utils import translation
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from onestop.dossiers.documents.parts import COUNTRY, MOTTO
from onestop.dossiers.documents.typeface.faces import BOLD, ITALIC, REGULAR
from onestop.dossiers.documents.typeface.missing_letters import GAP, drawable, missing

from .entries import COLUMNS, TITLE, Entry, Register

SHEET = landscape(A4)
MARGIN = 10 * mm
SIZE = 8.0
LEADING = 9.6
PADDING = 2.0
TOP, BOTTOM = SHEET[1] - MARGIN, MARGIN + 9 * mm
WIDTHS = [column.width * mm for column in COLUMNS]
# Where each column begins, and where the last one ends.
EDGES = [MARGIN + sum(WIDTHS[:number]) for number in range(len(WIDTHS) + 1)]
RIGHT = EDGES[-1]
ROOMS = [width - 2 * PADDING for width in WIDTHS]
# How many lines fit below the two lines of headings on a page without titles.
LINES_OF_A_PAGE = int((TOP - BOTTOM - 2 * LEADING - 4 * PADDING) // LEADING)
# A space belongs to the word after it, a hyphen to the word before it: long codes break after their hyphens.
PIECES = re.compile(r"\s*[^\s-]+-*|\s*-+")
CENTRED = [name in ("number", "sets", "received", "due", "returned") for name in Entry._fields]
# The number of pages, drawn once at the end and shown on every page: a PDF page may use a form that is defined later.
PAGE_COUNT = "page-count"
MISSING = f"“{GAP}” thay cho chữ mà phông chữ của sổ không có, cần ghi tay:"
# At most so many missing letters are named.
MOST_NAMED = 40
EMPTY = "Không có hồ sơ nào được tiếp nhận trong kỳ này."

Lines = tuple[str, ...] | list[str]


def write_pdf(register: Register, file: IO[bytes]) -> None:
    paper = PaperSize(register, file)
    count = 0
    with translation.override("vi"):
        for entry in register.entries():
            paper.draw_row(entry)
            count = entry.number
    paper.end(count)


class PaperSize:
    """The pages that are being drawn. `y` is where the next part begins."""

    def __init__(self, register: Register, file: IO[bytes]) -> None:
        self.register = register
        self.canvas = Canvas(file, SHEET, lang="vi")
        self.canvas.setTitle(f"{TITLE} {register.period}")
        self.page = 0
        self.missing: dict[str, None] = {}
        self._begin_page()
        self._draw_titles()
        self._draw_headings()

    def draw_row(self, entry: Entry) -> None:
        texts = [
            f"{value:%d/%m/%Y %H:%M}" if isinstance(value, datetime) else "" if value is None else str(value)
            for value in entry
        ]
        drawn = [drawable(text) for text in texts]
        if any(GAP in text for text in drawn):
            self.missing |= dict.fromkeys(missing(texts))
        cells = [wrapped(text, room, REGULAR) for text, room in zip(drawn, ROOMS, strict=True)]
        height = max(map(len, cells))
        if self._lines_left() < height <= LINES_OF_A_PAGE:
            self._continue_overleaf()
        # A row that is longer than a page continues on the next ones.
        while any(cells):
            if self._lines_left() < 1:
                self._continue_overleaf()
            fitting = self._lines_left()
            self._draw_cells([lines[:fitting] for lines in cells], REGULAR)
            cells = [lines[fitting:] for lines in cells]

    def end(self, count: int) -> None:
        self._rule_columns()
        self.text.setFont(BOLD, SIZE)
        self._put(f"Tổng số: {count} hồ sơ" if count else EMPTY, MARGIN, self.y - LEADING - PADDING)
        self.y -= LEADING + PADDING
        self._name_missing_letters()
        self._end_page()
        self.canvas.beginForm(PAGE_COUNT)
        self.canvas.setFont(REGULAR, SIZE)
        self.canvas.drawString(0, 0, str(self.page))
        self.canvas.endForm()
        self.canvas.save()

    def _name_missing_letters(self) -> None:
        """Names the letters that are drawn as gaps, so that they can be written in by hand."""
        if not self.missing:
            return
        names = ", ".join(f"U+{ord(sign):04X}" for sign in list(self.missing)[:MOST_NAMED])
        text = f"{MISSING} {names}{', …' if len(self.missing) > MOST_NAMED else ''}"
        lines = wrapped(text, RIGHT - MARGIN, ITALIC)
        if self._lines_left() < len(lines):
            self._end_page()
            self._begin_page()
        self.text.setFont(ITALIC, SIZE)
        for line in lines:
            self.y -= LEADING
            self._put(line, MARGIN, self.y)

    # ---- pages

    def _begin_page(self) -> None:
        self.page += 1
        self.y = TOP
        self.canvas.setLineWidth(0.4)
        # One text object for a whole page: an own one for each piece of text would take most of the time.
        self.text = self.canvas.beginText()

    def _end_page(self) -> None:
        self.canvas.drawText(self.text)
        self._draw_foot()
        self.canvas.showPage()

    def _continue_overleaf(self) -> None:
        self._rule_columns()
        self._end_page()
        self._begin_page()
        self._draw_headings()

    def _draw_foot(self) -> None:
        canvas, right = self.canvas, RIGHT - 9 * mm
        canvas.setFont(ITALIC, SIZE)
        canvas.drawString(MARGIN, MARGIN, self.register.source)
        canvas.setFont(REGULAR, SIZE)
        canvas.drawRightString(right, MARGIN, f"Trang {self.page}/")
        canvas.translate(right, MARGIN)
        canvas.doForm(PAGE_COUNT)

    # ---- their content

    def _draw_titles(self) -> None:
        """Agency and country side by side, then title, period and scope (layout of NĐ 30/2020)."""
        agency = self.register.user.agency
        left, right = MARGIN + (RIGHT - MARGIN) * 0.22, MARGIN + (RIGHT - MARGIN) * 0.75
        lines = wrapped(drawable(agency.name.upper()), 100 * mm, BOLD, 11) if agency else []
        self._centre(lines, left, BOLD, 11)
        self._centre([COUNTRY, MOTTO], right, BOLD, 11)
        rule_y, half = TOP - 2 * 11 * 1.2 - 4, stringWidth(MOTTO, BOLD, 11) / 2
        self.canvas.line(right - half, rule_y, right + half, rule_y)
        self.y = TOP - max(len(lines), 2) * 11 * 1.2 - 16
        middle = SHEET[0] / 2
        self.y = self._centre([TITLE], middle, BOLD, 15)
        text = [self.register.period, *wrapped(drawable(self.register.scope), RIGHT - MARGIN, ITALIC, 11)]
        self.y = self._centre(text, middle, ITALIC, 11) - 8

    def _draw_headings(self) -> None:
        self.table_top = self.y
        self.canvas.line(MARGIN, self.y, RIGHT, self.y)
        self._draw_cells(HEADINGS, BOLD, centred=[True] * len(COLUMNS))

    def _draw_cells(self, cells: Sequence[Lines], font: str, centred: Sequence[bool] = CENTRED) -> None:
        self.text.setFont(font, SIZE)
        for lines, left, room, in_middle in zip(cells, EDGES, ROOMS, centred, strict=False):
            y = self.y - PADDING
            for line in lines:
                y -= LEADING
                indent = (room - stringWidth(line, font, SIZE)) / 2 if in_middle else 0
                self._put(line, left + PADDING + indent, y + LEADING - SIZE)
        self.y -= max(map(len, cells)) * LEADING + 2 * PADDING
        self.canvas.line(MARGIN, self.y, RIGHT, self.y)

    def _rule_columns(self) -> None:
        self.canvas.lines([(edge, self.table_top, edge, self.y) for edge in EDGES])

    def _lines_left(self) -> int:
        return int((self.y - BOTTOM - 2 * PADDING) // LEADING)

    def _centre(self, lines: Lines, middle: float, font: str, size: float) -> float:
        """Draws from `y` down. Returns where it ended."""
        y = self.y
        self.text.setFont(font, size)
        for line in lines:
            y -= size * 1.2
            self._put(line, middle - stringWidth(line, font, size) / 2, y)
        return y

    def _put(self, line: str, x: float, y: float) -> None:
        self.text.setTextOrigin(x, y)
        self.text.textOut(line)


# Cached: most texts are repeated, such as procedures, fields, clerks, streets.
@lru_cache(maxsize=5_000)
def wrapped(text: str, room: float, font: str, size: float = SIZE) -> Lines:
    """`text` in lines that fit into `room`, broken at spaces, after hyphens, and inside words that are too long."""
    lines, line, used = [], "", 0.0
    for piece in PIECES.findall(text):
        width = _width(piece, font, size)
        if used + width > room and line:
            lines.append(line.rstrip())
            line, used, piece = "", 0.0, piece.lstrip()
            width = _width(piece, font, size)
        while width > room:
            fitting = 1  # at least: a column is wider than a letter
            while stringWidth(piece[: fitting + 1], font, size) <= room:
                fitting += 1
            lines.append(piece[:fitting])
            piece = piece[fitting:]
            width = _width(piece, font, size)
        line, used = line + piece, used + width
    return (*lines, line) if line else tuple(lines)


@lru_cache(maxsize=20_000)
def _width(piece: str, font: str, size: float) -> float:
    return stringWidth(piece, font, size)


HEADINGS = [wrapped(column.heading, room, BOLD) for column, room in zip(COLUMNS, ROOMS, strict=True)]
