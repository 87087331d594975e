"""The token endpoint. It limits how often one address may try, because checking a secret is expensive on purpose."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView

from onestop.common.web.hashing import TooManyAtOnce
from onestop.common.web.throttling import rate_of
from onestop.common.web.visitors import address_of, network_of
from onestop.staff import brakes


class ClientCredentials(TokenView):  # type: ignore[misc] # the package ships no types
    """Serves token requests alone. The library's view would also serve its flow for devices without a keyboard."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response: HttpResponse = self.authorization_flow_token_response(request)
        return response


_grant = ClientCredentials.as_view()


@csrf_exempt
@login_not_required
@cache_control(no_store=True)
def token(request: HttpRequest) -> HttpResponse:
    """Counts each try before the secret is checked, right or wrong, in all processes together."""
    if wait := brakes.press(rate_of("token"), "token", network_of(address_of(request))):
        return _later("slow_down", "Too many requests for tokens.", 429, wait)
    try:
        response: HttpResponse = _grant(request)
    except TooManyAtOnce as error:
        return _later("temporarily_unavailable", "Too many secrets to check.", 503, error.retry_after)
    return response


def _later(error: str, described: str, status: int, seconds: int) -> HttpResponse:
    headers = {"Retry-After": str(seconds)}
    return JsonResponse({"error": error, "error_description": described}, status=status, headers=headers)
