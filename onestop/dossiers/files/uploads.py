"""Files of a dossier: which are accepted, and how they are stored with the digest of their content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

from onestop.catalog.models import Phase, Procedure
from onestop.common.errors import InputRefused, reasons_of
from onestop.dossiers.models import Attachment, Dossier
from onestop.dossiers.store import DATABASE, Store

from .kinds import DRAWINGS, KINDS, check_content
from .names import stored_name


def kinds_taken(procedure: Procedure | None = None) -> list[str]:
    """The file endings that are accepted for the procedure, sorted; without one, for every procedure."""
    drawings = procedure is not None and procedure.takes_drawings
    return sorted(suffix for suffix in KINDS if drawings or suffix not in DRAWINGS)


def check_upload(file: File[bytes], procedure: Procedure | None = None) -> None:
    """Raises ValidationError for a file that is empty, too large, or not of a kind accepted for the procedure.

    Also for a name that `stored_name` refuses. `file.name` is checked as it is: an `UploadedFile` has cut off folders
    and excess letters itself, a plain `File` has not.
    """
    name = stored_name(file.name or "")
    suffix, taken = PurePath(name).suffix.lower(), kinds_taken(procedure)
    if suffix in DRAWINGS and suffix not in taken:
        raise ValidationError(_("Tệp “%(name)s”: thủ tục này không nhận bản vẽ DWG.") % {"name": name})
    if suffix not in taken:
        kinds = ", ".join(kind.lstrip(".") for kind in taken)
        raise ValidationError(_("Tệp “%(name)s”: chỉ nhận các loại %(kinds)s.") % {"name": name, "kinds": kinds})
    if not file.size:
        raise ValidationError(_("Tệp “%(name)s” rỗng.") % {"name": name})
    if file.size > settings.ATTACHMENT_MAX_BYTES:
        limit = settings.ATTACHMENT_MAX_BYTES // (1024 * 1024)
        raise ValidationError(_("Tệp “%(name)s” lớn hơn %(limit)d MB.") % {"name": name, "limit": limit})
    check_content(file, name)


def attach_all(
    dossier: Dossier, files: Iterable[File[bytes]], phase: Phase, at: datetime, store: Store = DATABASE
) -> None:
    """Stores `files`, all or none. Raises InputRefused where `check_upload` refuses one."""
    files = list(files)
    try:
        for file in files:
            check_upload(file, dossier.procedure)
    except ValidationError as error:
        raise InputRefused(reasons_of(error)) from error
    stored: list[Attachment] = []
    try:
        for file in files:
            stored.append(_stored(dossier, file, phase, at, store))
            store.add(stored[-1])
    except BaseException:
        for attachment in stored:
            attachment.file.delete(save=False)
        raise


def _stored(dossier: Dossier, file: File[bytes], phase: Phase, at: datetime, store: Store) -> Attachment:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    attachment = Attachment(
        dossier=dossier,
        ordinal=store.next_ordinal(dossier, Attachment),
        name=stored_name(file.name or ""),
        size=file.size or 0,
        sha256=digest.hexdigest(),
        phase=phase,
        uploaded_at=at,
    )
    attachment.file.save(attachment.name, file, save=False)
    return attachment
