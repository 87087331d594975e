"""How often one address may send ballots and try codes."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.views import APIView

from onestop.catalog.models import Agency
from onestop.throttling import StrangersThrottle


class BallotThrottle(StrangersThrottle):
    """Generous: a whole office's visitors, or many tablets, may stand behind one address."""

    scope = "ballot"


class CodeThrottle(StrangersThrottle):
    """Codes follow one another; nobody shall learn by trial which ones there are. Right and wrong ones count alike."""

    scope = "kiosk_code"

    def __init__(self, agency: Agency) -> None:
        self.agency = agency
        super().__init__()

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.key_of(self.get_ident(request), self.agency.pk)
