"""`X-Request-ID`: the number of a call, by which a partner and the office find it in their logs."""

from __future__ import annotations

import re
import uuid
from typing import Final

from django.http import HttpRequest

HEADER: Final = "X-Request-ID"
# What log files of all kinds take as one word.
_FIT: Final = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")


def request_id(request: HttpRequest) -> str:
    """The caller's own number of this call, or one that is made here, the same each time for one call."""
    known: str | None = getattr(request, "request_id", None)
    if known is None:
        sent = request.headers.get(HEADER, "")
        known = sent if _FIT.fullmatch(sent) else str(uuid.uuid4())
        request.request_id = known  # type: ignore[attr-defined] # an attribute of ours
    return known
