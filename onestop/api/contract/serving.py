"""Serves the committed contract to everyone, as YAML and as JSON. Generating it on each request would take long."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from django.http import FileResponse, HttpRequest, HttpResponse
from django.views import View

COMMITTED: Final = Path(__file__).parents[1] / "openapi.yaml"
# Written in C where the library was built with it.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def as_json() -> bytes:
    """The same contract in JSON. Read once in each process: that takes a second."""
    contract = yaml.load(COMMITTED.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 a safe loader of our file
    return json.dumps(contract, ensure_ascii=False, separators=(",", ":")).encode()


class OpenApiView(View):
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> FileResponse:
        return FileResponse(COMMITTED.open("rb"), content_type="application/vnd.oai.openapi")


class OpenApiJsonView(View):
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(as_json(), content_type="application/vnd.oai.openapi+json")
