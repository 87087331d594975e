"""Pages travel compressed, a fifth of their size: the citizen's phone may be old and the network slow."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPages(GZipMiddleware):
    """Django's own, which pads each answer by chance against guessing at secrets by its size (BREACH).

    For pages alone: workbooks, PDFs and pictures are compressed already, partners’ calls are small and many.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            return super().process_response(request, response)
        return response
