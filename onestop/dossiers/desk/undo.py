"""Undoing one's own last move: offered on the dossier's page, and where a hand-over took the dossier out of sight."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onestop.dossiers import lifecycle
from onestop.dossiers.access import sees
from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.lifecycle.undoing import undo_until
from onestop.dossiers.models import Dossier, Move, State, Transition
from onestop.staff.models import User
from onestop.staff.requests import StaffRequest

from .feedback import done


@require_http_methods(["GET", "POST"])
def undo(request: StaffRequest, uuid: UUID, step: int) -> HttpResponse:
    """Asks once, then undoes the move `step`. For whoever made it, whether the dossier is still in sight or not."""
    own = Transition.objects.filter(actor=request.user)
    named = ("dossier__procedure", "dossier__agency", "dossier__unit")
    made = get_object_or_404(own.select_related(*named), dossier__uuid=uuid, pk=step)
    dossier = made.dossier
    if request.method == "POST":
        try:
            lifecycle.undo(dossier, request.user, step=step)
        except MoveRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _undone(dossier, Move(made.move)))
        # Read anew: what a refused move has changed of the object is not so.
        return page_after_move(request.user, Dossier.objects.select_related("agency", "unit").get(pk=dossier.pk))
    if lifecycle.undoable_move(dossier, request.user, timezone.now()) != made:
        messages.warning(request, _("Bước này không còn hoàn tác được."))
        return page_after_move(request.user, dossier)
    context = {"dossier": dossier, "made": made, "until": undo_until(made), "is_in_sight": sees(request.user, dossier)}
    return render(request, "dossiers/undo.html", context)


def page_after_move(user: User, dossier: Dossier) -> HttpResponseRedirect:
    """The dossier's page, or the list if the dossier is out of the user's sight."""
    return redirect("dossiers:detail", dossier.uuid) if sees(user, dossier) else redirect("dossiers:list")


def done_with_undo(user: User, dossier: Dossier, made: Move) -> str | SafeString:
    """The message that confirms a move. If the dossier is out of sight now, with the way to undo it."""
    message = done(dossier, made)
    last = None if sees(user, dossier) else lifecycle.undoable_move(dossier, user, timezone.now())
    if last is None:
        return message
    address = reverse("dossiers:undo", args=[dossier.uuid, last.pk])
    return format_html('{} <a href="{}">{}</a>', message, address, _("Hoàn tác"))


def _undone(dossier: Dossier, move: Move) -> str:
    return _("Hồ sơ %(dossier)s: đã hoàn tác “%(move)s”, hồ sơ ở trạng thái “%(state)s”.") % {
        "dossier": dossier.code or dossier.applicant_name,
        "move": move.label,
        "state": State(dossier.state).label,
    }
