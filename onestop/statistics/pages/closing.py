"""The page that closes a period: it shows what would be published now, and publishes it when this is confirmed."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from onestop.catalog.models import Agency
from onestop.staff.administration.history import note_added
from onestop.staff.requests import StaffRequest
from onestop.statistics.periods import Period
from onestop.statistics.publishing import may_close, proposed, publish
from onestop.votes.results import VoteCount

from .published import figure_rows, reporting_agency


@require_http_methods(["GET", "POST"])
@never_cache
def close_period(request: StaffRequest) -> HttpResponse:
    """The period and the agency are in the address: `?period=2026-10&agency=H22`."""
    agency = reporting_agency(request)
    if agency is None:
        raise Http404
    if not may_close(request.user, agency):
        raise PermissionDenied(_("Chỉ lãnh đạo hoặc quản trị của bộ, tỉnh được chốt và công bố số liệu."))
    try:
        period = Period.parse(request.GET.get("period", ""))
        if request.method == "POST":
            return _close(request, agency, period)
        drawn, last = proposed(agency, period)
    except ValueError as error:
        context: dict[str, object] = {"agency": agency, "refusal": str(error)}
        return render(request, "statistics/close_period.html", context)
    context = {
        "agency": agency,
        "period": period,
        "drawn": drawn,
        "last": last,
        "is_changed": last is None or bool(drawn.differences(last)),
        "figures": figure_rows(drawn, last),
        "tallies": [VoteCount(**tally) for tally in drawn.tallies],
    }
    return render(request, "statistics/close_period.html", context)


def _close(request: StaffRequest, agency: Agency, period: Period) -> HttpResponse:
    """Raises ValueError as `publish` does."""
    publication, is_new = publish(agency, period)
    if is_new:
        note_added(request.user, publication)
        message = _("Đã chốt và công bố số liệu %(period)s, lần %(revision)s.")
        messages.success(request, message % {"period": period.in_words, "revision": publication.revision})
    else:
        message = _("Số liệu %(period)s không thay đổi so với lần công bố %(revision)s, nên không công bố lại.")
        messages.info(request, message % {"period": period.in_words, "revision": publication.revision})
    return redirect("statistics:publication", publication.pk)
