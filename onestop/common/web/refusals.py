"""Logs each refusal (403) in one line: the user, the address, and the pattern of the page, which holds no data."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .visitors import address_of

logger = logging.getLogger(__name__)


def refusals_are_logged(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 403:
            route = request.resolver_match.route if request.resolver_match else "-"
            fields = (_actor(request), address_of(request) or "-", request.method, route)
            logger.warning("403 %s from %s %s /%s", *fields, extra={"request": request})
        return response

    return respond


def _actor(request: HttpRequest) -> str:
    """The member of staff, or the partner whose system calls."""
    user = getattr(request, "user", None)
    partner = getattr(user, "partner", None)
    if partner is not None:
        return f"partner {partner.pk}"
    return f"user {user.pk}" if user is not None and user.is_authenticated else "nobody"


class WithoutRefusals(logging.Filter):
    """Drops Django's own lines about refusals, which contain the whole address and not the user."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 403
