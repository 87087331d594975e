"""`dossiers/{uuid}/attachments`: downloads and uploads. An upload is the file itself, with its name as a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser, DataAndFiles
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.catalog.models import Phase
from onestop.dossiers import lifecycle
from onestop.dossiers.files.kinds import KINDS
from onestop.dossiers.files.names import MOST_LETTERS
from onestop.dossiers.models import Attachment, Dossier
from onestop.partners.scopes import ApiScope
from onestop.rest.errors import TooLarge
from onestop.rest.idempotency import once
from onestop.rest.rows import row_of
from onestop.rest.schema import HIDDEN, IDEMPOTENCY_KEY, LOCATION
from onestop.rest.views import ApiView

from .dossiers import IF_MATCH, PARTS, AttachmentRow, for_change

CHUNK = 64 * 1024
# A name without folders that ends as one of the kinds of files, in small letters or capitals.
_ENDINGS = "|".join(
    "".join(f"[{sign}{sign.upper()}]" if sign.isalpha() else sign for sign in kind[1:]) for kind in KINDS
)
NAMED = {
    "type": "string",
    "maxLength": MOST_LETTERS,
    "pattern": rf"^[^{HIDDEN}./\\][^{HIDDEN}/\\]*\.({_ENDINGS})$",
}


class FileParser(BaseParser):
    """Reads the body as a file, whatever its content type. Raises TooLarge as soon as it exceeds the limit."""

    media_type = "*/*"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, object] | None = None
    ) -> DataAndFiles[dict[str, object], dict[str, File[bytes]]]:
        kept = TemporaryFile()  # noqa: SIM115 closed by the view
        view = parser_context["view"] if parser_context is not None else None
        if isinstance(view, AttachmentsView):
            view.kept = kept
        while chunk := stream.read(CHUNK):
            kept.write(chunk)
            if kept.tell() > settings.ATTACHMENT_MAX_BYTES:
                raise TooLarge
        kept.seek(0)
        return DataAndFiles({}, {"file": File(kept)})


class AttachmentsView(ApiView):
    """The files of one dossier."""

    scopes = {"get": ApiScope.DOSSIERS_READ, "post": ApiScope.ATTACHMENTS_WRITE}
    parameters = {"post": frozenset({"name", "phase"})}
    parser_classes = (FileParser,)
    serializer_class = AttachmentRow
    pagination_class = None
    kept: IO[bytes] | None = None

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Closes the uploaded file, also where it is refused: a traceback would keep it open, with its disk space."""
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            if self.kept is not None:
                self.kept.close()

    @extend_schema(
        operation_id="attachments_list",
        summary=_("Các tệp đính kèm của một hồ sơ"),
        description=_("Tên, kích thước và SHA-256 của từng tệp. Nội dung được tải về theo số thứ tự."),
        responses=AttachmentRow(many=True),
    )
    def get(self, request: Request, uuid: UUID) -> Response:
        seen = Dossier.objects.visible_to(self.colleague)  # scope: files
        dossier = seen.prefetch_related("attachments").filter(uuid=uuid).first()
        if dossier is None:
            raise Http404
        return Response([row_of(attachment, PARTS["attachments"]) for attachment in dossier.attachments.all()])

    @extend_schema(
        operation_id="attachments_upload",
        summary=_("Tải một tệp lên; thân yêu cầu là chính tệp đó"),
        description=_("Nhận PDF, ảnh và tệp văn phòng; tệp có nội dung bị ẩn hoặc mã thực thi bị từ chối."),
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: AttachmentRow},
        parameters=[
            OpenApiParameter("name", NAMED, required=True, description=_("Tên tệp, như giay-chung-sinh.pdf.")),
            OpenApiParameter(
                "phase", int, enum=Phase.values, default=1, description=_("1 tiếp nhận, 2 bổ sung, 3 trả.")
            ),
            IF_MATCH,
            IDEMPOTENCY_KEY,
            LOCATION,
        ],
    )
    @once
    def post(self, request: Request, uuid: UUID) -> Response:
        dossier = for_change(request, uuid, self.colleague)
        file = request.FILES.get("file")
        if file is None:
            raise ValidationError(gettext("Thân yêu cầu phải là tệp."))
        phase = request.query_params.get("phase", "1")
        if phase not in map(str, Phase.values):
            raise ValidationError({"phase": [gettext("Phải là 1, 2 hoặc 3.")]})
        named: File[bytes] = File(file.file, name=request.query_params.get("name", ""))
        lifecycle.amend(dossier, self.colleague, files=[named], phase=Phase(int(phase)))
        attachment = dossier.attachments.last()
        place = f"/api/v1/dossiers/{uuid}/attachments/{attachment.ordinal}" if attachment else ""
        data = row_of(attachment, PARTS["attachments"]) if attachment else {}
        return Response(data, status=status.HTTP_201_CREATED, headers={"Location": place})


class AttachmentView(ApiView):
    """The content of one file."""

    scopes = {"get": ApiScope.ATTACHMENTS_READ}
    serializer_class = None

    @extend_schema(
        operation_id="attachments_download",
        summary=_("Tải một tệp về"),
        description=_("Nội dung của tệp, đúng từng byte như khi tải lên. ETag là SHA-256 của tệp."),
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, uuid: UUID, ordinal: int) -> HttpResponseBase:
        seen = Dossier.objects.visible_to(self.colleague).filter(uuid=uuid)  # scope: a file
        attachment = Attachment.objects.filter(dossier__in=seen, ordinal=ordinal).first()
        if attachment is None:
            raise Http404
        try:
            content = attachment.file.open("rb")
        except FileNotFoundError as error:
            raise Http404 from error
        response = FileResponse(
            content, as_attachment=True, filename=attachment.name, content_type="application/octet-stream"
        )
        response.headers["ETag"] = f'"{attachment.sha256}"'
        return response
