"""Workbooks and CSV as the office writes them: row by row, and nothing that people typed becomes a formula."""

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
# Excel's name for the format of text: what is typed over such a cell is no formula either.
TEXT = "@"
INSTANT = "dd/mm/yyyy hh:mm"
THIN = Side("thin")
RULED = Border(THIN, THIN, THIN, THIN)
# What begins like this, a spreadsheet that opens a CSV takes for a formula.
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Programs write these two for the break of a line within a cell.
BREAKS = re.compile("[\x0b\x0c]")
# Control characters, halves of characters and what is no character: no workbook can hold them, none can be seen.
UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def seen(text: str) -> str:
    """`text` without what a workbook cannot hold."""
    return UNSEEN.sub("", BREAKS.sub("\n", text))


def put(cell: Cell, value: Value) -> None:
    if isinstance(value, str):
        value = seen(value)
    # A spreadsheet knows no time zones: it is given the office's wall clock.
    cell.value = _wall_clock(value) if isinstance(value, datetime) else None if value == "" else value
    if isinstance(cell.value, str):
        # What citizens typed stays what they typed, also where the library takes it for a formula or an error.
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
    """UTF-8, with the mark by which Excel knows it."""
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    csv.writer(text).writerows([_in_csv(value) for value in row] for row in rows)
    # Everything is written, and the file stays open.
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
