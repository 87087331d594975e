"""Tables as files to download: a workbook of several sheets, or one CSV, written row by row."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from django.http import FileResponse, HttpResponseBase
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from .spreadsheets import CSV, XLSX, Value, body_cell, heading_cell, put, text_cell, write_csv

# The most rows of one file. Excel takes a million rows, but people do not read that many.
MOST_ROWS = 100_000
# How many rows of the database are in memory at once while a file is written.
READ_AT_ONCE = 2_000


@dataclass(frozen=True)
class SheetColumn:
    """`width` is in digits, as Excel counts it; `number_format` is one of Excel's formats."""

    heading: str
    width: int
    number_format: str = "General"


@dataclass(frozen=True)
class WorkbookSheet:
    """One table of a workbook, below the `lines` that describe it."""

    title: str
    lines: list[str]
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Value]]


def csv_file(rows: Iterable[Sequence[Value]], name: str) -> HttpResponseBase:
    return _sent(lambda file: write_csv(rows, file), f"{name}.csv", CSV)


def workbook_file(sheets: Iterable[WorkbookSheet], name: str) -> HttpResponseBase:
    workbook = Workbook(write_only=True)
    for sheet in sheets:
        _write(sheet, workbook)
    return _sent(workbook.save, f"{name}.xlsx", XLSX)


def _sent(write: Callable[[IO[bytes]], object], name: str, content_type: str) -> HttpResponseBase:
    # The file is complete before its first byte is sent: a failure shows as an error page, not as a file cut short.
    file = tempfile.TemporaryFile()  # noqa: SIM115 the answer closes it when it has been sent
    write(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=content_type)


def _write(sheet: WorkbookSheet, workbook: Workbook) -> None:
    # A write-only sheet has another class, with all the methods that are used here.
    paper: Worksheet = workbook.create_sheet(sheet.title)
    heading_row = len(sheet.lines) + 2
    for number, column in enumerate(sheet.columns, 1):
        paper.column_dimensions[get_column_letter(number)].width = column.width
    paper.freeze_panes = f"A{heading_row + 1}"
    for number, line in enumerate(sheet.lines):
        paper.append([text_cell(paper, line, Font(bold=number == 0, size=11))])
    paper.append([])
    paper.append([heading_cell(paper, column.heading) for column in sheet.columns])
    # A row is written when it is appended, so the same cells can be used for the next row.
    cells: list[Cell] = [body_cell(paper, column.number_format, wrap=column.width > 40) for column in sheet.columns]
    for row in sheet.rows:
        for cell, value in zip(cells, row, strict=True):
            put(cell, value)
        paper.append(cells)
