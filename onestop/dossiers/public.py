"""What a citizen sees who scans the code on a receipt: how the dossier stands, and nothing about a person."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from .models import Dossier, State


@login_not_required
@require_GET
@never_cache
def look_up(request: HttpRequest, token: str) -> HttpResponse:
    """By the receipt's token, which nobody can guess: state, dates, what to bring."""
    found = Dossier.objects.filter(is_test=False).select_related("procedure", "agency", "unit")
    dossier = get_object_or_404(found, token=token)
    awaited = []
    if dossier.state == State.AWAITING_SUPPLEMENT:
        awaited = list(dossier.papers.filter(supplement__isnull=False, received_at=None))
    owed = list(dossier.fees.open()) if dossier.finished_at is None or dossier.state == State.COMPLETED else []
    context = {"dossier": dossier, "awaited": awaited, "owed": owed, "request_text": _request_of(dossier)}
    answer = render(request, "dossiers/look_up.html", context)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _request_of(dossier: Dossier) -> str:
    """What the office asked the citizen for in the round that is open."""
    if dossier.state != State.AWAITING_SUPPLEMENT:
        return ""
    supplement = dossier.supplements.filter(received_at=None).last()
    return supplement.request if supplement else ""
