"""How often one address may send ballots and try codes. Counted in memory alone: see `throttling`."""

from __future__ import annotations

from django.http import HttpRequest

from onestop.catalog.models import Agency
from onestop.common.web.throttling import seconds_to_wait


def wait_for_ballot(request: HttpRequest) -> int | None:
    """Generous: a whole office's visitors, or many tablets, may stand behind one address."""
    return seconds_to_wait("ballot", request)


def wait_for_code(request: HttpRequest, agency: Agency) -> int | None:
    """Codes follow one another; nobody shall learn by trial which ones there are. Right and wrong ones count alike."""
    return seconds_to_wait("kiosk_code", request, agency.pk)
