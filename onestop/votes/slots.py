"""What ratings add to the page on which a citizen looks a dossier up."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from onestop.common.slots import fills
from onestop.dossiers.models import Dossier


@fills("look-up-page")
def way_to_rate(request: HttpRequest, dossier: Dossier, token: str) -> str:
    """For a citizen who holds the receipt, which `token` proves, once there is service to rate."""
    if not token or dossier.accepted_at is None:
        return ""
    return render_to_string("votes/way_to_rate.html", {"token": token}, request)
