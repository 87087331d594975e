"""A file of a dossier, downloaded or shown in the browser; which files a browser can show."""

from __future__ import annotations

from pathlib import PurePath
from uuid import UUID

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from onestop.common.web.framing import shown_within_our_pages
from onestop.dossiers.models import Attachment, Dossier
from onestop.staff.models import AccessLog
from onestop.staff.requests import StaffRequest

# The kinds that a browser shows by itself, with their types. The kind was checked at upload (`kinds`).
SHOWN = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jfif": "image/jpeg",
    ".webp": "image/webp",
}
# With this type no browser shows the file as a page.
TO_KEEP = "application/octet-stream"


def kind_shown(attachment: Attachment) -> str:
    """`image`, `pdf`, or empty if no browser shows the file."""
    content_type = SHOWN.get(PurePath(attachment.name).suffix.lower(), "")
    return "pdf" if content_type == SHOWN[".pdf"] else content_type.partition("/")[0]


@require_GET
@never_cache
def attachment(request: StaffRequest, uuid: UUID, ordinal: int) -> FileResponse:
    answer = _opened(request, uuid, ordinal, as_attachment=True)
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@require_GET
@never_cache
def preview(request: StaffRequest, uuid: UUID, ordinal: int) -> FileResponse:
    """Inside the dossier's page, or in a window of its own."""
    answer = _opened(request, uuid, ordinal, as_attachment=False)
    shown_within_our_pages(answer)
    return answer


def _opened(request: StaffRequest, uuid: UUID, ordinal: int, *, as_attachment: bool) -> FileResponse:
    dossier = get_object_or_404(Dossier.objects.visible_to(request.user), uuid=uuid)
    stored = get_object_or_404(dossier.attachments, ordinal=ordinal)
    content_type = SHOWN.get(PurePath(stored.name).suffix.lower(), "")
    if not as_attachment and not content_type:
        raise Http404
    try:
        content = stored.file.open("rb")
    except FileNotFoundError:
        raise Http404(_("Tệp này không còn trong kho.")) from None
    AccessLog.note(request.user, AccessLog.Act.FILE, dossier.uuid)
    answer = FileResponse(
        content, as_attachment=as_attachment, filename=stored.name, content_type=content_type or TO_KEEP
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
