"""Answers addresses that cannot exist with 404, as any other unknown page."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found

logger = logging.getLogger(__name__)

# Twice as long as any number in our addresses. Python refuses to convert a number of 4,300 digits.
ENDLESS = re.compile(r"[0-9]{40}")
# Longer than the number of any row; digits within a UUID do not count.
GIANT = re.compile(r"(?<![0-9a-f])(?<![0-9a-f]-)[0-9]{10,}(?![0-9a-f-])")


class ImpossibleAddresses:
    """Middleware. No text contains the character NUL, and no database accepts it. No row has a number that a database
    or Python's arithmetic cannot hold."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The partner API answers in its own format; see `onestop.rest.views`.
        path = request.path_info
        is_impossible = "\0" in path or "%00" in request.META.get("QUERY_STRING", "") or ENDLESS.search(path)
        if is_impossible and not path.startswith("/api/"):
            raise Http404
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OverflowError | DataError) and GIANT.search(request.get_full_path()):
            logger.info("a giant number in an address: %s", type(error).__name__)
            return page_not_found(request, error)
        return None
