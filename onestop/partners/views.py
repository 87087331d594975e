"""The token endpoint, with a bound on how often one address may try: checking a secret is dear on purpose."""

from __future__ import annotations

from math import ceil
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView


class ClientCredentials(TokenView):  # type: ignore[misc] # the package ships no types
    """The library's view would also serve devices that have no keyboard."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = self.authorization_flow_token_response(request)
        return response


class TokenThrottle(SimpleRateThrottle):
    scope = "token"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


_grant = ClientCredentials.as_view()


@csrf_exempt
@login_not_required
@cache_control(no_store=True)
def token(request: HttpRequest) -> HttpResponse:
    throttle = TokenThrottle()
    if not throttle.allow_request(Request(request), APIView()):
        answer = JsonResponse({"error": "slow_down", "error_description": "Too many requests for tokens."}, status=429)
        answer.headers["Retry-After"] = str(max(ceil(throttle.wait() or 0), 1))
        return answer
    response: HttpResponse = _grant(request)
    return response
