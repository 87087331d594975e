"""Decides who gets a token: an active partner with a credential that has not expired."""

from __future__ import annotations

from django.utils import timezone
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request


class Validator(OAuth2Validator):  # type: ignore[misc] # the package ships no types
    def authenticate_client(self, request: Request, *args: object, **kwargs: object) -> bool:
        if not super().authenticate_client(request, *args, **kwargs):
            return False
        credential = getattr(request.client, "credential", None)
        return credential is not None and credential.is_usable(timezone.now())

    def _save_bearer_token(self, token: dict[str, object], request: Request, *args: object, **kwargs: object) -> None:
        """Also deletes the client's expired tokens, so that no cleaning job is needed."""
        AccessToken.objects.filter(application=request.client, expires__lte=timezone.now()).delete()
        super()._save_bearer_token(token, request, *args, **kwargs)
