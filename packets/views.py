"""The operator's screens: how each portal fares, which packets wait or have stopped and why, sending them again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onestop.dossiers.models import Dossier
from onestop.paging import asked_page
from onestop.staff.models import Role, User
from onestop.staff.requests import StaffRequest
from onestop.statistics.publishing import forgotten

from .body import mark
from .filters import PacketFilter, may_act, may_steer
from .health import Queue, in_words, light
from .interventions import pause, resend_all, resume
from .models import OPEN_STATES, SETTLED_STATES, Packet, PacketQuerySet, PacketState, Portal
from .reasons import ADVICE, Reason

ATTEMPTS_SHOWN = 100
FOLLOWERS_SHOWN = 50
# What is settled only ever grows: counted no further than this.
COUNTED = 10_000
# So many at most are built anew within one request; the command has no such limit.
RESENT_AT_ONCE = 500


# ---- how each portal fares


def _card(portal: Portal, packets: PacketQuerySet, now: datetime) -> dict[str, Any]:
    """One portal as the overview shows it."""
    packets = packets.filter(portal=portal)
    queue = Queue.of(packets)
    counts = {PacketState.READY: queue.ready, PacketState.SENDING: queue.sending, PacketState.STOPPED: queue.stopped}
    for state in SETTLED_STATES:
        counts[state] = packets.filter(state=state).order_by()[: COUNTED + 1].count()
    return {
        "portal": portal,
        "light": light(portal, queue, now),
        "sentence": in_words(portal, queue, now),
        "counts": [(state, counts[state], counts[state] > COUNTED) for state in PacketState],
    }


@require_GET
def overview(request: StaffRequest) -> HttpResponse:
    _require_reader(request.user)
    now, packets = timezone.now(), Packet.objects.visible_to(request.user)
    context = {
        "cards": [
            _card(portal, packets, now) for portal in Portal.objects.visible_to(request.user).select_related("channel")
        ],
        "unpublished": forgotten(request.user.agencies, now),
        "counted": COUNTED,
        "may_steer": may_steer(request.user),
    }
    return render(request, "packets/overview.html", context)


@require_POST
def pause_portal(request: StaffRequest, code: str) -> HttpResponse:
    portal = _steered(request, code)
    pause(portal, by=request.user)
    messages.success(request, _("Đã tạm dừng cổng %(portal)s. Gói tin chờ ở đây, không mất.") % {"portal": portal})
    return redirect("packets:overview")


@require_POST
def resume_portal(request: StaffRequest, code: str) -> HttpResponse:
    portal = _steered(request, code)
    resume(portal, by=request.user)
    messages.success(request, _("Cổng %(portal)s được gửi tiếp.") % {"portal": portal})
    return redirect("packets:overview")


# ---- which packets


@require_GET
def packet_list(request: StaffRequest) -> HttpResponse:
    _require_reader(request.user)
    filters, found = _filtered(request)
    packets = found.select_related("portal", "dossier", "publication__agency").defer("body", "detail")
    page = asked_page(request, packets.order_by("-pk"))
    context = {
        "filter": filters,
        "filtered": any(request.GET.get(name) for name in filters.form.fields),
        "packets": page.rows,
        "now": timezone.now(),
        "previous": page.previous,
        "next": page.next,
        "may_resend": may_act(request.user) and request.GET.get("state", "") in ("", PacketState.STOPPED),
    }
    return render(request, "packets/list.html", context)


@require_http_methods(["GET", "POST"])
def resend_found(request: StaffRequest) -> HttpResponse:
    """GET says what would be sent again; POST does it."""
    _require_operator(request.user)
    _filters, found = _filtered(request)
    stopped = found.filter(state=PacketState.STOPPED)
    back_to_list = f"{reverse('packets:list')}?{request.GET.urlencode()}"
    if request.method == "POST":
        resent = resend_all(stopped, by=request.user, most=RESENT_AT_ONCE)
        _tell(request, resent.back, resent.still_wrong)
        return redirect(back_to_list)
    by_reason = stopped.values_list("reason").annotate(number=Count("pk")).order_by("-number")
    reasons = [(Reason(reason).label, ADVICE[reason], number) for reason, number in by_reason]
    context = {
        "reasons": reasons,
        "number": sum(number for _label, _advice, number in reasons),
        "most": RESENT_AT_ONCE,
        "back_to_list": back_to_list,
    }
    return render(request, "packets/resend.html", context)


@require_GET
def of_dossier(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """A dossier's packets in the order in which each portal gets them."""
    _require_reader(request.user)
    dossier = get_object_or_404(Dossier, uuid=uuid, agency__in=request.user.agencies)
    packets = Packet.objects.visible_to(request.user).filter(dossier=dossier).select_related("portal", "transition")
    context = {
        "dossier": dossier,
        "packets": packets.defer("body", "detail").order_by("portal__code", "position", "pk"),
        "now": timezone.now(),
    }
    return render(request, "packets/dossier.html", context)


