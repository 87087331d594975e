"""The ballot of a receipt, or of a citizen who looked a dossier up, without signing in.

It is not stored who answered.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.dossiers.models import Dossier

from .flow import Place, fill_in, unlisted

PHONE = Place("plain.html")
PASS_SALT, PASS_VALID = "onestop.votes.look_up.pass", timedelta(hours=1)


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


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rate_by_pass(request: HttpRequest, signed: str) -> HttpResponse:
    """For a citizen who looked the dossier up by code and phone. Not the token: it would open the look-up for ever."""
    dossier = _dossier_of_pass(signed)
    if dossier is None:
        return redirect("dossiers:ask")
    return unlisted(fill_in(request, dossier, PHONE, reverse("votes:thanks-by-pass", args=[signed])))


@login_not_required
@require_GET
@never_cache
def thanks_by_pass(request: HttpRequest, signed: str) -> HttpResponse:
    dossier = _dossier_of_pass(signed)
    if dossier is None:
        return redirect("dossiers:ask")
    return unlisted(render(request, "votes/thanks.html", {"dossier": dossier, "place": PHONE}))


def new_pass(dossier: Dossier) -> str:
    return signing.dumps(dossier.pk, salt=PASS_SALT)


def _dossier_of_pass(signed: str) -> Dossier | None:
    """None where the pass is too old or not ours."""
    try:
        pk = signing.loads(signed, salt=PASS_SALT, max_age=PASS_VALID)
    except signing.BadSignature:
        return None
    return get_object_or_404(_rated(), pk=pk)


def _dossier(token: str) -> Dossier:
    return get_object_or_404(_rated(), token=token)


def _rated() -> QuerySet[Dossier]:
    return Dossier.objects.filter(is_test=False).select_related("procedure", "agency")
