"""The page of dossiers that are due on days off, announced after the promise, with a button to postpone them."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from onestop.common.wording import grouped
from onestop.dossiers.lists.days_off import counted_by_day, days_off, due_on
from onestop.dossiers.models import Dossier, Move
from onestop.staff.models import Role
from onestop.staff.requests import StaffRequest

from .runner import MOST, TooMany, propose


@require_http_methods(["GET", "POST"])
@never_cache
def due_on_days_off(request: StaffRequest) -> HttpResponse:
    """For managers: each such day with its number of dossiers. The button of a day proposes a batch of all of them."""
    if not request.user.has_role(Role.MANAGER):
        raise PermissionDenied(_("Chỉ lãnh đạo dời hẹn khỏi ngày nghỉ."))
    seen, days = Dossier.objects.visible_to(request.user), days_off(timezone.now())
    if request.method == "POST":
        try:
            day = date.fromisoformat(request.POST.get("day", ""))
        except ValueError:
            raise Http404 from None
        if day not in days:
            raise Http404
        try:
            batch = propose(request.user, Move.POSTPONE, due_on(seen, [day]).order_by("pk"))
        except TooMany:
            message = _("Có hơn %(most)s hồ sơ; vui lòng lọc danh sách hồ sơ theo đơn vị.")
            messages.error(request, message % {"most": grouped(MOST)})
            return redirect("batches:days-off")
        if batch is not None:
            return redirect("batches:batch", batch.uuid)
        messages.info(request, _("Không còn hồ sơ nào hẹn trả vào ngày này."))
        return redirect("batches:days-off")
    return render(request, "batches/days_off.html", {"days": counted_by_day(seen, days)})
