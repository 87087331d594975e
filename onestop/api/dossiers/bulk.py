"""`POST /dossiers/bulk`: takes up to ten thousand dossiers in one call, and answers line by line."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from django.conf import settings
from django.db import transaction
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError, UnsupportedMediaType, ValidationError
from rest_framework.request import Request

from onestop.partners.models import IdempotentReply
from onestop.partners.scopes import ApiScope
from onestop.rest.errors import TooLarge
from onestop.rest.fields import ListInput
from onestop.rest.idempotency import abandon, begun, keep, replayed
from onestop.rest.rendering import encode
from onestop.rest.schema import IDEMPOTENCY_KEY, Problem
from onestop.rest.strict_input import NotStrictJSON, rows
from onestop.rest.views import ApiView

from .bulk_intake import BulkIntake
from .bulk_lines import LINE
from .dossiers import EXAMPLE
from .intake import DossierInput

MOST_ROWS: Final = 10_000
_PIECE: Final = 64 * 1024
_NDJSON: Final = "application/x-ndjson"
_TAKEN: Final = ("application/json", _NDJSON)


class BulkView(ApiView):
    """`mode=atomic`: all rows or none; left out, each for itself. `dry_run=true`: everything but keeping it."""

    scopes = {"post": ApiScope.DOSSIERS_CREATE}
    parameters = {"post": frozenset({"dry_run", "mode"})}

    @extend_schema(
        summary=_("Nộp đến 10.000 hồ sơ; mỗi dòng trả lời cho một hồ sơ, dòng cuối là tổng"),
        description=_(
            "Gửi một mảng JSON, hoặc mỗi dòng một hồ sơ (application/x-ndjson). Câu trả lời có mỗi dòng một đối tượng "
            "BulkLine: kết quả của từng hồ sơ theo thứ tự gửi, dòng cuối là tổng. Dòng bị từ chối không cản các dòng "
            "khác, trừ khi `mode=atomic`: khi đó không hồ sơ nào được lưu và câu trả lời là 422."
        ),
        request={
            "application/json": ListInput(child=DossierInput(), allow_empty=False, max_length=MOST_ROWS),
            _NDJSON: DossierInput,
        },
        responses={
            (200, _NDJSON): LINE,
            (422, _NDJSON): LINE,
            (422, "application/json"): Problem,
        },
        parameters=[
            OpenApiParameter("mode", str, enum=["rows", "atomic"], description=_("atomic: tất cả hoặc không gì cả.")),
            OpenApiParameter("dry_run", bool, description=_("true: làm thử, không lưu gì.")),
            IDEMPOTENCY_KEY,
        ],
        examples=[
            OpenApiExample("Một hồ sơ trong mảng", EXAMPLE, request_only=True, media_type="application/json"),
            OpenApiExample("Một dòng", EXAMPLE, request_only=True, media_type=_NDJSON),
        ],
    )
    def post(self, request: Request) -> HttpResponseBase:
        if request.content_type.partition(";")[0].strip().lower() not in _TAKEN:
            raise UnsupportedMediaType(request.content_type)
        # The body is stored in a file first. A client that reads the answer only after it has sent everything would
        # otherwise wait for us while we wait for it.
        body = TemporaryFile()  # noqa: SIM115 closed with the answer that is made of it
        try:
            return self._answered(request, body)
        except BaseException:
            body.close()
            raise

    def _answered(self, request: Request, body: BinaryIO) -> HttpResponseBase:
        dry_run = _one_of(request, "dry_run", ("false", "true")) == "true"
        all_or_none = _one_of(request, "mode", ("rows", "atomic")) == "atomic"
        digest = _spooled(request, body)
        _check_readable(body)
        key = request.headers.get("Idempotency-Key")
        reply = None if key is None else begun(request, key, digest)
        if reply is not None and reply.status is not None:
            body.close()
            return replayed(reply)
        intake = BulkIntake(self.colleague, dry_run=dry_run)
        if not all_or_none:
            return StreamingHttpResponse(_kept(_lines(intake, body), reply), content_type=_NDJSON)
        try:
            return self._all_or_none(intake, body, reply)
        except BaseException:
            _forget(reply)
            raise

    def _all_or_none(self, intake: BulkIntake, body: BinaryIO, reply: IdempotentReply | None) -> HttpResponseBase:
        with transaction.atomic():
            lines = list(_lines(intake, body))
            refused = bool(intake.counts["rejected"])
            transaction.set_rollback(refused)
        if refused:
            lines = [line for line in lines if b'"status":"rejected"' in line or line.startswith(b'{"summary"')]
            _forget(reply)
            return StreamingHttpResponse(lines, content_type=_NDJSON, status=422)
        return StreamingHttpResponse(_kept(iter(lines), reply), content_type=_NDJSON)


def _one_of(request: Request, name: str, words: tuple[str, ...]) -> str:
    """The word of the parameter `name`, or the first of `words` without it. Raises ValidationError for other words."""
    word = request.query_params.get(name, words[0])
    if word not in words:
        raise ValidationError({name: [gettext("Chỉ nhận: %(words)s.") % {"words": ", ".join(words)}]})
    return word


def _spooled(request: Request, body: BinaryIO) -> str:
    """Writes the request's body into `body`, and returns the fingerprint of the call. Raises TooLarge."""
    digest = sha256(f"{request.method} {request.get_full_path()}\n".encode())
    size = 0
    while piece := request.stream.read(_PIECE) if request.stream is not None else b"":
        size += len(piece)
        if size > settings.API_BULK_MAX_BYTES:
            raise TooLarge
        digest.update(piece)
        body.write(piece)
    return digest.hexdigest()


def _check_readable(body: BinaryIO) -> None:
    """Raises ParseError or TooLarge, before anything is stored, where the rows cannot be read to the end."""
    body.seek(0)
    count = 0
    try:
        for count, _row in rows(body):
            if count > MOST_ROWS:
                raise TooLarge(gettext("Nhiều nhất %(most)d hồ sơ trong một lần gửi.") % {"most": MOST_ROWS})
    except NotStrictJSON as error:
        raise ParseError(str(error)) from error
    if not count:
        raise ParseError(gettext("Không có hồ sơ nào."))


def _lines(intake: BulkIntake, body: BinaryIO) -> Iterator[bytes]:
    body.seek(0)
    with body:
        for answer in intake.take(rows(body)):
            yield encode(answer) + b"\n"
    yield encode({"summary": dict(intake.counts)}) + b"\n"


def _kept(lines: Iterator[bytes], reply: IdempotentReply | None) -> Iterator[bytes]:
    """The lines. With an `Idempotency-Key` it stores them all at the end, or forgets the call if it breaks off.

    Dossiers that an interrupted call has stored are reported as unchanged by the next call.
    """
    sent: list[bytes] = []
    try:
        for line in lines:
            if reply is not None:
                sent.append(line)
            yield line
        if reply is not None:
            keep(reply, 200, b"".join(sent), {"Content-Type": _NDJSON})
            reply = None
    finally:
        _forget(reply)


def _forget(reply: IdempotentReply | None) -> None:
    if reply is not None:
        abandon(reply)
