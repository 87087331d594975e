"""A refusal (403) is one line in the log: who, from where, and which page by its pattern, which names nobody."""

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
            fields = (_who(request), address_of(request) or "-", request.method, route)
            logger.warning("403 %s from %s %s /%s", *fields, extra={"request": request})
        return response

    return respond


def _who(request: HttpRequest) -> str:
    """A member of staff, or for partners' calls the partner."""
    user = getattr(request, "user", None)
    partner = getattr(user, "partner", None)
    if partner is not None:
        return f"partner {partner.pk}"
    return f"user {user.pk}" if user is not None and user.is_authenticated else "nobody"


class WithoutRefusals(logging.Filter):
    """Django's own lines of the same, which tell the whole address and not who."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 403
