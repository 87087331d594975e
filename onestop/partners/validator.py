"""Who gets a token: partners in use, by a credential that has not run out."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request


class Validator(OAuth2Validator):  # type: ignore[misc] # the package ships no types
    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        if not super().authenticate_client(request, *args, **kwargs):
            return False
        credential = getattr(request.client, "credential", None)
        return credential is not None and credential.is_usable(timezone.now())

    def _save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Clears the client's old ones away on this occasion, so that nobody has to think of it."""
        AccessToken.objects.filter(application=request.client, expires__lte=timezone.now()).delete()
        super()._save_bearer_token(token, request, *args, **kwargs)