# ---- one packet


@require_GET
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    _require_reader(request.user)
    packet = _visible(request, pk)
    ahead = followers = Packet.objects.none()
    if packet.state in OPEN_STATES:
        stream = Packet.objects.unsettled().filter(portal=packet.portal, stream=packet.stream).defer("body")
        ahead = stream.filter(position__lt=packet.position).order_by("position")
        followers = Packet.objects.waiting_behind(packet).order_by("position").defer("body")
    attempts = list(packet.attempts.all()[: ATTEMPTS_SHOWN + 1])
    context = {
        "packet": packet,
        "now": timezone.now(),
        "advice": ADVICE.get(packet.reason),
        "ahead": ahead.first(),
        "followers": followers[:FOLLOWERS_SHOWN],
        "followers_number": followers.count(),
        "followers_shown": FOLLOWERS_SHOWN,
        "attempts": attempts[:ATTEMPTS_SHOWN],
        "attempts_shown": ATTEMPTS_SHOWN if len(attempts) > ATTEMPTS_SHOWN else None,
        "content": readable(packet),
        "may_resend": packet.state == PacketState.STOPPED and may_act(request.user),
    }
    return render(request, "packets/detail.html", context)


@require_POST
def resend_one(request: StaffRequest, pk: int) -> HttpResponse:
    _require_operator(request.user)
    packet = _visible(request, pk)
    resent = resend_all(Packet.objects.filter(pk=packet.pk), by=request.user)
    if resent.back:
        messages.success(request, _("Gói được đưa trở lại hàng chờ gửi."))
    elif resent.still_wrong:
        packet.refresh_from_db(fields=["reason"])
        why = capfirst(packet.get_reason_display())
        messages.warning(request, _("Gói vẫn chưa gửi được: %(why)s.") % {"why": why})
    else:
        messages.info(request, _("Gói này không còn dừng, nên không phải gửi lại."))
    return redirect("packets:detail", pk)


def readable(packet: Packet) -> str:
    """The frozen message laid out for people, a few words in place of each file's mark; "" if it was never built."""
    if not packet.body:
        return ""
    text = json.dumps(json.loads(packet.body), ensure_ascii=False, indent=2)
    for attachment in packet.attachments():
        said = _("(tệp #%(ordinal)d, nội dung được ghi vào khi gửi)") % {"ordinal": attachment.ordinal}
        text = text.replace(f'"{mark(packet.key, attachment.ordinal)}"', said)
    return text


# ---- what several pages need


def _require_reader(user: User) -> None:
    if not user.has_role(Role.OPERATOR, Role.MANAGER, Role.AUDITOR):
        raise PermissionDenied(_("Vai trò của bạn không theo dõi việc đồng bộ."))


def _require_operator(user: User) -> None:
    if not may_act(user):
        raise PermissionDenied(_("Chỉ quản trị tích hợp được gửi lại gói tin."))


def _steered(request: StaffRequest, code: str) -> Portal:
    if not may_steer(request.user):
        raise PermissionDenied(_("Chỉ quản trị tích hợp của bộ, tỉnh được tạm dừng hoặc cho cổng gửi tiếp."))
    return get_object_or_404(Portal.objects.visible_to(request.user), code=code)


def _visible(request: StaffRequest, pk: int) -> Packet:
    seen = Packet.objects.visible_to(request.user).select_related(
        "portal", "dossier", "publication__agency", "transition", "superseded_by"
    )
    return get_object_or_404(seen, pk=pk)


def _filtered(request: StaffRequest) -> tuple[PacketFilter, PacketQuerySet]:
    """The filter that the address asks for, and what it finds: nothing where it makes no sense."""
    seen = Packet.objects.visible_to(request.user)
    filters = PacketFilter(request.GET, seen, request=request)
    return filters, filters.qs if filters.is_valid() else seen.none()


def _tell(request: StaffRequest, back: int, still_wrong: int) -> None:
    """What a resending of many came to."""
    said = ngettext("%(count)d gói trở lại hàng chờ gửi.", "%(count)d gói trở lại hàng chờ gửi.", back)
    messages.success(request, said % {"count": back})
    if still_wrong:
        said = ngettext(
            "%(count)d gói vẫn chưa đúng nên còn dừng: xem lý do ở từng gói.",
            "%(count)d gói vẫn chưa đúng nên còn dừng: xem lý do ở từng gói.",
            still_wrong,
        )
        messages.warning(request, said % {"count": still_wrong})
