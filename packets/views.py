"""The operator's screens: how each portal fares, which packets wait or have stopped and why, sending them again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onestop.dossiers.models import Dossier
from onestop.dossiers.templatetags.desk import span_in_words
from onestop.dossiers.views import StaffRequest
from onestop.staff.models import Role, User

from .body import mark
from .deliver import rests
from .filters import PacketFilter, may_act, may_steer, packets_seen, portals_seen
from .models import OPEN_STATES, Packet, PacketQuerySet, PacketState, Portal
from .reasons import ADVICE, Reason
from .resend import pause, resend_all, resume

PAGE_SIZE = 25
# Deeper than anybody leafs; keeps the offset within what a database takes.
LAST_PAGE = 100_000
ATTEMPTS_SHOWN = 100
FOLLOWERS_SHOWN = 50
# What is settled only ever grows: counted no further than this.
COUNTED = 10_000
# So many at most are built anew within one request; the command has no such limit.
RESENT_AT_ONCE = 500

LONG_WAIT = timedelta(hours=1)
SILENCE = timedelta(hours=24)


# ---- how each portal fares


@dataclass(frozen=True)
class Queue:
    """What a portal has yet to take, of the packets that somebody sees. `oldest`: since when the first one waits."""

    ready: int
    sending: int
    stopped: int
    retrying: int
    oldest: datetime | None
    reason: str

    @classmethod
    def of(cls, packets: PacketQuerySet) -> Queue:
        waiting = Q(state__in=(PacketState.READY, PacketState.SENDING))
        failed = Q(state=PacketState.READY) & ~Q(reason="")
        figures: dict[str, Any] = packets.unsettled().aggregate(
            ready=Count("pk", Q(state=PacketState.READY)),
            sending=Count("pk", Q(state=PacketState.SENDING)),
            stopped=Count("pk", Q(state=PacketState.STOPPED)),
            retrying=Count("pk", failed),
            oldest=Min("collected_at", filter=waiting),
            latest=Max("next_attempt_at", filter=failed),
        )
        latest = figures.pop("latest")
        last_failed = packets.filter(failed, next_attempt_at=latest) if latest else packets.none()
        return cls(**figures, reason=last_failed.values_list("reason", flat=True).first() or "")

    @property
    def waiting(self) -> int:
        return self.ready + self.sending


def is_silent(portal: Portal, queue: Queue, now: datetime) -> bool:
    """Whether something has waited for a day in which nothing was accepted."""
    if queue.oldest is None:
        return False
    return max(queue.oldest, portal.last_success_at or queue.oldest) < now - SILENCE


def light(portal: Portal, queue: Queue, now: datetime) -> str:
    if queue.stopped or is_silent(portal, queue, now):
        return "red"
    waits_long = queue.oldest is not None and queue.oldest < now - LONG_WAIT
    return "amber" if not portal.is_active or rests(portal) or queue.retrying or waits_long else "green"


def in_words(portal: Portal, queue: Queue, now: datetime) -> str:
    """What is going on with `portal`, and what to do about it: of all that is, what to see to first."""
    if queue.stopped:
        return ngettext(
            "%(count)d gói đã dừng và giữ các gói sau cùng hồ sơ lại. Mở danh sách, đọc lý do, sửa rồi gửi lại.",
            "%(count)d gói đã dừng và giữ các gói sau cùng hồ sơ lại. Mở danh sách, đọc lý do, sửa rồi gửi lại.",
            queue.stopped,
        ) % {"count": queue.stopped}
    if not portal.is_active:
        return _("Cổng đang tạm dừng, %(count)d gói đang chờ. Bấm “Gửi tiếp” khi đã sẵn sàng.") % {
            "count": queue.waiting
        }
    if rests(portal) or queue.retrying:
        return _in_trouble(portal, queue, now)
    if queue.oldest is not None and queue.oldest < now - LONG_WAIT:
        return _(
            "Có gói đã chờ %(time)s mà chưa được gửi. Kiểm tra tiến trình sync_packets --loop có đang chạy không."
        ) % {"time": span_in_words(now - queue.oldest)}
    if queue.waiting:
        return _("%(count)d gói đang chờ tới lượt. Không cần làm gì.") % {"count": queue.waiting}
    if portal.last_success_at is None:
        return _("Chưa có gì để gửi. Gói tin được tạo khi hồ sơ được tiếp nhận hoặc số liệu được công bố.")
    return _("Mọi gói đã được nhận. Không cần làm gì.")


def _in_trouble(portal: Portal, queue: Queue, now: datetime) -> str:
    said = []
    if is_silent(portal, queue, now):
        said.append(_("Hơn 24 giờ nay không gói nào được nhận."))
    if rests(portal) and portal.resting_until:
        at = date_format(timezone.localtime(portal.resting_until), "H:i d/m")
        said.append(_("Cổng lỗi nhiều lần nên được để yên đến %(at)s.") % {"at": at})
    if queue.retrying:
        said.append(_("%(count)d gói hẹn gửi lại.") % {"count": queue.retrying})
    said.append(str(ADVICE[queue.reason]) if queue.reason else _("Gói tin được gửi lại tự động."))
    return " ".join(said)


def _card(portal: Portal, packets: PacketQuerySet, now: datetime) -> dict[str, Any]:
    """One portal as the overview shows it."""
    packets = packets.filter(portal=portal)
    queue = Queue.of(packets)
    counts = {PacketState.READY: queue.ready, PacketState.SENDING: queue.sending, PacketState.STOPPED: queue.stopped}
    for state in (PacketState.ACCEPTED, PacketState.SUPERSEDED):
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
    now, packets = timezone.now(), packets_seen(request.user)
    context = {
        "cards": [_card(portal, packets, now) for portal in portals_seen(request.user)],
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
    page = _page(request)
    packets = found.select_related("portal", "dossier", "publication__agency").defer("body", "detail")
    # One more than is shown tells whether there is a next page, without counting them all.
    rows = list(packets.order_by("-pk")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE + 1])
    context = {
        "filter": filters,
        "filtered": any(request.GET.get(name) for name in filters.form.fields),
        "packets": rows[:PAGE_SIZE],
        "now": timezone.now(),
        "previous": page - 1,
        "next": page + 1 if len(rows) > PAGE_SIZE else None,
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
    packets = packets_seen(request.user).filter(dossier=dossier).select_related("portal", "transition")
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
    return get_object_or_404(portals_seen(request.user), code=code)


def _visible(request: StaffRequest, pk: int) -> Packet:
    seen = packets_seen(request.user).select_related(
        "portal", "dossier", "publication__agency", "transition", "superseded_by"
    )
    return get_object_or_404(seen, pk=pk)


def _filtered(request: StaffRequest) -> tuple[PacketFilter, PacketQuerySet]:
    """The filter that the address asks for, and what it finds: nothing where it makes no sense."""
    seen = packets_seen(request.user)
    filters = PacketFilter(request.GET, seen, request=request)
    return filters, filters.qs if filters.is_valid() else seen.none()


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return min(max(int(text), 1), LAST_PAGE) if text.isdecimal() and len(text) < 10 else 1


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
