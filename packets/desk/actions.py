"""The operator's actions: pausing and resuming a portal, resending packets, giving one up."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from onestop.common.web.methods import post_only
from onestop.staff.requests import StaffRequest
from packets.access import require_operator, steered, visible
from packets.models import Packet, PacketQuerySet, PacketState
from packets.models.kinds import MadeOf, kinds_made_of
from packets.models.reasons import ADVICE, WHO
from packets.operations import give_up, pause, preview_resend, resend_all, resume

from .filters import filtered
from .forms import GiveUpForm
from .views import neighbours

# At most so many are rebuilt within one request; the command has no such limit.
RESENT_AT_ONCE = 500


@post_only
def pause_portal(request: StaffRequest, code: str) -> HttpResponse:
    portal = steered(request, code)
    pause(portal, by=request.user)
    messages.success(
        request, _("Đã tạm dừng gửi tới Cổng %(portal)s. Gói dữ liệu được lưu chờ, không bị mất.") % {"portal": portal}
    )
    return redirect("packets:overview")


@post_only
def resume_portal(request: StaffRequest, code: str) -> HttpResponse:
    portal = steered(request, code)
    resume(portal, by=request.user)
    messages.success(request, _("Đã tiếp tục gửi tới Cổng %(portal)s.") % {"portal": portal})
    return redirect("packets:overview")


# ---- sending again


@post_only
def resend_one(request: StaffRequest, pk: int) -> HttpResponse:
    """Resends one packet; its page has shown the preview."""
    require_operator(request.user)
    packet = visible(request, pk)
    resent = resend_all(Packet.objects.filter(pk=packet.pk), by=request.user)
    if resent.back:
        messages.success(request, _("Gói được đưa trở lại hàng chờ gửi."))
    elif resent.still_wrong:
        packet.refresh_from_db(fields=["reason"])
        why = capfirst(packet.get_reason_display())
        messages.warning(request, _("Gói vẫn chưa gửi được: %(why)s.") % {"why": why})
    else:
        messages.info(request, _("Gói này không còn dừng nên không cần gửi lại."))
    return redirect("packets:detail", pk)


@require_http_methods(["GET", "POST"])
def resend_many(request: StaffRequest) -> HttpResponse:
    """GET shows the preview, POST resends."""
    require_operator(request.user)
    stopped = _chosen(request).filter(state=PacketState.STOPPED)
    kept = [(name, value) for name, value in request.GET.items() if name != "packet"]
    back_to_list = f"{reverse('packets:list')}?{urlencode(kept)}"
    if request.method == "POST":
        resent = resend_all(stopped, by=request.user, most=RESENT_AT_ONCE)
        _report(request, resent.back, resent.still_wrong)
        return redirect(back_to_list)
    previews = preview_resend(stopped, most=RESENT_AT_ONCE)
    looked_at = sum(preview.back + preview.still_wrong for preview in previews.values())
    context = {
        "number": looked_at if looked_at < RESENT_AT_ONCE else stopped.count(),
        "most": RESENT_AT_ONCE,
        "reasons": [(reason.label, WHO[reason], ADVICE[reason], preview) for reason, preview in previews.items()],
        "back": sum(preview.back for preview in previews.values()),
        "still_wrong": sum(preview.still_wrong for preview in previews.values()),
        "chosen": "packet" in request.GET,
        "back_to_list": back_to_list,
    }
    return render(request, "packets/resend.html", context)


def _chosen(request: StaffRequest) -> PacketQuerySet:
    """The packets that the address names one by one, or all that match its filter."""
    _filters, rows = filtered(request)
    if "packet" not in request.GET:
        return rows
    # The list always sends `packet=` once, so that a form without a ticked packet does not mean all of them.
    return rows.filter(pk__in=[text for text in request.GET.getlist("packet") if text.isdecimal() and len(text) < 19])


def _report(request: StaffRequest, back: int, still_wrong: int) -> None:
    """Shows the outcome of resending many packets."""
    message = ngettext("%(count)d gói trở lại hàng chờ gửi.", "%(count)d gói trở lại hàng chờ gửi.", back)
    messages.success(request, message % {"count": back})
    if still_wrong:
        message = ngettext(
            "%(count)d gói chưa hợp lệ nên vẫn dừng: xem lý do ở từng gói.",
            "%(count)d gói chưa hợp lệ nên vẫn dừng: xem lý do ở từng gói.",
            still_wrong,
        )
        messages.warning(request, message % {"count": still_wrong})


# ---- giving up


@require_http_methods(["GET", "POST"])
def give_one_up(request: StaffRequest, pk: int) -> HttpResponse:
    """GET explains what giving up means, POST does it."""
    require_operator(request.user)
    packet = visible(request, pk)
    form = GiveUpForm(request.POST or None)
    if packet.state != PacketState.STOPPED:
        messages.info(request, _("Gói này không còn dừng nên không thể hủy."))
        return redirect("packets:detail", pk)
    if form.is_valid():
        if give_up(packet, request.user, form.cleaned_data["because"]):
            messages.success(request, _("Đã hủy gói #%(pk)d. Gói này sẽ không được gửi.") % {"pk": pk})
        else:
            messages.info(request, _("Gói này không còn dừng nên không thể hủy."))
        return redirect("packets:detail", pk)
    context = {
        "packet": packet,
        "form": form,
        "dossier_stays_unknown": _dossier_stays_unknown(packet),
        **neighbours(packet),
    }
    return render(request, "packets/give_up.html", context)


def _dossier_stays_unknown(packet: Packet) -> bool:
    """Whether the portal never got a packet of the whole dossier, so that it does not have the dossier at all."""
    if packet.kind not in kinds_made_of(MadeOf.DOSSIER):
        return False
    wholes = Packet.objects.filter(portal=packet.portal, dossier=packet.dossier, kind=packet.kind)
    return not wholes.filter(state=PacketState.ACCEPTED).exists()
