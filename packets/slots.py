"""What the sync app adds to the pages of the office: the health of the portals, and what is reported of a dossier."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onestop.common.slots import fills
from onestop.dossiers.models import Dossier, Move
from onestop.staff.navigation import NavEntry, add_to_navigation, page_or_below
from onestop.staff.requests import StaffRequest

from .access import may_read

add_to_navigation(NavEntry(70, gettext_lazy("Đồng bộ"), "packets:overview", "read_packets", page_or_below))


@fills("home-cards")
def health(request: StaffRequest) -> str:
    return render_to_string("packets/home_card.html", request=request) if may_read(request.user) else ""


@fills("dossier-page")
def packets_of_dossier(request: HttpRequest, dossier: Dossier) -> str:
    return render_to_string("packets/dossier_card.html", {"dossier": dossier}, request)


@fills("move-preview")
def reported_or_not(_request: HttpRequest, dossier: Dossier, move: Move) -> str:
    if will_be_reported(dossier, move):
        return _("Thông tin được đồng bộ lên Cổng Dịch vụ công quốc gia.")
    return _("Thông tin không được đồng bộ lên Cổng.")


def will_be_reported(dossier: Dossier, move: Move) -> bool:
    """Whether `move`, which is not made yet, will be reported. Once it is made, the dialect's rule decides by its row.

    A dossier is reported from its acceptance on, and earlier only if it came from the portal; a test dossier never.
    """
    known = dossier.accepted_at is not None or dossier.from_portal or move == Move.ACCEPT
    return known and not dossier.is_test
