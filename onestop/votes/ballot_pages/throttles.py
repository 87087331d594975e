"""How often one address may send ballots and try codes. Counted in memory only: see `throttling`."""

from __future__ import annotations

from django.http import HttpRequest

from onestop.catalog.models import Agency
from onestop.common.web.throttling import seconds_to_wait


def wait_for_ballot(request: HttpRequest) -> int | None:
    """A generous limit: all visitors of an office, or many tablets, may share one address."""
    return seconds_to_wait("ballot", request)


def wait_for_code(request: HttpRequest, agency: Agency) -> int | None:
    """Codes are consecutive, so trials could show which codes exist. Right and wrong codes count alike."""
    return seconds_to_wait("kiosk_code", request, agency.pk)
