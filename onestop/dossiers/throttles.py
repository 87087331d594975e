"""How often a citizen may ask without a receipt, by code and the end of a phone."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.views import APIView

from onestop.throttling import StrangersThrottle


class LookUpThrottle(StrangersThrottle):
    """Codes follow one another; nobody shall try them all."""

    scope = "look_up"


class CodeThrottle(StrangersThrottle):
    """For one code, whoever asks: four digits are soon tried through from many addresses."""

    scope = "look_up_code"

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__()

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.key_of(self.code)
