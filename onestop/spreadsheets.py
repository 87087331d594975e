"""Workbooks and CSV as the office writes them: row by row, and nothing that people typed becomes a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

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
# By which Excel knows that a CSV is UTF-8.
BOM = "\ufeff"


def put(cell: Cell, value: Value) -> None:
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


class _Echo:
    """Where the csv module writes: it gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BOM
    for row in rows:
        yield writer.writerow([_in_csv(value) for value in row])


def _in_csv(value: Value) -> str | int | float:
    if isinstance(value, datetime):
        return _wall_clock(value).isoformat(" ", "seconds")
    if isinstance(value, str) and value.startswith(BEGINS_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _wall_clock(at: datetime) -> datetime:
    return timezone.localtime(at).replace(tzinfo=None)
