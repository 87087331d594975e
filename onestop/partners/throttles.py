"""How often a partner may call: its own bound, all its credentials together."""

from __future__ import annotations

import time
from math import ceil
from typing import TYPE_CHECKING

from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from .models import PartnerActor

if TYPE_CHECKING:
    # The framework's views load this module.
    from rest_framework.views import APIView

MINUTE = 60


class PartnerThrottle(BaseThrottle):
    """So many calls in each minute of the clock. What is left is told with every answer; see `rest.views`.

    Counted by the cache itself, so that calls at the same instant are all counted: the framework's own throttles
    read, add and write back, and of two that do so at once one is forgotten. In a cache of its own, into which nothing
    is written for strangers: whoever fills another one pushes no partner's count out.
    """

    limit: int
    count: int
    now: float

    def allow_request(self, request: Request, view: APIView) -> bool:
        # Strangers are not counted: they are turned away before.
        if not isinstance(request.user, PartnerActor):
            return True
        self.now = time.time()
        self.limit = request.user.partner.rate_per_minute
        self.count = _counted(f"calls_{request.user.partner.pk}_{int(self.now // MINUTE)}")
        # Where the view's answer finds what is left.
        request.rate_limit = self
        return self.count <= self.limit

    def wait(self) -> float:
        return MINUTE - self.now % MINUTE

    def headers(self) -> dict[str, str]:
        """How many calls a minute, how many of them are left, and in how many seconds counting begins anew."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.count)),
            "RateLimit-Reset": str(ceil(self.wait())),
        }


def _counted(key: str) -> int:
    """How many times this has been asked of `key`, this time included."""
    calls = caches["calls"]
    calls.add(key, 0, 2 * MINUTE)
    try:
        return calls.incr(key)
    except ValueError:
        # A full cache has thrown it out between the two.
        return 1
