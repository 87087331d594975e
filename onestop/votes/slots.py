"""What ratings add to the public look-up page of a dossier."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from onestop.common.slots import fills
from onestop.dossiers.models import Dossier

from .ballot_pages.public import new_pass


@fills("look-up-page")
def way_to_rate(request: HttpRequest, dossier: Dossier, token: str) -> str:
    """The link to the ballot once the dossier is accepted: by the receipt's `token`, else by a pass of an hour."""
    if dossier.accepted_at is None:
        return ""
    address = reverse("votes:rate", args=[token]) if token else reverse("votes:rate-by-pass", args=[new_pass(dossier)])
    return render_to_string("votes/way_to_rate.html", {"address": address}, request)
