"""From a list of parts to the bytes of a PDF: the sheet, its margins, its foot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from .typeface.faces import ITALIC
from .typeface.missing_letters import drawable

FOOT_SIZE = 8.0
FOOT_HEIGHT = 7 * mm


@dataclass(frozen=True)
class Sheet:
    """`letters`: the size of the running text; other sizes are derived from it."""

    size: tuple[float, float]
    margin: float
    letters: float

    @property
    def width(self) -> float:
        """The width between the margins."""
        return self.size[0] - 2 * self.margin


SMALL = Sheet(A5, 9 * mm, 10)
LARGE = Sheet(A4, 14 * mm, 11.5)


def pdf(sheet: Sheet, title: str, source: str, code: str, parts: Callable[[], list[Flowable]]) -> bytes:
    """The same parts give the same bytes. `parts` is called again for each layout, which consumes them."""
    content, pages = _laid_out(sheet, title, source, code, parts(), of=1)
    if pages > 1:
        content, _pages = _laid_out(sheet, title, source, code, parts(), of=pages)
    return content


def _laid_out(
    sheet: Sheet, title: str, source: str, code: str, parts: list[Flowable], *, of: int
) -> tuple[bytes, int]:
    """The bytes, and the number of pages, which is known only after the layout. `of`: the number to print."""

    def draw_foot(canvas: Canvas, document: BaseDocTemplate) -> None:
        base = sheet.margin
        canvas.setFont(ITALIC, FOOT_SIZE)
        canvas.drawString(sheet.margin, base, source)
        if of > 1:
            # So that separated sheets can be put together again.
            canvas.drawString(sheet.margin, base + FOOT_SIZE * 1.2, drawable(code))
            canvas.drawRightString(sheet.size[0] - sheet.margin, base, f"Trang {document.page}/{of}")

    foot = sheet.margin + FOOT_HEIGHT
    frame = Frame(sheet.margin, foot, sheet.width, sheet.size[1] - foot - sheet.margin, 0, 0, 0, 0)
    written = BytesIO()
    document = BaseDocTemplate(
        written, pagesize=sheet.size, title=title, subject=code, author="", lang="vi", invariant=1
    )
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=draw_foot))
    document.build(parts)
    return written.getvalue(), document.page
