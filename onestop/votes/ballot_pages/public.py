"""The ballot of a receipt, without signing in. It is not stored who answered."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.dossiers.models import Dossier

from .flow import Place, fill_in, unlisted

PHONE = Place("plain.html")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """By the receipt's token, like the look-up page."""
    dossier = _dossier(token)
    return unlisted(fill_in(request, dossier, PHONE, reverse("votes:thanks", args=[token])))


@login_not_required
@require_GET
@never_cache
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """A ballot redirects here after it is cast, so that reloading the page does not send it twice."""
    return unlisted(render(request, "votes/thanks.html", {"dossier": _dossier(token), "place": PHONE}))


def _dossier(token: str) -> Dossier:
    rated = Dossier.objects.filter(is_test=False).select_related("procedure", "agency")
    return get_object_or_404(rated, token=token)
