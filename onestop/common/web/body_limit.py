"""Limits the size of a request. A larger request is refused before its body is read.

Every page accepts as much as a long form needs. A view that accepts files is marked with `takes_files`. The partner
API has limits of its own (`onestop.rest`), which its views check.
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
    """Decorator: the view accepts requests up to `UPLOAD_MAX_MB`, which is for all files of one form together."""
    view.takes_files = True  # type: ignore[attr-defined] # functions take attributes
    return view


def bodies_are_bounded(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, to be placed before all middleware that reads a form."""

    def respond(request: HttpRequest) -> HttpResponse:
        # A chunked body does not declare its length. No browser sends one, and Django would read it as an empty form.
        in_pieces = "Transfer-Encoding" in request.headers
        text = request.META.get("CONTENT_LENGTH") or "0"
        # Text that is no number, or a number too long to be converted cheaply, counts as too large.
        length = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 10**18
        if not in_pieces and length <= settings.PAGE_BODY_MAX_BYTES:
            return get_response(request)
        bound = _bound(request)
        if bound is None or (not in_pieces and length <= bound):
            return get_response(request)
        return render(request, "413.html", {"limit": bound // 1024**2}, status=411 if in_pieces else 413)

    return respond


def _bound(request: HttpRequest) -> int | None:
    """The limit of the requested page in bytes; None for a view of the partner API, which checks its own."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return int(settings.PAGE_BODY_MAX_BYTES)
    if hasattr(view, "cls"):
        return None
    return int(settings.UPLOAD_MAX_BYTES if hasattr(view, "takes_files") else settings.PAGE_BODY_MAX_BYTES)
