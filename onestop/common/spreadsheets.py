"""Cells and rows of workbooks and CSV files. Text that people typed never becomes a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import TextIOWrapper
from typing import IO

from django.utils import timezone
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | float | datetime | None

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
# Excel's name for the text format: text that a reader types into such a cell is no formula either.
TEXT = "@"
INSTANT = "dd/mm/yyyy hh:mm"
THIN = Side("thin")
RULED = Border(THIN, THIN, THIN, THIN)
# A spreadsheet that opens a CSV reads text with such a beginning as a formula.
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Some programs write these two for a line break within a cell.
BREAKS = re.compile("[\x0b\x0c]")
# Control characters, halves of characters and code points that are no characters: a workbook cannot hold them, and
# people cannot see them.
UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def seen(text: str) -> str:
    """`text` without the characters that a workbook cannot hold."""
    return UNSEEN.sub("", BREAKS.sub("\n", text))


def put(cell: Cell, value: Value) -> None:
    if isinstance(value, str):
        value = seen(value)
    # A spreadsheet has no time zones, so a cell gets the time of the office's clock.
    cell.value = _wall_clock(value) if isinstance(value, datetime) else None if value == "" else value
    if isinstance(cell.value, str):
        # Text of citizens stays text, even where the library would read it as a formula or an error value.
        cell.data_type = "s"


def text_cell(sheet: Worksheet, text: str, font: Font) -> Cell:
    cell = WriteOnlyCell(sheet)
    cell.font = font
    put(cell, text)
    return cell


def heading_cell(sheet: Worksheet, text: str) -> Cell:
    cell = text_cell(sheet, text, Font(bold=True))
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.fill = PatternFill("solid", "DCE9F0")
    cell.border = RULED
    return cell


def body_cell(sheet: Worksheet, number_format: str, *, wrap: bool) -> Cell:
    cell = WriteOnlyCell(sheet)
    cell.number_format = number_format
    cell.alignment = Alignment(vertical="top", wrap_text=wrap)
    cell.border = RULED
    return cell


def write_csv(rows: Iterable[Sequence[Value]], file: IO[bytes]) -> None:
    """Writes UTF-8 with a byte order mark, by which Excel recognises it."""
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    csv.writer(text).writerows([_in_csv(value) for value in row] for row in rows)
    # Flushes the text, and leaves the file open for the caller.
    text.detach()


def _in_csv(value: Value) -> str | int | float:
    if isinstance(value, datetime):
        return _wall_clock(value).isoformat(" ", "seconds")
    if isinstance(value, str):
        value = seen(value)
        return f"'{value}" if value.startswith(BEGINS_FORMULA) else value
    return "" if value is None else value


def _wall_clock(at: datetime) -> datetime:
    return timezone.localtime(at).replace(tzinfo=None)
