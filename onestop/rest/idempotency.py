"""`Idempotency-Key`: a call that is made twice is carried out once, and both get the same answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from onestop.partners.models import IdempotentReply, PartnerActor

from .errors import AnotherCall, UnderWay
from .rendering import JSONRenderer, encode

KEPT = timedelta(days=7)
# A call that began so long ago has ended with its process.
LONGEST = timedelta(minutes=10)

View = TypeVar("View")
More = ParamSpec("More")
Handler = Callable[Concatenate[View, Request, More], HttpResponseBase]


def once(handler: Handler[View, More]) -> Handler[View, More]:
    """Decorator of a view's write: runs it in one transaction, and stores its answer there if the call has a key.

    Only the answers of calls that succeed are stored. A refusal changes nothing, so the same call may be tried again.
    """

    @wraps(handler)
    def respond(view: View, request: Request, /, *args: More.args, **kwargs: More.kwargs) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            with transaction.atomic():
                return handler(view, request, *args, **kwargs)
        reply = begun(request, key, fingerprint(request))
        if reply.status is not None:
            return replayed(reply)
        try:
            with transaction.atomic():
                response = handler(view, request, *args, **kwargs)
                data = getattr(response, "data", None)
                # An answer that is not rendered yet has Django's content type for pages.
                headers = {**response.headers, "Content-Type": JSONRenderer.media_type}
                keep(reply, response.status_code, b"" if data is None else encode(data), headers)
        except BaseException:
            abandon(reply)
            raise
        return response

    return respond


def fingerprint(request: Request) -> str:
    """The hash of method, address and body, by which a repeated call is recognised."""
    digest = sha256(f"{request.method} {request.get_full_path()}\n".encode())
    files = request.FILES.values() if request.FILES else ()
    for file in files:
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
    digest.update(encode(request.data) if not request.FILES else b"")
    return digest.hexdigest()


def begun(request: Request, key: str, fingerprint: str) -> IdempotentReply:
    """The reply to this call. With a `status` it is the stored answer; without one the caller carries out the call.

    Raises UnderWay while the same call is being carried out, AnotherCall if the key was used for another call, and
    ValidationError for a key that is not valid.
    """
    if not key.isascii() or not key.isprintable() or not 1 <= len(key) <= 255:
        raise ValidationError({"Idempotency-Key": [_("Gồm 1 đến 255 ký tự ASCII in được.")]})
    assert isinstance(request.user, PartnerActor)  # noqa: S101 the permission has seen to that
    partner, now = request.user.partner, timezone.now()
    IdempotentReply.objects.filter(partner=partner, begun_at__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            return IdempotentReply.objects.create(partner=partner, key=key, fingerprint=fingerprint, begun_at=now)
    except IntegrityError:
        reply = IdempotentReply.objects.filter(partner=partner, key=key).first()
    if reply is None:
        # Another process abandoned the call between the two queries.
        raise UnderWay
    if reply.fingerprint != fingerprint:
        raise AnotherCall
    if reply.status is None:
        # `begun_at` is a condition of the update itself, so only one process takes over a dead call.
        dead = IdempotentReply.objects.filter(
            pk=reply.pk, begun_at=reply.begun_at, begun_at__lt=now - LONGEST, status=None
        )
        if not dead.update(begun_at=now):
            raise UnderWay
        reply.begun_at = now
    return reply


def keep(reply: IdempotentReply, status: int, content: bytes, headers: Mapping[str, str]) -> None:
    """Stores the answer. Raises UnderWay, which rolls back the whole call, if another process has taken it over."""
    kept = IdempotentReply.objects.filter(pk=reply.pk, begun_at=reply.begun_at, status=None).update(
        status=status,
        content=content,
        content_type=headers["Content-Type"],
        location=headers.get("Location", ""),
        etag=headers.get("ETag", ""),
        begun_at=F("begun_at"),
    )
    if not kept:
        raise UnderWay


def abandon(reply: IdempotentReply) -> None:
    """Removes the record of a call that failed, so that it may be tried again."""
    IdempotentReply.objects.filter(pk=reply.pk, begun_at=reply.begun_at, status=None).delete()


def replayed(reply: IdempotentReply) -> HttpResponse:
    response = HttpResponse(bytes(reply.content), status=reply.status, content_type=reply.content_type)
    response.headers["Idempotency-Replayed"] = "true"
    if reply.location:
        response.headers["Location"] = reply.location
    if reply.etag:
        response.headers["ETag"] = reply.etag
    return response
