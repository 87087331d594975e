"""Limits how often a partner may call. All credentials of a partner share one limit."""

from __future__ import annotations

import time
from math import ceil
from typing import TYPE_CHECKING

from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from .models import PartnerActor

if TYPE_CHECKING:
    # The framework's views import this module, so an import at run time would be circular.
    from rest_framework.views import APIView

MINUTE = 60


class PartnerThrottle(BaseThrottle):
    """Limits the calls in each minute of the clock. Every answer says how many are left; see `rest.views`.

    The cache itself adds to the count, so calls at the same instant are all counted. The framework's own throttles
    read, add and write back, and lose one of two calls at the same time. The cache holds nothing but these counts, and
    nothing is written to it for strangers, so strangers cannot push out a partner's count.
    """

    limit: int
    count: int
    now: float

    def allow_request(self, request: Request, view: APIView) -> bool:
        # Strangers are not counted. The permission refuses their calls.
        if not isinstance(request.user, PartnerActor):
            return True
        self.now = time.time()
        self.limit = request.user.partner.rate_per_minute
        self.count = _counted(f"calls_{request.user.partner.pk}_{int(self.now // MINUTE)}")
        # `ApiView.finalize_response` reads the headers from here.
        request.rate_limit = self
        return self.count <= self.limit

    def wait(self) -> float:
        return MINUTE - self.now % MINUTE

    def headers(self) -> dict[str, str]:
        """The limit for a minute, the calls left in it, and the seconds until the next minute.

        In the two forms of draft-ietf-httpapi-ratelimit-headers: that of its revision 10, and the earlier one.
        """
        left, seconds = max(0, self.limit - self.count), ceil(self.wait())
        return {
            "RateLimit-Policy": f'"minute";q={self.limit};w={MINUTE}',
            "RateLimit": f'"minute";r={left};t={seconds}',
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(seconds),
        }


def _counted(key: str) -> int:
    """Adds one to the count of `key` and returns it."""
    calls = caches["calls"]
    calls.add(key, 0, 2 * MINUTE)
    try:
        return calls.incr(key)
    except ValueError:
        # A full cache has removed the count between the two calls.
        return 1
