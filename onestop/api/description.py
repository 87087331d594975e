"""The contract as it was committed, for machines: making it anew takes seconds, and anybody may ask for it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

COMMITTED: Final = Path(__file__).with_name("openapi.yaml")


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> FileResponse:
    return FileResponse(COMMITTED.open("rb"), content_type="application/vnd.oai.openapi")
