"""A PDF of thousands of pages in the memory of one.

ReportLab keeps every page until the end and then puts the whole file together in memory. A PDF need not be made
like that: its objects may stand in any order, with a table at the end of where each is.
"""

from __future__ import annotations

from typing import IO

from reportlab.pdfbase.pdfdoc import (
    PDFCatalog,
    PDFCrossReferenceTable,
    PDFDocument,
    PDFFile,
    PDFFormXObject,
    PDFIndirectObject,
    PDFObject,
    PDFObjectReference,
    PDFPage,
    PDFPages,
    PDFTrailer,
    PDFZCompress,
    xObjectName,
)
from reportlab.pdfgen.canvas import Canvas


class LongCanvas(Canvas):
    """Writes each page to `file` when `showPage` ends it, and the rest at `save`."""

    def __init__(self, file: IO[bytes], size: tuple[float, float]) -> None:
        super().__init__(file, size)
        # The canvas makes its document itself, and offers no other way to give it one.
        self._doc: LongDocument = LongDocument(file)

    def promise_form(self, name: str) -> None:
        """Lets pages show a form (`doForm`) that is drawn after them."""
        self._doc.promise_form(name)


class LongDocument(PDFDocument):
    # The library has these, its type stubs have not.
    _pdfVersion: tuple[int, int]
    Catalog: PDFCatalog
    Pages: PDFPages

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(lang="vi")
        self._file = file
        self._length = 0
        (start,) = PDFFile(self._pdfVersion).strings
        self._add(start)

    def addPage(self, page: PDFPage) -> None:
        name = self.thisPageName()
        super().addPage(page)
        # The tree of pages is written last; it needs only to know which they are.
        self.Pages.pages[-1] = PDFObjectReference(name)
        page.check_format(self)
        # Not as letters, which takes a quarter more room.
        page.Contents.filters = [PDFZCompress]
        page.Contents = self._refer(page.Contents)
        for written in (page.Contents.name, name):
            self._write(written)
            self.idToObject[written] = PDFObject()

    def promise_form(self, name: str) -> None:
        # A page refers to it by its number, so it gets one now; what it is comes later.
        self._refer(PDFObject(), xObjectName(name))

    def addForm(self, name: str, form: PDFFormXObject) -> None:
        self.idToObject[xObjectName(name)] = form
        self.inObject = None

    def format(self) -> bytes:
        """Writes what is left, such as the letters that were used. Nothing remains for the caller to write."""
        number = 1
        # Writing one object may bring up others.
        while name := self.numberToId.get(number):
            if name not in self.idToOffset:
                self._write(name)
            number += 1
        table = PDFCrossReferenceTable()
        table.addsection(0, list(self.numberToId.values()))
        start = self._add(table.format(self))
        root, info = self._refer(self.Catalog), self._refer(self.info)
        self._add(PDFTrailer(start, Size=number, Root=root, Info=info, ID=self.ID()).format(self))
        return b""

    def _refer(self, thing: PDFObject, name: str | None = None) -> PDFObjectReference:
        reference: PDFObjectReference = self.Reference(thing, name)  # type: ignore[no-untyped-call] # so in the stubs
        return reference

    def _write(self, name: str) -> None:
        self.idToOffset[name] = self._add(PDFIndirectObject(name, self.idToObject[name]).format(self))

    def _add(self, content: bytes) -> int:
        """Returns where in the file it begins."""
        start = self._length
        self._file.write(content)
        self._length += len(content)
        return start
