"""Serves the committed contract to everyone. To generate it on each request would take seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.http import FileResponse, HttpRequest
from django.views import View

COMMITTED: Final = Path(__file__).with_name("openapi.yaml")


class OpenApiView(View):
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> FileResponse:
        return FileResponse(COMMITTED.open("rb"), content_type="application/vnd.oai.openapi")
