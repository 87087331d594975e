"""Checks that a file's content is of the kind that its name says, and hides no second kind.

Only the beginning, the end and an archive's directory are read, never the whole file, and nothing is unpacked. So the
sizes that an archive declares are trusted: a program that unpacks it must still stop at those sizes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import PurePath
from struct import unpack_from
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

from .heads import BYTES_READ, PDF, is_drawing, is_heif, is_signed_data, is_webp, is_xml, pdf_begins_at, what
from .signed_xml import check_signed_xml

Begins = Callable[[bytes], bool]


def _with(*signatures: bytes) -> Begins:
    return lambda beginning: beginning.startswith(signatures)


_JPEG = _with(b"\xff\xd8\xff")
_TIFF = _with(b"II*\x00", b"MM\x00*")
_OLE = _with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_ZIP = _with(b"PK\x03\x04")

# How a file of each kind begins. A PNG's first chunk is its header. Office files of today are ZIP archives. Office
# files from before 2007 (OLE) are checked by their beginning only, so their macros are not found.
KINDS: dict[str, Begins] = {
    ".pdf": lambda beginning: pdf_begins_at(beginning) >= 0,
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".jfif": _JPEG,
    ".png": _with(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
    ".webp": is_webp,
    ".heic": is_heif,
    ".heif": is_heif,
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".docx": _ZIP,
    ".xlsx": _ZIP,
    ".doc": _OLE,
    ".xls": _OLE,
    ".zip": _ZIP,
    ".p7s": is_signed_data,
    ".p7m": is_signed_data,
    ".xml": is_xml,
    ".dwg": is_drawing,
}
# Taken only where the procedure says so.
DRAWINGS = frozenset([".dwg"])
# They may contain any kind of signed content, so they are only downloaded, never shown.
SIGNED = frozenset([".p7s", ".p7m"])
# The part that makes an archive a document; Word on the web numbers it.
MAIN_PART = {
    ".docx": re.compile(r"word/document\d*\.xml"),
    ".xlsx": re.compile(r"xl/workbook\d*\.xml"),
}
CONTENT_TYPES = "[Content_Types].xml"
MACROS = "vbaproject.bin"

# Unzipping programs look for the end of a directory (22 bytes) before a comment of up to 64 KB.
ZIP_ENDS_WITHIN = 65_535 + 22
END_OF_DIRECTORY = re.compile(rb"PK\x05\x06(?=.{18})", re.DOTALL)
ENTRY_OF_DIRECTORY = b"PK\x01\x02"
LONG_DIRECTORY = b"PK\x06\x07"

# Bounds of an archive. `ZipFile` reads a directory at once, so its length is checked first: half a kilobyte an entry.
# Entries are counted before `ZipFile` makes an object of each, whatever number the archive declares: a directory of
# that length has room for a hundred thousand, which takes seconds. Long extra fields take seconds as well, because
# `ZipFile` splits them piece by piece; honest ones contain times, owners, a size of 64 bits, a name in Unicode.
MOST_ENTRIES = 10_000
MOST_DIRECTORY_BYTES = 512 * MOST_ENTRIES
MOST_EXTRA_BYTES = 1024
ENTRY_BYTES = 46
MOST_UNPACKED_BYTES = 1024**3
# A plain spreadsheet shrinks to a fifteenth, some parts of it to a hundredth; the content of bombs to a thousandth.
MOST_UNPACKED_TIMES = 200
# Entries that an unpacking program may write elsewhere than into its folder, or that programs read differently.
OUTSIDE = re.compile(r"^(?:/|[A-Za-z]:)|(?:^|/)\.\.(?:/|$)|[\\\0]")


class _TooMuchAtOnce(Exception):
    """An archive's directory is too long, or takes too long to read."""


class _Sparing:
    """A file for `ZipFile` that refuses to read a long directory. `ZipFile` itself reads any declared length."""

    def __init__(self, file: File[bytes]) -> None:
        self.seek, self.tell, self._read = file.seek, file.tell, file.read

    def read(self, size: int = -1) -> bytes:
        if size > MOST_DIRECTORY_BYTES:
            raise _TooMuchAtOnce
        piece: bytes = self._read(size)
        # `ZipFile` reads a directory in one piece.
        _check_directory(piece)
        return piece


def _check_directory(piece: bytes) -> None:
    """Raises _TooMuchAtOnce if `piece` is a directory that takes long to read."""
    entries, at = 0, 0
    while piece.startswith(ENTRY_OF_DIRECTORY, at) and at + ENTRY_BYTES <= len(piece):
        name, extra, comment = unpack_from("<HHH", piece, at + 28)
        entries, at = entries + 1, at + ENTRY_BYTES + name + extra + comment
        if entries > MOST_ENTRIES or extra > MOST_EXTRA_BYTES:
            raise _TooMuchAtOnce


