"""The label of a dossier's folder, and the sheets on which labels are sold.

A folder lies on desks and shelves, in sight of everybody who passes. So its label has the dossier's code, procedure,
due date and agency, and no name, number or address of a person. Its barcode is the code, which colleagues scan; never
the address of the public look-up, which is the applicant's alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCode
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from onestop.dossiers.documents.typeface.faces import BOLD, REGULAR
from onestop.dossiers.documents.typeface.missing_letters import drawable
from onestop.dossiers.models import Dossier

WIDTH, HEIGHT = 70 * mm, 36 * mm
# No printer reaches closer to the edge of an A4 sheet. A barcode needs half as much white on both sides.
MARGIN: Final = 5 * mm
# Two dots of a label printer. A code for which the label is too narrow then, such as one that another system numbered,
# stands in a QR code.
BAR: Final = 0.25 * mm
BAR_HEIGHT: Final = 9 * mm


@dataclass(frozen=True)
class LabelSheet:
    """`top`: the blank strip above the first row."""

    name: str
    label: Promise
    size: tuple[float, float]
    columns: int
    rows: int
    top: float = 0

    @property
    def number(self) -> int:
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[float, float]:
        """The lower left corner of the label at `place`, which counts from 0, row by row."""
        row, column = divmod(place, self.columns)
        return column * WIDTH, self.size[1] - self.top - (row + 1) * HEIGHT


# Sheets of 24 labels of 70 × 36 mm: three columns fill the width of A4, eight rows leave half of the rest above.
SHEETS: Final = {
    sheet.name: sheet
    for sheet in (
        LabelSheet("a4", _("tờ A4, 24 nhãn 70 × 36 mm"), A4, 3, 8, (A4[1] - 8 * HEIGHT) / 2),
        LabelSheet("roll", _("cuộn nhãn 70 × 36 mm, mỗi nhãn một trang"), (WIDTH, HEIGHT), 1, 1),
    )
}


def labels(dossiers: Iterable[Dossier], sheet: LabelSheet, first: int = 1) -> bytes:
    """A PDF of the labels, on the first sheet from the label numbered `first` on. In Vietnamese, as all papers."""
    written = BytesIO()
    canvas = Canvas(written, pagesize=sheet.size, invariant=1, lang="vi")
    canvas.setTitle("Nhãn hồ sơ")
    place = first - 1
    with translation.override("vi"):
        for dossier in dossiers:
            if place == sheet.number:
                canvas.showPage()
                place = 0
            canvas.saveState()
            canvas.translate(*sheet.corner(place))
            _draw(canvas, dossier)
            canvas.restoreState()
            place += 1
    canvas.save()
    return written.getvalue()


def _draw(canvas: Canvas, dossier: Dossier) -> None:
    code, room = dossier.code or "", WIDTH - 2 * MARGIN
    barcode = Code128(code, barWidth=BAR, barHeight=BAR_HEIGHT, quiet=0)
    y = HEIGHT - 3 * mm - BAR_HEIGHT
    if barcode.width <= room:
        barcode.drawOn(canvas, (WIDTH - barcode.width) / 2, y)
    else:
        side = BAR_HEIGHT + 2.5 * mm
        QrCode(code, width=side, height=side, qrLevel="M").drawOn(canvas, (WIDTH - side) / 2, HEIGHT - 0.5 * mm - side)
    canvas.setFont(BOLD, _fitting(code, BOLD, 11, room))
    canvas.drawCentredString(WIDTH / 2, y - 4 * mm, code)
    y -= 8 * mm
    canvas.setFont(REGULAR, 8)
    for line in _lines(drawable(dossier.procedure.name), 8, room, most=2):
        canvas.drawString(MARGIN, y, line)
        y -= 3.3 * mm
    canvas.setFont(BOLD, 9)
    due = f"{timezone.localtime(dossier.due_at):%H:%M %d/%m/%Y}" if dossier.due_at else "không xác định"
    canvas.drawString(MARGIN, 6.2 * mm, f"Hẹn trả: {due}")
    canvas.setFont(REGULAR, 7.5)
    canvas.drawString(MARGIN, 2.8 * mm, next(_lines(drawable(dossier.agency.name), 7.5, room, most=1)))


def _fitting(text: str, face: str, size: float, room: float) -> float:
    """The size, or the smaller one at which the text has room."""
    return min(size, size * room / stringWidth(text, face, size))


def _lines(text: str, size: float, room: float, most: int) -> Iterator[str]:
    """At most so many lines; where the text is longer, the last one ends with three dots."""
    words = text.split()
    for number in range(most):
        line = ""
        while words and stringWidth(f"{line} {words[0]}", REGULAR, size) <= room:
            line = f"{line} {words.pop(0)}".strip()
        if words and (number == most - 1 or not line):
            # Cut within the word, which alone may be longer than the label is wide.
            line = f"{line} {words[0]}".strip()
            while stringWidth(f"{line}…", REGULAR, size) > room:
                line = line[:-1]
            yield f"{line.rstrip()}…"
            return
        yield line
        if not words:
            return
