"""How large a request may be: a larger one is refused before a byte of it is read.

Every page takes as much as a long form needs. A view that takes files says so with `takes_files`; the partner contract
has bounds of its own (`onestop.rest`), which the framework's views keep.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def takes_files(view: View) -> View:
    """Decorator: all files of one form together, as `UPLOAD_MAX_MB` has it."""
    view.takes_files = True  # type: ignore[attr-defined] # functions take attributes
    return view


def bodies_are_bounded(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, before whatever looks into a form."""

    def respond(request: HttpRequest) -> HttpResponse:
        # A body in pieces does not say how long it is; no browser sends one, and the form would look empty.
        in_pieces = "Transfer-Encoding" in request.headers
        length = _length(request)
        if not in_pieces and length <= settings.PAGE_BODY_MAX_BYTES:
            return get_response(request)
        bound = _bound(request)
        if bound is None or (not in_pieces and length <= bound):
            return get_response(request)
        return render(request, "413.html", {"limit": bound // 1024**2}, status=411 if in_pieces else 413)

    return respond


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 10**18


def _bound(request: HttpRequest) -> int | None:
    """None where the view has its own."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return int(settings.PAGE_BODY_MAX_BYTES)
    if hasattr(view, "cls"):
        return None
    return int(settings.UPLOAD_MAX_BYTES if hasattr(view, "takes_files") else settings.PAGE_BODY_MAX_BYTES)
