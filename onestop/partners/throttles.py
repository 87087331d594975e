"""How often a partner may call: its own bound, all its credentials together."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from .models import Colleague

if TYPE_CHECKING:
    # The framework's views load this module.
    from rest_framework.views import APIView


class PartnerThrottle(SimpleRateThrottle):
    """What is left is told with every answer (`RateLimit-…`); see `rest.views`."""

    rate = "1/min"  # of the framework's own parsing; each partner's row has the real one
    num_requests: int
    duration: int
    now: float
    scope = "partner"

    def allow_request(self, request: Request, view: APIView) -> bool:
        if isinstance(request.user, Colleague):
            self.num_requests = request.user.partner.rate_per_minute
        allowed = super().allow_request(request, view)
        # Where the view's answer finds what is left.
        request.rate_limit = self  # type: ignore[attr-defined] # see above
        return allowed

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Strangers are not counted: they are turned away before."""
        if not isinstance(request.user, Colleague):
            return None
        return self.cache_format % {"scope": self.scope, "ident": request.user.partner.pk}

    def headers(self) -> dict[str, str]:
        """How many calls a minute, how many of them are left, and in how many seconds the oldest is forgotten."""
        history: list[float] = getattr(self, "history", [])
        reset = ceil(history[-1] + self.duration - self.now) if history else 0
        return {
            "RateLimit-Limit": str(self.num_requests),
            "RateLimit-Remaining": str(max(0, self.num_requests - len(history))),
            "RateLimit-Reset": str(max(0, reset)),
        }
