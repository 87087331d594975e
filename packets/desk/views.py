"""The operator's screens: the health of each portal, which packets wait or have stopped, and why."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from onestop.common.pagination import requested_page
from onestop.dossiers.models import Dossier
from onestop.staff.models import User
from onestop.staff.requests import StaffRequest
from onestop.staff.sessions import requested_by_page
from onestop.statistics.publishing import forgotten
from packets.access import may_act, may_read, require_reader, steerable, visible
from packets.models import OPEN_STATES, Packet, PacketState, Portal
from packets.models.portal_change import PortalChange
from packets.models.reasons import ADVICE, WHO
from packets.monitoring.backlog import Age
from packets.monitoring.health import LIGHTS, Health
from packets.operations import is_refused_as_it_is, rebuilt_copies
from packets.portals.changes import in_words

from .comparison import compare, error_lines, laid_out
from .filters import filtered

ATTEMPTS_SHOWN = 100
FOLLOWERS_SHOWN = 50
# On the page of a dossier.
PACKETS_SHOWN = 6


@require_GET
def overview(request: StaffRequest) -> HttpResponse:
    require_reader(request.user)
    context = {
        "cards": _how_they_fare(request.user),
        "ages": Age,
        "unpublished": forgotten(request.user.agencies, timezone.now()),
        "steered": set(steerable(request.user).values_list("pk", flat=True)),
    }
    return render(request, "packets/overview.html", context)


@require_GET
def changes(request: StaffRequest, code: str) -> HttpResponse:
    """The changes of a portal's configuration, the latest first."""
    require_reader(request.user)
    portal = get_object_or_404(Portal.objects.visible_to(request.user), code=code)
    page = requested_page(request, PortalChange.objects.filter(portal=portal).order_by("-pk"))
    rows = [(change, in_words(change)) for change in page.rows]
    context = {"portal": portal, "rows": rows, "previous": page.previous, "next": page.next}
    return render(request, "packets/changes.html", context)


@requested_by_page
@require_GET
def health(request: StaffRequest) -> HttpResponse:
    """The part of the home page that shows the health of the portals."""
    require_reader(request.user)
    if not request.htmx:
        return redirect("packets:overview")
    return render(request, "packets/health.html", {"cards": _how_they_fare(request.user)})


def _how_they_fare(user: User) -> list[Health]:
    """The health of the portals that `user` sees, the worst first."""
    now, packets = timezone.now(), Packet.objects.visible_to(user)
    portals = Portal.objects.visible_to(user).select_related("delivery", "partner")
    return sorted(Health.of_all(portals, packets, now), key=lambda card: LIGHTS.index(card.light))


@require_GET
def packet_list(request: StaffRequest) -> HttpResponse:
    require_reader(request.user)
    filters, rows = filtered(request)
    packets = rows.select_related("portal", "dossier", "publication__agency").defer("body", "detail")
    page = requested_page(request, packets.order_by("-pk"))
    context = {
        "filter": filters,
        "filtered": any(request.GET.get(name) for name in filters.form.fields),
        "packets": page.rows,
        "now": timezone.now(),
        "previous": page.previous,
        "next": page.next,
        "may_resend": may_act(request.user) and request.GET.get("state", "") in ("", PacketState.STOPPED),
        "any_stopped": any(packet.state == PacketState.STOPPED for packet in page.rows),
    }
    return render(request, "packets/list.html", context)


@require_GET
def of_dossier(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """A dossier's packets, for each portal in the order of sending."""
    require_reader(request.user)
    dossier = get_object_or_404(Dossier, uuid=uuid, agency__in=request.user.agencies)
    packets = Packet.objects.visible_to(request.user).filter(dossier=dossier).select_related("portal", "transition")
    context = {
        "dossier": dossier,
        "packets": packets.defer("body", "detail").order_by("portal__code", "position", "pk"),
        "now": timezone.now(),
    }
    return render(request, "packets/dossier.html", context)


@requested_by_page
@require_GET
def part_of_dossier(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """The part of a dossier's page that shows what was reported, the latest first; for all who may see the page."""
    dossier = get_object_or_404(Dossier.objects.visible_to(request.user), uuid=uuid)
    if not request.htmx:
        return redirect("packets:dossier" if may_read(request.user) else "dossiers:detail", uuid)
    # Only operators see what was sent to partners' webhooks.
    reported = Packet.objects.filter(dossier=dossier, portal__partner=None).select_related("portal", "transition")
    packets = list(reported.defer("body", "detail").order_by("-pk")[: PACKETS_SHOWN + 1])
    context = {
        "dossier": dossier,
        "packets": packets[:PACKETS_SHOWN],
        "is_more": len(packets) > PACKETS_SHOWN,
        "by_state": dict(reported.order_by().values_list("state").annotate(Count("pk"))),
        "may_read": may_read(request.user),
    }
    return render(request, "packets/part_of_dossier.html", context)


@require_GET
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    require_reader(request.user)
    packet = visible(request, pk)
    attempts = list(packet.attempts.all()[: ATTEMPTS_SHOWN + 1])
    context = {
        "packet": packet,
        "now": timezone.now(),
        "advice": ADVICE.get(packet.reason),
        "who": WHO.get(packet.reason),
        "errors": error_lines(packet),
        "attempts": attempts[:ATTEMPTS_SHOWN],
        "attempts_shown": ATTEMPTS_SHOWN if len(attempts) > ATTEMPTS_SHOWN else None,
        "content": laid_out(packet),
        "correction": Packet.objects.filter(corrects=packet).defer("body").first() if packet.publication_id else None,
        "may_act": packet.state == PacketState.STOPPED and may_act(request.user),
        **neighbours(packet),
        **_if_resent(packet),
    }
    return render(request, "packets/detail.html", context)


def neighbours(packet: Packet) -> dict[str, object]:
    """The packet for which this one must wait, and those that wait for it."""
    if packet.state not in OPEN_STATES:
        return {}
    stream = Packet.objects.unsettled().filter(portal=packet.portal, stream=packet.stream).defer("body")
    waiting = Packet.objects.held_back_by(packet).select_related("transition").order_by("position").defer("body")
    followers = list(waiting[: FOLLOWERS_SHOWN + 1])
    return {
        "ahead": stream.filter(position__lt=packet.position).order_by("position").first(),
        "followers": followers[:FOLLOWERS_SHOWN],
        "followers_number": len(followers) if len(followers) <= FOLLOWERS_SHOWN else waiting.count(),
        "followers_shown": FOLLOWERS_SHOWN,
    }


def _if_resent(packet: Packet) -> dict[str, object]:
    """The preview of resending a stopped packet, and how it differs from the record now."""
    if packet.state != PacketState.STOPPED:
        return {}
    rebuilt = rebuilt_copies([packet])[0]
    lines = compare(packet, rebuilt)
    return {
        "rebuilt": rebuilt,
        "errors_now": error_lines(rebuilt) if rebuilt.detail != packet.detail else [],
        "refused_as_it_is": is_refused_as_it_is(packet, rebuilt),
        "different": [line for line in lines if line.differs],
        "same": [line for line in lines if not line.differs],
    }
