"""The pages of batches: the proposal, the progress of the work, and the outcome of each dossier."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from onestop.common.downloads import SheetColumn, WorkbookSheet, workbook_file
from onestop.common.pagination import requested_page
from onestop.common.spreadsheets import INSTANT, TEXT
from onestop.common.web.methods import post_only
from onestop.common.wording import grouped
from onestop.dossiers.lifecycle import MOVES, moves_together
from onestop.dossiers.lists.chosen import chosen_dossiers, query_sent
from onestop.dossiers.lists.saved import list_at
from onestop.dossiers.models import Move, State
from onestop.staff.requests import StaffRequest
from onestop.staff.sessions import requested_by_page

from .forms import sentence
from .models import Batch, Item, Outcome
from .runner import MOST, TooMany, begin, form_of, propose, stop, undo, undoable_items, work

# How long one request works. A page with scripts repeats the request often; without scripts a person presses a button.
SLICE_SECONDS, PATIENT_SECONDS = 1.5, 15.0


@dataclass(frozen=True)
class BatchProgress:
    """How many dossiers of a batch have each outcome."""

    done: int
    refused: int
    waiting: int

    @property
    def worked_off(self) -> int:
        return self.done + self.refused

    @property
    def all(self) -> int:
        return self.worked_off + self.waiting


def progress_of(batch: Batch) -> BatchProgress:
    counted = batch.items.order_by().values_list("outcome").annotate(Count("pk"))
    numbers = dict(counted)
    return BatchProgress(*(numbers.get(outcome, 0) for outcome in (Outcome.DONE, Outcome.REFUSED, Outcome.WAITING)))


# ---- proposed


@post_only
def propose_chosen(request: StaffRequest) -> HttpResponse:
    """From the list: the dossiers that are ticked there, or all dossiers of the filtered list."""
    query = query_sent(request)
    move = request.POST.get("move", "")
    if move not in moves_together(request.user):
        raise Http404
    try:
        batch = propose(request.user, Move(move), chosen_dossiers(request))
    except TooMany:
        messages.error(
            request, _("Danh sách có hơn %(most)s hồ sơ. Vui lòng lọc hẹp hơn rồi chọn lại.") % {"most": grouped(MOST)}
        )
        return list_at(query)
    if batch is None:
        messages.error(request, _("Chưa chọn hồ sơ nào. Vui lòng đánh dấu hồ sơ trong bảng hoặc chọn tất cả hồ sơ."))
        return list_at(query)
    return redirect("batches:batch", batch.uuid)


# ---- one batch


@require_http_methods(["GET", "POST"])
@never_cache
def batch(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """A proposal with the form of its move; after the form is sent, the progress and the outcome of each dossier."""
    batch = _mine(request, uuid)
    if batch.begun_at is not None:
        context = {
            "batch": batch,
            "progress": progress_of(batch),
            "undoable": undoable_items(batch).count(),
            "outcomes": Outcome,
            **_rows(request, batch),
        }
        return render(request, "batches/begun.html", context)
    form = form_of(batch, request.POST if request.method == "POST" else None)
    if form.is_valid():
        begin(batch, form)
        return redirect("batches:batch", batch.uuid)
    states = batch.items.order_by().values_list("dossier__state").annotate(Count("pk"))
    numbers = [(State(state), number) for state, number in states]
    sources = MOVES[Move(batch.move)].sources
    context = {
        "batch": batch,
        "form": form,
        "sentence": sentence(Move(batch.move)),
        "possible": sum(number for state, number in numbers if state in sources),
        "impossible": sorted((state, number) for state, number in numbers if state not in sources),
        "sources": sources,
        **_rows(request, batch),
    }
    return render(request, "batches/proposal.html", context)


def _rows(request: StaffRequest, batch: Batch) -> dict[str, object]:
    items = batch.items.select_related("dossier__procedure", "dossier__unit")
    outcome = request.GET.get("outcome", "")
    if outcome in Outcome.values:
        items = items.filter(outcome=outcome)
    page = requested_page(request, items)
    return {"items": page.rows, "previous": page.previous, "next": page.next, "outcome": outcome}


@requested_by_page
@post_only
def go_on(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Works for a while; a page with scripts repeats the request until no dossier is left."""
    batch = _mine(request, uuid)
    if batch.begun_at is not None and batch.ended_at is None:
        try:
            work(batch, SLICE_SECONDS if request.htmx else PATIENT_SECONDS)
        except ValidationError as error:
            stop(batch)
            message = _(
                "Đã dừng: nội dung đã nhập không còn phù hợp (%(why)s). Vui lòng chọn lại các hồ sơ chưa thực hiện."
            )
            messages.error(request, message % {"why": " ".join(error.messages)})
    if not request.htmx:
        return redirect("batches:batch", batch.uuid)
    batch.refresh_from_db()
    if batch.ended_at is not None:
        return HttpResponseClientRefresh()
    return render(request, "batches/progress.html", {"batch": batch, "progress": progress_of(batch)})


@post_only
def end(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Deletes a proposal, or stops a batch that has begun."""
    batch = _mine(request, uuid)
    if batch.begun_at is None:
        batch.delete()
        return redirect("dossiers:list")
    stop(batch)
    return redirect("batches:batch", batch.uuid)


@post_only
def undo_done(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Begins to undo what an ended batch has done."""
    batch = _mine(request, uuid)
    undoing = undo(batch)
    if undoing is None:
        messages.warning(request, _("Các bước của thao tác này không còn hoàn tác được."))
    return redirect("batches:batch", (undoing or batch).uuid)


@require_GET
@never_cache
def results(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    batch = _mine(request, uuid)
    columns = [
        SheetColumn(_("Mã hồ sơ"), 28, TEXT),
        SheetColumn(_("Chủ hồ sơ"), 30, TEXT),
        SheetColumn(_("Kết quả"), 18, TEXT),
        SheetColumn(_("Lý do"), 60, TEXT),
        SheetColumn(_("Thời điểm"), 17, INSTANT),
    ]
    rows = (
        [
            item.dossier.code,
            item.dossier.applicant_name,
            str(item.get_outcome_display()),
            item.said,
            item.transition.at if item.transition else None,
        ]
        for item in batch.items.select_related("dossier", "transition").iterator(chunk_size=500)
    )
    title = _("Thao tác hàng loạt: %(move)s") % {"move": batch}
    return workbook_file([WorkbookSheet(_("Kết quả"), [title], columns, rows)], f"hang-loat-{batch.pk}")


# ---- all batches of the user


@require_GET
@never_cache
def mine(request: StaffRequest) -> HttpResponse:
    page = requested_page(request, Batch.objects.filter(user=request.user, begun_at__isnull=False))
    numbers: dict[int, dict[str, int]] = {batch.pk: {} for batch in page.rows}
    counted = Item.objects.filter(batch__in=page.rows).order_by().values_list("batch", "outcome")
    for key, outcome, number in counted.annotate(Count("pk")):
        numbers[key][outcome] = number
    context = {
        "batches": [(batch, numbers[batch.pk]) for batch in page.rows],
        "previous": page.previous,
        "next": page.next,
    }
    return render(request, "batches/mine.html", context)


def _mine(request: StaffRequest, uuid: UUID) -> Batch:
    return get_object_or_404(Batch.objects.select_related("user__agency"), uuid=uuid, user=request.user)
