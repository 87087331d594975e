"""The page after an intake: what was recorded, what to print, and the way to the next citizen."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from onestop.dossiers.desk.views import whole_dossier
from onestop.dossiers.documents.views import printing_context
from onestop.dossiers.models import State
from onestop.dossiers.roles import may_receive
from onestop.staff.models import AccessLog
from onestop.staff.requests import StaffRequest


@require_GET
def received(request: StaffRequest, uuid: UUID) -> HttpResponse:
    dossier = whole_dossier(request, uuid)
    was_refused = dossier.state == State.REFUSED
    if dossier.accepted_at is None and not was_refused:
        return redirect("dossiers:detail", dossier.uuid)
    AccessLog.note(request.user, AccessLog.Act.OPEN, dossier.uuid)
    owed = [fee for fee in dossier.fees.all() if fee.paid_at is None and fee.waived_at is None]
    context = {
        "dossier": dossier,
        "was_refused": was_refused,
        "owed": sum(fee.amount for fee in owed),
        "may_go_on": may_receive(request.user) and dossier.procedure.is_active,
        **printing_context(dossier, request.user),
    }
    return render(request, "dossiers/received.html", context)
