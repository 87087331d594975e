"""The pages on which administrators switch the screens of halls on and off: which agency has one, and its address."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.catalog.models import Agency
from onestop.common.pagination import requested_page
from onestop.dossiers.models import unguessable_token
from onestop.staff.access import permission
from onestop.staff.administration.history import history_of, note_added, note_changed
from onestop.staff.administration.views import require
from onestop.staff.catalogue.hours import AgencySearch
from onestop.staff.models import User
from onestop.staff.requests import StaffRequest
from onestop.statistics.models import HallScreen
from onestop.votes.ballot_pages.qr import QrPath

# What a person may do with a screen: the name of the change in its history, and the message.
ACTS: Final = {
    "on": (gettext_lazy("bật"), gettext_lazy("Đã bật màn hình sảnh.")),
    "renew": (
        gettext_lazy("đổi địa chỉ"),
        gettext_lazy("Đã đổi địa chỉ. Địa chỉ cũ ngừng hiển thị trong vòng một phút."),
    ),
    "off": (gettext_lazy("tắt"), gettext_lazy("Đã tắt màn hình sảnh. Địa chỉ cũ ngừng hiển thị trong vòng một phút.")),
}


@permission("set_hall_screens")
def may_set_hall_screens(user: User) -> bool:
    return user.has_perm("statistics.change_hallscreen")


@require_GET
def hall_screens(request: StaffRequest) -> HttpResponse:
    """The agencies that the user oversees, and whose screen is on."""
    require(request.user, "set_hall_screens")
    form = AgencySearch(request.GET)
    agencies = form.narrowed(request.user.agencies).select_related("hall_screen")
    page = requested_page(request, agencies.order_by("path"))
    context = {
        "form": form,
        "agencies": page.rows,
        "previous": page.previous,
        "next": page.next,
        "is_narrowed": bool(request.GET.get("q")),
    }
    return render(request, "statistics/hall_screens.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def hall_screen_of(request: StaffRequest, pk: int) -> HttpResponse:
    require(request.user, "set_hall_screens")
    agency = get_object_or_404(request.user.agencies, pk=pk)
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act not in ACTS:
            raise Http404
        _switch(request.user, agency, act)
        messages.success(request, str(ACTS[act][1]))
        return redirect("statistics:hall-screen-of", agency.pk)
    screen = HallScreen.objects.filter(agency=agency).first()
    address = ""
    if screen is not None and screen.is_on:
        address = settings.PUBLIC_URL + reverse("statistics:hall-screen", args=[screen.token])
    context = {
        "agency": agency,
        "address": address,
        "qr": QrPath.of(address) if address else None,
        "history": history_of(screen) if screen else [],
    }
    return render(request, "statistics/hall_screen_of.html", context)


@transaction.atomic
def _switch(user: User, agency: Agency, act: str) -> None:
    """Each but *off* makes a new address, so that one that was handed on is worth nothing any more."""
    screen, is_new = HallScreen.objects.get_or_create(agency=agency, defaults={"is_on": act != "off"})
    if is_new:
        note_added(user, screen)
        return
    screen.is_on = act != "off"
    if screen.is_on:
        screen.token = unguessable_token()
    screen.save()
    note_changed(user, screen, ACTS[act][0])
