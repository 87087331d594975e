"""Recognises a file by its first bytes: the kinds that the office takes, and others, to name them in messages."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from struct import unpack_from

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PDF = b"%PDF-"
# PDF readers look for the head of a PDF within so many bytes.
PDF_BEGINS_WITHIN = 1024
BYTES_READ = PDF_BEGINS_WITHIN + len(PDF) - 1

BLANK = b"\xef\xbb\xbf \t\r\n"
# ISO base media files name their brand, and other brands that they are compatible with; so do AVIF and videos.
HEIF_BRANDS = frozenset([b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"])
AVIF_BRANDS = frozenset([b"avif", b"avis"])
# DER: a sequence (of short, long or open length) that begins with the identifier of signed data (RFC 5652, 5.1).
SIGNED_DATA = re.compile(
    rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83.{3}|\x84.{4})\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0", re.DOTALL
)
ARMOUR = re.compile(rb"-----BEGIN (?:PKCS7|CMS)-----\s*")
# Enough of a base64 text to contain the identifier, with line breaks.
ARMOURED_BYTES = 64
XML = re.compile(rb"<(?:\?xml\s|[A-Za-z_])")
HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|svg)\b", re.IGNORECASE)


def brands_of(beginning: bytes) -> frozenset[bytes]:
    """The brands that an ISO base media file names; empty for any other file."""
    if beginning[4:8] != b"ftyp":
        return frozenset()
    (size,) = unpack_from(">L", beginning)
    names = beginning[8:12] + beginning[16 : min(size, len(beginning))]
    return frozenset(names[at : at + 4] for at in range(0, len(names) - 3, 4))


def is_heif(beginning: bytes) -> bool:
    brands = brands_of(beginning)
    return not brands.isdisjoint(HEIF_BRANDS) and brands.isdisjoint(AVIF_BRANDS)


def is_webp(beginning: bytes) -> bool:
    return beginning.startswith(b"RIFF") and beginning[8:15] == b"WEBPVP8"


def is_drawing(beginning: bytes) -> bool:
    """AutoCAD's DWG: its version in six letters (AC1009 is release 12, AC1032 2018), then zeros."""
    return re.match(rb"AC10\d\d\0", beginning) is not None


def is_signed_data(beginning: bytes) -> bool:
    """A PKCS#7 (CMS) signature, with or without the signed content; binary, or base64 with or without armour."""
    if SIGNED_DATA.match(beginning):
        return True
    text = beginning.lstrip(BLANK)
    text = text[armour.end() :] if (armour := ARMOUR.match(text)) else text
    try:
        return SIGNED_DATA.match(b64decode(b"".join(text.split())[:ARMOURED_BYTES], validate=True)) is not None
    except NotBase64:
        return False


def is_xml(beginning: bytes) -> bool:
    text = beginning.lstrip(BLANK)
    return XML.match(text) is not None and not HTML.match(text)


def pdf_begins_at(beginning: bytes) -> int:
    """Where in a file its PDF begins; -1 if there is none, or if another kind of file comes before it.

    Mail gateways, scanners and broken downloads put a mark, blanks or lines of their own before the PDF: these are
    accepted. Markup and the beginning of another kind are not: the file would be two things at once.
    """
    at = beginning.find(PDF)
    before = beginning[: max(at, 0)]
    return -1 if b"<" in before or (before and what(before)) else at


_OFFICE = _("tệp Word, Excel đời cũ hoặc có mật khẩu")
# More specific beginnings first.
_KINDS: list[tuple[bytes, Promise]] = [
    (b"\xff\xd8\xff", _("ảnh JPEG")),
    (b"\x89PNG\r\n\x1a\n", _("ảnh PNG")),
    (b"GIF8", _("ảnh GIF")),
    (b"II*\x00", _("ảnh TIFF")),
    (b"MM\x00*", _("ảnh TIFF")),
    (b"BM", _("ảnh BMP")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OFFICE),
    (b"PK\x03\x04", _("tệp nén ZIP, hoặc tệp Word, Excel")),
    (b"PK\x05\x06", _("tệp nén ZIP không có gì bên trong")),
    (b"Rar!\x1a\x07", _("tệp nén RAR")),
    (b"7z\xbc\xaf\x27\x1c", _("tệp nén 7z")),
    (b"\x1f\x8b", _("tệp nén GZIP")),
    (b"{\\rtf", _("văn bản RTF")),
    (b"MZ", _("chương trình Windows")),
    (b"\x7fELF", _("chương trình Linux")),
    (b"#!", _("tập lệnh")),
]


def what(beginning: bytes) -> str:
    """The name of the file's kind, for people; empty for unknown first bytes."""
    for begins, name in _KINDS:
        if beginning.startswith(begins):
            return str(name)
    if is_heif(beginning):
        return str(_("ảnh HEIC"))
    if brands := brands_of(beginning):
        return str(_("ảnh AVIF") if brands & AVIF_BRANDS else _("phim, âm thanh MP4"))
    if is_webp(beginning):
        return str(_("ảnh WebP"))
    if is_drawing(beginning):
        return str(_("bản vẽ AutoCAD (DWG)"))
    if is_signed_data(beginning):
        return str(_("chữ ký số (PKCS#7)"))
    if HTML.match(beginning.lstrip(BLANK)):
        return str(_("trang web (HTML)"))
    if is_xml(beginning):
        return str(_("tệp XML"))
    return str(_("tệp PDF")) if PDF in beginning else ""
