"""Checks that an XML file (a tax return, an electronic invoice) is signed and is no page that a browser would run.

Such a file is only downloaded, never shown. But a browser that opens it from a disk would run a page written in XML,
or the result of its style sheet. The whole file is read in pieces and never parsed, so no declaration takes effect.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

# XML Signature (W3C): every signature contains both.
SIGNATURE = (b"http://www.w3.org/2000/09/xmldsig#", b"signaturevalue")
# These make the file a page, run in one, or are carried out by a parser; in small letters.
ACTIVE = (
    b"<!doctype",
    b"<!entity",
    b"<?xml-stylesheet",
    b"<script",
    b"http://www.w3.org/1999/xhtml",
    b"http://www.w3.org/2000/svg",
    b"http://www.w3.org/1999/xsl",
)
# A namespace written with character references, so that the names above do not match it.
HIDDEN_LANGUAGE = re.compile(rb"xmlns[^=<>]{0,100}=\s{0,20}[\"'][^\"'<>]{0,300}&")
PIECE = 64 * 1024
# The end of each piece is searched again with the next: no searched text is longer than this.
OVERLAP = 512


def check_signed_xml(file: File[bytes], name: str) -> None:
    """Raises ValidationError for XML that is not signed, has active parts, or has no ASCII-like encoding."""
    signature_parts: set[bytes] = set()
    file.seek(0)
    before = b""
    while piece := file.read(PIECE):
        text = (before + piece).lower()
        if b"\0" in piece:
            raise ValidationError(_("Tệp XML “%(name)s” không ở bảng mã UTF-8; vui lòng lưu lại.") % {"name": name})
        if any(mark in text for mark in ACTIVE) or HIDDEN_LANGUAGE.search(text):
            raise ValidationError(_("Tệp XML “%(name)s” là trang web hoặc có phần tự chạy.") % {"name": name})
        signature_parts.update(mark for mark in SIGNATURE if mark in text)
        before = piece[-OVERLAP:]
    if len(signature_parts) < len(SIGNATURE):
        raise ValidationError(_("Tệp XML “%(name)s” chưa được ký số; chỉ nhận tệp XML đã ký.") % {"name": name})
