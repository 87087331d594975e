"""The desk: pages to read a dossier and to make moves. Every change is one call to `lifecycle`."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from onestop.catalog.models import Agency
from onestop.common.errors import Refused
from onestop.common.web.body_limit import takes_files
from onestop.common.web.form_errors import show_on_form
from onestop.dossiers import lifecycle
from onestop.dossiers.access import sees
from onestop.dossiers.deadlines.dossier import counted_whole, explained, time_used
from onestop.dossiers.deadlines.moments import corrected
from onestop.dossiers.deadlines.promises import kept_with, offered, promise_to
from onestop.dossiers.deadlines.rules import after_day_off
from onestop.dossiers.documents.views import printing_context
from onestop.dossiers.files.views import kind_shown
from onestop.dossiers.lifecycle.approving import Decision, decision_in
from onestop.dossiers.lifecycle.undoing import undo_until
from onestop.dossiers.lists.news import open_dossier, remember_unread, with_unread
from onestop.dossiers.models import (
    Dossier,
    DossierQuerySet,
    DueDate,
    InternalNote,
    Move,
    Opinion,
    Paper,
    PrintedForm,
    Supplement,
    Transition,
    effective,
)
from onestop.dossiers.steps import steps_of
from onestop.dossiers.texts.offering import offer, texts_for
from onestop.staff.models import AccessLog, User
from onestop.staff.requests import StaffRequest

from .menu import menu_of
from .move_forms import MOVE_FORMS
from .preview import preview_of
from .settle import acts_of
from .undo import done_with_undo, page_after_move

# The related rows that every page of a dossier shows.
NAMED_ON_PAGES = ("procedure__field", "agency", "unit", "officer", "commune__province")
# What stands beside every piece of work on a dossier, see `_case`.
CASE = (Prefetch("papers", Paper.objects.select_related("supplement")), "attachments")
PRINTS = Prefetch("printed_forms", PrintedForm.objects.select_related("transition"))
NOTES = "internal_notes"
OPINIONS = Prefetch("opinions", Opinion.objects.select_related("agency"))


@require_GET
def detail(request: StaffRequest, uuid: UUID) -> HttpResponse:
    dossier = whole_dossier(request, uuid, NOTES)
    AccessLog.note(request.user, AccessLog.Act.OPEN, dossier.uuid)
    open_dossier(request, dossier)
    # Postponing is offered beside the calculation of the due date, which shows whether it falls on a day off.
    moves = [move for move in lifecycle.possible_moves(dossier, request.user) if move != Move.POSTPONE]
    context = {
        **_case(dossier),
        "steps": list(steps_of(dossier)),
        "menu": menu_of(dossier, moves),
        "used": time_used(dossier, timezone.now()),
        "acts": acts_of(dossier, request.user),
        "due_date": _in_force(dossier),
        "promise": promise_to(dossier, dossier.due_dates.all()),
        "supplements": _supplements(dossier),
        # Only the last decision is in force.
        "decision": next(filter(None, map(decision_in, reversed(effective(dossier.transitions.all())))), None),
        **_undoing(dossier, request.user),
        **printing_context(dossier, request.user),
    }
    return render(request, "dossiers/detail.html", context)


@require_GET
def deadline(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """A part of the dossier's page: explains the due date day by day, and shows how much time is used."""
    whole = _visible(request).prefetch_related("due_dates", "transitions")
    dossier = get_object_or_404(whole, uuid=uuid)
    calendar, due_date = dossier.calendar, _in_force(dossier)
    promise = (kept_with(due_date) if due_date else None) or offered(dossier.procedure)
    context = {
        "dossier": dossier,
        "days": explained(dossier, due_date, calendar),
        "unit": promise.unit,
        "counted_whole": counted_whole(dossier, due_date),
        "used": time_used(dossier, timezone.now()),
        "may_postpone": dossier.due_at is not None
        and Move.POSTPONE in lifecycle.possible_moves(dossier, request.user)
        and after_day_off(dossier.due_at, calendar) is not None,
    }
    return render(request, "dossiers/deadline_part.html" if request.htmx else "dossiers/deadline.html", context)


