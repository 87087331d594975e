"""The register as a workbook, written row by row: a long one takes no more memory than a short one."""

from __future__ import annotations

from typing import IO

from django.utils import translation
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from onestop.common.spreadsheets import INSTANT, TEXT, body_cell, heading_cell, put, text_cell

from .entries import COLUMNS, TITLE, Entry, Register

INSTANTS = ("received", "due", "returned")
NUMBERS = ("number", "sets")
# Excel counts a column's width in digits.
DIGITS_PER_MM = 1.1
HEADING_ROW = 5


def write_xlsx(register: Register, file: IO[bytes]) -> None:
    workbook = Workbook(write_only=True)
    # openpyxl gives a write-only sheet, which has every method of a worksheet that is used here.
    sheet: Worksheet = workbook.create_sheet("Sổ theo dõi hồ sơ")
    _lay_out(sheet)
    for line in (TITLE, register.period, register.scope):
        sheet.append([text_cell(sheet, line, Font(bold=line == TITLE, size=14 if line == TITLE else 11))])
    sheet.append([])
    sheet.append([heading_cell(sheet, column.heading) for column in COLUMNS])
    last_row = HEADING_ROW
    # A row is written when it is appended, so the same cells can be used for the next row.
    formats = {**dict.fromkeys(INSTANTS, INSTANT), **dict.fromkeys(NUMBERS, "General")}
    cells = [body_cell(sheet, formats.get(name, TEXT), wrap=name not in INSTANTS) for name in Entry._fields]
    with translation.override("vi"):
        for entry in register.entries():
            for cell, value in zip(cells, entry, strict=True):
                put(cell, value)
            sheet.append(cells)
            last_row += 1
    sheet.auto_filter.ref = f"A{HEADING_ROW}:{get_column_letter(len(COLUMNS))}{last_row}"
    workbook.save(file)


def _lay_out(sheet: Worksheet) -> None:
    for number, column in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width * DIGITS_PER_MM
    sheet.freeze_panes = f"A{HEADING_ROW + 1}"
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
