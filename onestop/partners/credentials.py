"""Issues, rotates and withdraws the credentials of a partner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import AccessToken, Application

from .models import Credential, Partner


@dataclass(frozen=True)
class Issued:
    """A new credential and its secret, which is shown once and never stored in plain text."""

    credential: Credential
    secret: str

    def as_json(self) -> dict[str, str]:
        """The data that the partner needs to get its first token."""
        return {
            "client_id": str(self.credential),
            "client_secret": self.secret,
            "token_url": settings.PUBLIC_URL + reverse("partners:token"),
        }


@transaction.atomic
def issue(partner: Partner) -> Issued:
    secret: str = generate_client_secret()
    application = Application.objects.create(
        name=partner.name,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
    )
    return Issued(Credential.objects.create(partner=partner, application=application), secret)


@transaction.atomic
def rotate(partner: Partner, old_until: datetime) -> Issued:
    """A new credential. The earlier ones end at `old_until`, or at their own end if that is earlier."""
    # The lock puts two rotations at the same time in order: the second one also ends the credential of the first.
    Partner.objects.select_for_update().get(pk=partner.pk)
    partner.credentials.filter(expires_at=None).update(expires_at=old_until)
    partner.credentials.filter(expires_at__gt=old_until).update(expires_at=old_until)
    return issue(partner)


@transaction.atomic
def switch_off(partner: Partner) -> None:
    """Ends all access of the partner at once. Its tokens are deleted, so none is valid if it returns."""
    partner.is_active = False
    partner.save(update_fields=["is_active"])
    AccessToken.objects.filter(application__credential__partner=partner).delete()