@takes_files
@require_http_methods(["GET", "POST"])
def move(request: StaffRequest, uuid: UUID, move: str) -> HttpResponse:
    """The page of every move: its sentence, its form, and the call to its function in `lifecycle`."""
    if move not in MOVE_FORMS:
        raise Http404
    dossier, chosen = get_object_or_404(_visible(request), uuid=uuid), Move(move)
    form_class, _sentence = MOVE_FORMS[chosen]
    texts = texts_for(chosen, request.user, dossier.agency, dossier.procedure)
    if request.method == "POST":
        form = form_class(dossier, request.user, request.POST, request.FILES)
        offer(form, texts)
        if form.is_valid():
            try:
                lifecycle.MAKE[chosen](dossier, request.user, **form.arguments())
            except Refused as error:
                show_on_form(form, error)
            else:
                messages.success(request, done_with_undo(request.user, dossier, chosen))
                return page_after_move(request.user, dossier)
    elif chosen not in lifecycle.possible_moves(dossier, request.user):
        messages.warning(request, _("Hiện không thể thực hiện “%(move)s” đối với hồ sơ này.") % {"move": chosen.label})
        return redirect("dossiers:detail", dossier.uuid)
    else:
        form = form_class(dossier, request.user)
        offer(form, texts)
    # Read anew: a move that failed may have changed fields of the object.
    whole = _with(request, uuid, *CASE, NOTES)
    context = {
        **_case(whole),
        "move": chosen,
        "form": form,
        "preview": preview_of(whole, chosen),
        # A colleague was faster: the last move, if it made the chosen one impossible.
        "faster": None if whole.state in lifecycle.MOVES[chosen].sources else list(whole.transitions.all())[-1],
    }
    return render(request, "dossiers/move.html", context)


# ---- what several pages need


def whole_dossier(request: StaffRequest, uuid: UUID, *more: str) -> Dossier:
    """The dossier with all that its page shows. Raises Http404, also where the user does not see the dossier."""
    return _with(request, uuid, *CASE, "fees", "due_dates", OPINIONS, PRINTS, "supplements", *more)


def _with(request: StaffRequest, uuid: UUID, *relations: str | Prefetch[str]) -> Dossier:
    """The dossier with its moves, read in one query, and its rows of these relations, each in another."""
    named = (f"dossier__{name}" for name in NAMED_ON_PAGES)
    moves = Transition.objects.filter(dossier__uuid=uuid).select_related("unit", "partner", *named)
    moves = with_unread(moves, request.user, uuid)
    dossier = next((move.dossier for move in moves), None)
    # Not `visible_to`: for one dossier its own agencies are enough, so the user's agencies need not be read.
    if dossier is None or not sees(request.user, dossier):
        raise Http404
    remember_unread(request, moves[0])
    # Django has no other name for it: rows that were read by hand, where `prefetch_related` would read them.
    dossier._prefetched_objects_cache = {"transitions": moves}  # type: ignore[attr-defined] # not in the stubs
    prefetch_related_objects([dossier], *relations)
    return dossier


def _case(dossier: Dossier) -> dict[str, object]:
    """What stands beside every piece of work on the dossier: its papers, files and history."""
    return {
        "dossier": dossier,
        "files": [(attachment, kind_shown(attachment)) for attachment in dossier.attachments.all()],
        "history": _history(dossier),
    }


def _visible(request: StaffRequest) -> DossierQuerySet:
    everything = Dossier.objects.visible_to(request.user)
    return everything.select_related(*NAMED_ON_PAGES)


def _undoing(dossier: Dossier, user: User) -> dict[str, object]:
    """The user's own last move and until when it can be undone, if it can."""
    last = lifecycle.undoable_move(dossier, user, timezone.now())
    return {"undoable": last, "undo_until": undo_until(last)} if last else {}


def _supplements(dossier: Dossier) -> list[tuple[Supplement, list[Paper]]]:
    """Every supplement with its papers."""
    papers = list(dossier.papers.all())
    return [
        (supplement, [paper for paper in papers if paper.supplement_id == supplement.pk])
        for supplement in dossier.supplements.all()
    ]


def _in_force(dossier: Dossier) -> DueDate | None:
    """The last due date that was set."""
    return max(dossier.due_dates.all(), key=lambda due_date: due_date.pk, default=None)


class HistoryLine(NamedTuple):
    """A move, the unit that had the dossier after it, when it was really made, and its decision, if it has one."""

    transition: Transition
    unit_after: Agency
    moment: datetime
    decision: Decision | None
    was_undone: bool

    @property
    def at(self) -> datetime:
        return self.transition.at


def _history(dossier: Dossier) -> list[HistoryLine | InternalNote]:
    """Every move and every internal note, the latest first."""
    transitions = list(dossier.transitions.all())
    units_after = [transition.unit for transition in transitions[1:]] + [dossier.unit]
    moments = corrected(transitions)
    undone = {transition.undoes_id for transition in transitions}
    lines: list[HistoryLine | InternalNote] = [
        HistoryLine(transition, unit, moments[transition.pk], decision_in(transition), transition.pk in undone)
        for transition, unit in zip(transitions, units_after, strict=True)
    ]
    # Moves are recorded in the order of their moments, and sorting keeps those of one moment as they are.
    return sorted([*lines, *dossier.internal_notes.all()], key=lambda line: line.at)[::-1]
