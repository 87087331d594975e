"""What ratings add to the public look-up page of a dossier."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from onestop.common.slots import fills
from onestop.dossiers.models import Dossier


@fills("look-up-page")
def way_to_rate(request: HttpRequest, dossier: Dossier, token: str) -> str:
    """The link to the ballot, for a citizen with the receipt's `token`, after the dossier was accepted."""
    if not token or dossier.accepted_at is None:
        return ""
    return render_to_string("votes/way_to_rate.html", {"token": token}, request)
