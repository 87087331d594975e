"""What stands on a printed paper."""

from __future__ import annotations

from contextlib import closing

import pypdfium2

from onestop.dossiers.models import PrintedForm


def text_of(printed: PrintedForm) -> str:
    """All its words, with one blank between them."""
    with printed.file.open("rb") as stored, closing(pypdfium2.PdfDocument(stored.read())) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
