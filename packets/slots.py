"""What the sync app adds to the pages of the office: the health of the portals, and what is reported of a dossier."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onestop.catalog.models import Agency
from onestop.common.slots import fills
from onestop.dossiers.models import Dossier, Move
from onestop.staff.guide.topics import Chapter, Topic, add_to_guide
from onestop.staff.navigation import NavEntry, add_to_navigation, page_or_below
from onestop.staff.requests import StaffRequest
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period

from . import dialects
from .access import may_read
from .models import Packet, Portal

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


@fills("publication-page")
def packets_of_publication(request: StaffRequest, publication: Publication) -> str:
    """Links to the frozen packets of the publication, for who may follow the synchronisation of its agency."""
    if not (may_read(request.user) and request.user.oversees(publication.agency)):
        return ""
    packets = Packet.objects.filter(publication=publication).select_related("portal").defer("body", "detail")
    context = {"packets": packets.order_by("portal", "kind", "pk")}
    return render_to_string("packets/publication_card.html", context, request)


@fills("closing-page")
def portals_of_period(request: StaffRequest, agency: Agency, period: Period) -> str:
    """To which portals the figures of the period will be reported, as an item of a list."""
    portals = [
        portal
        for portal in Portal.objects.working().filter(Q(agencies=None) | Q(agencies=agency)).distinct()
        if any(period.is_month or not kind.months_only for kind in dialects.of(portal).kinds_of_figures)
    ]
    return render_to_string("packets/portals_of_period.html", {"portals": portals}, request)


add_to_guide(
    Topic(
        Chapter.REPORTING,
        10,
        "synchronisation",
        "Tình trạng đồng bộ",
        "guide/synchronisation.html",
        ("packets:overview", "packets:changes"),
    ),
    Topic(
        Chapter.REPORTING,
        20,
        "packets",
        "Gói dữ liệu",
        "guide/packets.html",
        ("packets:list", "packets:detail", "packets:dossier", "packets:resend-found", "packets:give-up"),
    ),
)