def check_content(file: File[bytes], name: str) -> None:
    """Raises ValidationError unless `file` is of the kind that `name`, which ends in one of ours, claims."""
    suffix = PurePath(name).suffix.lower()
    begins = KINDS[suffix]
    beginning = _piece(file, 0, BYTES_READ)
    if not begins(beginning):
        # A PDF with markup before it would be a web page as well.
        is_markup_and_pdf = suffix == ".pdf" and PDF in beginning and not what(beginning[: beginning.find(PDF)])
        raise _two_in_one(name) if is_markup_and_pdf else _unlike(name, what(beginning))
    if begins == _ZIP:
        _check_archive(file, name, suffix)
    elif begins != _OLE and suffix not in SIGNED:
        _check_single(file, name, beginning, suffix)
    if suffix == ".xml":
        check_signed_xml(file, name)
    file.seek(0)


# ---- images and PDF


def _check_single(file: File[bytes], name: str, beginning: bytes, suffix: str) -> None:
    """Refuses two kinds in one file: it would be shown as an image here, and open as something else where it is saved.

    A second kind can only be one that readers find after the beginning: an archive, found by its end, and a PDF within
    an image. The first bytes of a PDF may contain a comment or another program's mark, which no reader uses; so no
    second signature is looked for there. Bytes after the end are accepted: cameras and scanners add them.
    """
    is_pdf_too = PDF in beginning and suffix != ".pdf"
    if is_pdf_too or _is_archive_too(file):
        raise _two_in_one(name)


def _is_archive_too(file: File[bytes]) -> bool:
    start = max(0, file.size - ZIP_ENDS_WITHIN)
    ending = _piece(file, start, ZIP_ENDS_WITHIN)
    for end in END_OF_DIRECTORY.finditer(ending):
        size, offset = unpack_from("<LL", ending, end.start() + 12)
        # At the offset that the end declares, or just before the end: some programs look there, because bytes may have
        # been put in front of the archive.
        if ENTRY_OF_DIRECTORY in (_piece(file, offset, 4), _piece(file, start + end.start() - size, 4)):
            return True
        if ending[: end.start()][-20:].startswith(LONG_DIRECTORY):
            return True
    return False


# ---- archives, office files of today among them


def _check_archive(file: File[bytes], name: str, suffix: str) -> None:
    try:
        with ZipFile(_Sparing(file)) as archive:
            entries = archive.infolist()
    except _TooMuchAtOnce:
        raise _unpacks_to_too_much(name) from None
    except (BadZipFile, NotImplementedError, ValueError):
        raise _unlike(name, "") from None
    # Bytes before the first entry belong to another kind of file.
    if min((entry.header_offset for entry in entries), default=-1) != 0:
        raise _unlike(name, "")
    if _is_bomb(entries, file.size):
        raise _unpacks_to_too_much(name)
    if any(OUTSIDE.search(entry.orig_filename) for entry in entries):
        raise ValidationError(_("Tệp nén “%(name)s” có tệp con với đường dẫn không an toàn.") % {"name": name})
    if suffix in MAIN_PART:
        parts = [entry.filename for entry in entries]
        if CONTENT_TYPES not in parts or not any(MAIN_PART[suffix].fullmatch(part) for part in parts):
            raise _unlike(name, _office_kind(parts))
        if any(PurePath(part).name.lower() == MACROS for part in parts):
            raise ValidationError(_("Tệp “%(name)s” có macro; vui lòng lưu lại không có macro.") % {"name": name})


def _is_bomb(entries: Sequence[ZipInfo], size: int) -> bool:
    """Whether unpacking would give too much. As much as one upload may have is always allowed."""
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED_BYTES:
        return True
    return unpacked > settings.ATTACHMENT_MAX_BYTES and unpacked > MOST_UNPACKED_TIMES * size


def _office_kind(parts: Sequence[str]) -> str:
    """The name of the document that the archive is instead."""
    for suffix, main in MAIN_PART.items():
        if any(main.fullmatch(part) for part in parts):
            return _("tệp Word (.docx)") if suffix == ".docx" else _("tệp Excel (.xlsx)")
    return _("tệp nén ZIP")


# ----


def _piece(file: File[bytes], start: int, length: int) -> bytes:
    """Up to `length` bytes from `start`; none outside the file."""
    if start < 0:
        return b""
    file.seek(start)
    piece: bytes = file.read(length)
    return piece


def _unlike(name: str, kind: str) -> ValidationError:
    """`kind`: what the file is instead, if that is known."""
    if not kind:
        return ValidationError(_("Nội dung tệp “%(name)s” không đúng với phần mở rộng của nó.") % {"name": name})
    message = _("Nội dung tệp “%(name)s” không đúng với phần mở rộng của nó: đây là %(kind)s.")
    return ValidationError(message % {"name": name, "kind": kind})


def _two_in_one(name: str) -> ValidationError:
    message = _("Tệp “%(name)s” chứa thêm một tệp loại khác bên trong; vui lòng lưu lại hoặc quét lại.")
    return ValidationError(message % {"name": name})


def _unpacks_to_too_much(name: str) -> ValidationError:
    return ValidationError(_("Tệp “%(name)s” giải nén ra quá nhiều tệp hoặc quá lớn.") % {"name": name})
