"""How often strangers may ask. The count lives in the cache, for a while, under a hash of whom it is about."""

from __future__ import annotations

from math import ceil

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView


class StrangersThrottle(SimpleRateThrottle):
    """By the address that a request comes from, as often as `scope` allows in the settings."""

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.key_of(self.get_ident(request))

    def key_of(self, *parts: object) -> str:
        who = salted_hmac("onestop.throttling", "|".join(map(str, parts)), algorithm="sha256").hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": who}


def seconds_to_wait(throttle: SimpleRateThrottle, request: HttpRequest) -> int | None:
    """Counts the request; None when it may go on."""
    if throttle.allow_request(Request(request), APIView()):
        return None
    return max(ceil(throttle.wait() or 0), 1)
