"""Files of a dossier: which are taken, and how they are stored with the digest of their content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

from onestop.catalog.models import Phase

from .journal import journal
from .models import Attachment, Dossier

# What a file of each kind begins with. Office files of today are ZIP archives.
SIGNATURES = {
    ".pdf": (b"%PDF-",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".tif": (b"II*\x00", b"MM\x00*"),
    ".tiff": (b"II*\x00", b"MM\x00*"),
    ".docx": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".doc": (b"\xd0\xcf\x11\xe0",),
    ".xls": (b"\xd0\xcf\x11\xe0",),
    ".zip": (b"PK\x03\x04",),
}


def check_upload(file: File[bytes]) -> None:
    """Raises ValidationError for a file that is empty, too large, or not of a kind the office takes."""
    name = PurePath(file.name or "").name
    size = file.size or 0
    signatures = SIGNATURES.get(PurePath(name).suffix.lower())
    if not signatures:
        kinds = ", ".join(sorted(suffix.lstrip(".") for suffix in SIGNATURES))
        raise ValidationError(_("Tệp “%(name)s”: chỉ nhận các loại %(kinds)s.") % {"name": name, "kinds": kinds})
    if not size:
        raise ValidationError(_("Tệp “%(name)s” rỗng.") % {"name": name})
    if size > settings.ATTACHMENT_MAX_BYTES:
        limit = settings.ATTACHMENT_MAX_BYTES // (1024 * 1024)
        raise ValidationError(_("Tệp “%(name)s” lớn hơn %(limit)d MB.") % {"name": name, "limit": limit})
    file.seek(0)
    beginning = file.read(8)
    file.seek(0)
    if not beginning.startswith(signatures):
        raise ValidationError(_("Nội dung tệp “%(name)s” không đúng với phần mở rộng của nó.") % {"name": name})


def attach_all(dossier: Dossier, files: Iterable[File[bytes]], phase: Phase, at: datetime) -> None:
    """Stores `files`, all or none. Raises ValidationError where `check_upload` does."""
    files = list(files)
    for file in files:
        check_upload(file)
    stored: list[Attachment] = []
    try:
        for file in files:
            stored.append(_stored(dossier, file, phase, at))
            journal().add(stored[-1])
    except BaseException:
        for attachment in stored:
            attachment.file.delete(save=False)
        raise


def _stored(dossier: Dossier, file: File[bytes], phase: Phase, at: datetime) -> Attachment:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    attachment = Attachment(
        dossier=dossier,
        ordinal=journal().next_ordinal(dossier, Attachment),
        name=PurePath(file.name or "").name[-255:],
        size=file.size or 0,
        sha256=digest.hexdigest(),
        phase=phase,
        uploaded_at=at,
    )
    attachment.file.save(attachment.name, file, save=False)
    return attachment
