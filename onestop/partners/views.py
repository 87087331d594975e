"""The OAuth2 endpoints: token, revocation, and the metadata by which clients find them.

Both endpoints limit how often one address may try, because checking a secret is expensive on purpose.
"""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from oauth2_provider.views import RevokeTokenView, TokenView

from onestop.common.web.hashing import TooManyAtOnce
from onestop.common.web.throttling import rate_of
from onestop.common.web.visitors import address_of, network_of
from onestop.staff import brakes

from .request_ids import HEADER, request_id
from .scopes import ApiScope

# RFC 6749 §2.3.1: in the header, or in the body.
AUTHENTICATION_METHODS = ["client_secret_basic", "client_secret_post"]


class ClientCredentials(TokenView):  # type: ignore[misc] # the package ships no types
    """Serves token requests alone. The library's view would also serve its flow for devices without a keyboard."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response: HttpResponse = self.authorization_flow_token_response(request)
        return response


_grant = ClientCredentials.as_view()
_revocation = RevokeTokenView.as_view()


@csrf_exempt
@login_not_required
@cache_control(no_store=True)
def token(request: HttpRequest) -> HttpResponse:
    """Gives a token for a credential (RFC 6749 §4.4)."""
    return _with_one_credential(request, _grant)


@csrf_exempt
@login_not_required
@cache_control(no_store=True)
def revoke(request: HttpRequest) -> HttpResponse:
    """Ends a token of the client's own (RFC 7009). An unknown token is answered alike."""
    return _with_one_credential(request, _revocation)


def _with_one_credential(request: HttpRequest, endpoint: object) -> HttpResponse:
    """The answer of the library's `endpoint`. Counts each try before the secret is checked, in all processes together.

    A client authenticates in one way only (RFC 6749 §2.3). Where it fails, the answer names the scheme (§5.2).
    """
    assert callable(endpoint)  # noqa: S101 a view
    if wait := brakes.press(rate_of("token"), "token", network_of(address_of(request))):
        response = _later("slow_down", "Too many requests for tokens.", HTTPStatus.TOO_MANY_REQUESTS, wait)
    elif request.method == "POST" and "Authorization" in request.headers and "client_secret" in request.POST:
        response = JsonResponse(
            {"error": "invalid_request", "error_description": "More than one way of authentication."},
            status=HTTPStatus.BAD_REQUEST,
        )
    else:
        try:
            response = endpoint(request)
        except TooManyAtOnce as error:
            response = _later(
                "temporarily_unavailable",
                "Too many secrets to check.",
                HTTPStatus.SERVICE_UNAVAILABLE,
                error.retry_after,
            )
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Basic realm="oauth2", charset="UTF-8"'
    response.headers[HEADER] = request_id(request)
    return response


def _later(error: str, described: str, status: int, seconds: int) -> HttpResponse:
    headers = {"Retry-After": str(seconds)}
    return JsonResponse({"error": error, "error_description": described}, status=status, headers=headers)


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def metadata(request: HttpRequest) -> HttpResponse:
    """Tells clients where the endpoints are and what they take (RFC 8414)."""
    return JsonResponse(
        {
            "issuer": settings.PUBLIC_URL,
            "token_endpoint": settings.PUBLIC_URL + reverse("partners:token"),
            "token_endpoint_auth_methods_supported": AUTHENTICATION_METHODS,
            "revocation_endpoint": settings.PUBLIC_URL + reverse("partners:revoke"),
            "revocation_endpoint_auth_methods_supported": AUTHENTICATION_METHODS,
            "grant_types_supported": ["client_credentials"],
            # No authorization endpoint, so none of its types of answers.
            "response_types_supported": [],
            "scopes_supported": sorted(ApiScope.values),
            "service_documentation": settings.PUBLIC_URL + "/api/v1/docs",
        }
    )
