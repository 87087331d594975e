"""How often one address may send ballots and try codes. The count lives in the cache, for a minute, under a hash."""

from __future__ import annotations

from math import ceil

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from onestop.catalog.models import Agency


class BallotThrottle(SimpleRateThrottle):
    """Generous: a whole office's visitors, or many tablets, may stand behind one address."""

    scope = "ballot"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self._key(self.get_ident(request))

    def _key(self, *parts: object) -> str:
        who = salted_hmac("onestop.votes.throttles", "|".join(map(str, parts)), algorithm="sha256").hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": who}


class CodeThrottle(BallotThrottle):
    """Codes follow one another; nobody shall learn by trial which ones there are. Right and wrong ones count alike."""

    scope = "kiosk_code"

    def __init__(self, agency: Agency) -> None:
        self.agency = agency
        super().__init__()

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self._key(self.get_ident(request), self.agency.pk)


def seconds_to_wait(throttle: SimpleRateThrottle, request: HttpRequest) -> int | None:
    """Counts the request; None when it may go on."""
    if throttle.allow_request(Request(request), APIView()):
        return None
    return max(ceil(throttle.wait() or 0), 1)
