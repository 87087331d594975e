"""The page for the screen in an agency's hall: today's numbers, the hours, and how to look a dossier up.

Whoever has the address sees it, and it renews itself. Its numbers are kept for some seconds, and are shown with the
time at which they were counted if the database does not answer meanwhile.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db import Error as DatabaseFailure
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from onestop.common.web.throttling import seconds_to_wait
from onestop.statistics.figures.today import HallFigures, hall_figures
from onestop.statistics.models import HallScreen
from onestop.votes.ballot_pages.qr import QrPath

# So old the numbers may be; and so often the page renews itself.
FRESH: Final = timedelta(seconds=45)
RENEWED_SECONDS: Final = 60
# Older numbers are not shown, however long the database is away: they would be those of another day.
SHOWN: Final = timedelta(hours=3)


@login_not_required
@require_GET
@never_cache
def hall_screen(request: HttpRequest, token: str) -> HttpResponse:
    if wait := seconds_to_wait("hall_screen", request):
        answer = _page(request, None, status=429)
        answer["Retry-After"] = str(wait)
        return answer
    now = timezone.now()
    numbers: HallFigures | None
    try:
        numbers = _numbers(token, now)
    except Http404:
        return _page(request, None, status=404)
    except DatabaseFailure:
        numbers = _kept(token, now, SHOWN)
    return _page(request, numbers, status=200 if numbers else 503)


def _numbers(token: str, now: datetime) -> HallFigures:
    """Those that were counted a moment ago, or new ones. Raises Http404 for an address without a screen."""
    if kept := _kept(token, now, FRESH):
        return kept
    screen = HallScreen.objects.filter(token=token, is_on=True).select_related("agency").first()
    if screen is None:
        caches["hall_screens"].delete(token)
        raise Http404
    numbers = hall_figures(screen.agency, now)
    caches["hall_screens"].set(token, numbers, SHOWN.total_seconds())
    return numbers


def _kept(token: str, now: datetime, at_most: timedelta) -> HallFigures | None:
    kept: HallFigures | None = caches["hall_screens"].get(token)
    return kept if kept and now - kept.counted_at < at_most else None


def _page(request: HttpRequest, numbers: HallFigures | None, status: int) -> HttpResponse:
    look_up = settings.PUBLIC_URL + reverse("dossiers:ask")
    context = {
        "numbers": numbers,
        "is_unknown": status == 404,
        "is_stale": numbers is not None and timezone.now() - numbers.counted_at >= FRESH + FRESH,
        "look_up": look_up,
        "qr": QrPath.of(look_up),
        "seconds": RENEWED_SECONDS,
    }
    answer = render(request, "statistics/hall_screen.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
