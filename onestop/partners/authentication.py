"""Authenticates a call by the partner's token. Only the `Authorization` header is read, no parameter or cookie."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.models import AccessToken
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from .models import Credential, PartnerActor
from .scopes import PartnerScopes

if TYPE_CHECKING:
    # The framework's views import this module, so an import at run time would be circular.
    from drf_spectacular.openapi import AutoSchema

NOTED_AT_MOST_EVERY = timedelta(minutes=1)


class PartnerAuthentication(BaseAuthentication):
    """Takes one query for a call. Partner and scopes are read for each call, so a withdrawal counts at once."""

    def authenticate(self, request: Request) -> tuple[PartnerActor, AccessToken] | None:
        scheme, _space, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":  # scope: scheme
            return None
        now = timezone.now()
        access_token = (
            AccessToken.objects.select_related("application__credential__partner")
            .filter(token_checksum=sha256(token.strip()).hexdigest(), expires__gt=now)  # scope: expired
            .first()
        )
        credential: Credential | None = getattr(access_token.application, "credential", None) if access_token else None
        if access_token is None or credential is None or not credential.is_usable(now):  # scope: credential
            raise AuthenticationFailed(_("Token không đúng, đã hết hạn hoặc đã bị thu hồi."))
        last = credential.last_used_at
        if last is None or now - last > NOTED_AT_MOST_EVERY:
            # Of several calls at the same time only the first writes.
            Credential.objects.filter(pk=credential.pk, last_used_at=last).update(last_used_at=now)
        granted = set(access_token.scope.split()) & set(credential.partner.scopes)  # scope: granted
        return PartnerActor(credential.partner, granted), access_token

    def authenticate_header(self, request: Request) -> str:
        """The challenge of RFC 6750 §3: a call without a token is told no error."""
        scheme = get_authorization_header(request).partition(b" ")[0]
        error = ', error="invalid_token"' if scheme.lower() == b"bearer" else ""
        return f'Bearer realm="api"{error}'  # scope: challenge


class PartnerAuthenticationDescribed(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # untyped hooks
    """Describes the authentication in the contract."""

    target_class = PartnerAuthentication
    name = "oauth2"

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:  # Any: its view is an `ApiView`
        return {self.name: sorted(auto_schema.view.required_scopes(auto_schema.method))}

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, object]:
        flow = {"tokenUrl": "/oauth2/token", "scopes": PartnerScopes().get_all_scopes()}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}
