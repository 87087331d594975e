"""`Idempotency-Key`: a call that is made twice is carried out once, and answered twice with the same words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec, cast

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
# A call that was begun so long ago has died with its process.
LONGEST = timedelta(minutes=10)

More = ParamSpec("More")
Handler = Callable[Concatenate[Any, Request, More], HttpResponseBase]


def once(handler: Handler[More]) -> Handler[More]:
    """A write of a view: all of it in one transaction, and with an `Idempotency-Key` its answer kept in the same one.

    Only what was done is kept. A refusal changed nothing, so the same call may be tried again.
    """

    @wraps(handler)
    def respond(view: Any, request: Request, *args: More.args, **kwargs: More.kwargs) -> HttpResponseBase:
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
                # An answer that is not rendered yet says that it is a page.
                headers = {**response.headers, "Content-Type": JSONRenderer.media_type}
                keep(reply, response.status_code, b"" if data is None else encode(data), headers)
        except BaseException:
            abandon(reply)
            raise
        return response

    return cast(Handler[More], respond)


def fingerprint(request: Request) -> str:
    """Of what is asked: method, address and body. The body of a file is its own digest."""
    digest = sha256(f"{request.method} {request.get_full_path()}\n".encode())
    files = request.FILES.values() if request.FILES else ()
    for file in files:
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
    digest.update(encode(request.data) if not request.FILES else b"")
    return digest.hexdigest()


def begun(request: Request, key: str, fingerprint: str) -> IdempotentReply:
    """The reply to this call: a new one, to be carried out, or with its `status` the one that was given.

    Raises UnderWay while the same call is being carried out, AnotherCall if the key was used for another.
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
        # It was abandoned between our two looks.
        raise UnderWay
    if reply.fingerprint != fingerprint:
        raise AnotherCall
    if reply.status is None:
        dead = IdempotentReply.objects.filter(
            pk=reply.pk, begun_at=reply.begun_at, begun_at__lt=now - LONGEST, status=None
        )
        if not dead.update(begun_at=now):
            raise UnderWay
        reply.begun_at = now
    return reply


def keep(reply: IdempotentReply, status: int, content: bytes, headers: Mapping[str, str]) -> None:
    """Writes the answer down. Raises UnderWay, which undoes the whole call, if another process has taken it over."""
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
    """Forgets a call that came to nothing."""
    IdempotentReply.objects.filter(pk=reply.pk, begun_at=reply.begun_at, status=None).delete()


def replayed(reply: IdempotentReply) -> HttpResponse:
    response = HttpResponse(bytes(reply.content), status=reply.status, content_type=reply.content_type)
    response.headers["Idempotency-Replayed"] = "true"
    if reply.location:
        response.headers["Location"] = reply.location
    if reply.etag:
        response.headers["ETag"] = reply.etag
    return response
