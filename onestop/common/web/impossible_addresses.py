"""Addresses that nothing can have: answered like any other page that is not there."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found

logger = logging.getLogger(__name__)

# Twice as long as any number of ours; Python refuses to read one of 4,300 digits.
ENDLESS = re.compile(r"[0-9]{40}")
# As long as no number of a row is; no part of a UUID.
GIANT = re.compile(r"(?<![0-9a-f])(?<![0-9a-f]-)[0-9]{10,}(?![0-9a-f-])")


class ImpossibleAddresses:
    """Middleware. A character of value 0 is in no text of ours and no database takes it. A number that a database or
    Python's own arithmetic cannot hold is the number of nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Partners are told in their own shape; see `onestop.rest.views`.
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
