"""A QR code as one SVG path, which a page can draw without a file, a script or a style."""

from __future__ import annotations

from typing import NamedTuple, Self

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

# The white margin that readers need, in modules.
MARGIN = 4


class QrPath(NamedTuple):
    """`side`: of the whole square with its margin. `path` draws the dark modules."""

    side: int
    path: str

    @classmethod
    def of(cls, text: str) -> Self:
        code = QRCode(None, QRErrorCorrectLevel.M)
        code.addData(text)
        code.make()
        number = len(code.modules)
        dark = (
            f"M{column + MARGIN} {row + MARGIN}h1v1h-1z"
            for row in range(number)
            for column in range(number)
            if code.modules[row][column]
        )
        return cls(number + 2 * MARGIN, "".join(dark))
