"""Compresses pages to about a fifth of their size, because a citizen's phone may be old and the network slow."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPages(GZipMiddleware):
    """Django's middleware, for pages alone: workbooks, PDFs and pictures are compressed already, and partners' calls
    are small and many.

    Django adds a random number of bytes to each answer, so that its size does not reveal secrets (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            return super().process_response(request, response)
        return response
