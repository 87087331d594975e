"""A signed XML file (a tax return, an electronic invoice): signed it is, and no page that a browser would run.

It is only ever given out to keep. But a browser that opens it from a disk would run a page written in XML, or what a
style sheet makes of it. All of the file is read, in pieces, and never parsed: what it declares is not carried out.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

# Of XML Signature (W3C): both stand in every signature.
SIGNATURE = (b"http://www.w3.org/2000/09/xmldsig#", b"signaturevalue")
# What makes a page of it, runs in one, or is carried out by a parser; in small letters.
ACTIVE = (
    b"<!doctype",
    b"<!entity",
    b"<?xml-stylesheet",
    b"<script",
    b"http://www.w3.org/1999/xhtml",
    b"http://www.w3.org/2000/svg",
    b"http://www.w3.org/1999/xsl",
)
# A name of a language that is written in such a way that the ones above are not seen in it.
HIDDEN_LANGUAGE = re.compile(rb"xmlns[^=<>]{0,100}=\s{0,20}[\"'][^\"'<>]{0,300}&")
PIECE = 64 * 1024
# So much of a piece is read again with the next: nothing that is looked for is longer.
OVERLAP = 512


def check_signed_xml(file: File[bytes], name: str) -> None:
    """Raises ValidationError for XML that is not signed, that is active, or that is in no ASCII-like encoding."""
    signature_parts: set[bytes] = set()
    file.seek(0)
    before = b""
    while piece := file.read(PIECE):
        text = (before + piece).lower()
        if b"\0" in piece:
            raise ValidationError(_("Tệp XML “%(name)s” không ở bảng mã UTF-8; hãy lưu lại.") % {"name": name})
        if any(mark in text for mark in ACTIVE) or HIDDEN_LANGUAGE.search(text):
            raise ValidationError(_("Tệp XML “%(name)s” là trang web hoặc có phần tự chạy.") % {"name": name})
        signature_parts.update(mark for mark in SIGNATURE if mark in text)
        before = piece[-OVERLAP:]
    if len(signature_parts) < len(SIGNATURE):
        raise ValidationError(_("Tệp XML “%(name)s” chưa được ký số; chỉ nhận tệp XML đã ký.") % {"name": name})
