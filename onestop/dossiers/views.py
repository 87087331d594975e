"""The counter and the desk: find a dossier, take one in, read it, move it. Every change is one call to `lifecycle`."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Case, Prefetch, When
from django.forms import BaseForm
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.catalog.calendar import calendar_of
from onestop.catalog.models import Agency, Field, Procedure
from onestop.paging import asked_page
from onestop.staff.models import User
from onestop.staff.requests import StaffRequest
from onestop.text import without_accents

from . import lifecycle
from .acts import acts_of
from .clock import expected_due, explained, time_used
from .filters import DossierFilter
from .forms import MOVE_FORMS, Intake
from .models import Dossier, DossierQuerySet, Move, Opinion, Paper, Supplement, Transition
from .moving import MoveRefused
from .printing import printing_context
from .templatetags.desk import may_receive

PROCEDURES_SHOWN = 30


@require_GET
def dossier_list(request: StaffRequest) -> HttpResponse:
    visible = Dossier.objects.in_sight_of(request.user).select_related("procedure", "unit")
    filters = DossierFilter(request.GET, visible, request=request)
    page = asked_page(request, filters.qs if filters.is_valid() else visible.none())
    context = {
        "filter": filters,
        "filtered": any(request.GET.get(name) for name in filters.form.fields),
        "narrowed": filters.in_words(),
        "dossiers": page.rows,
        "previous": page.previous,
        "next": page.next,
    }
    return render(request, "dossiers/list.html", context)


@require_GET
def procedure_search(request: StaffRequest) -> HttpResponse:
    _require_counter(request.user)
    text = request.GET.get("q", "").strip()
    field = request.GET.get("field", "")
    wanted = without_accents(text.replace("\0", ""))
    found = Procedure.objects.offered().matching(wanted).select_related("field")
    if field:
        found = found.filter(field__code=field.replace("\0", ""))
    # Those that hold the words side by side first: "hộ tịch" is more than "hộ" here and "tịch" there.
    found = found.order_by(Case(When(search__contains=wanted, then=0), default=1), "code")
    rows = list(found.defer("legal_basis", "subjects")[: PROCEDURES_SHOWN + 1])
    context = {
        "text": text,
        "field": field,
        "fields": Field.objects.filter(procedures__is_active=True).distinct(),
        "procedures": rows[:PROCEDURES_SHOWN],
        "more": len(rows) > PROCEDURES_SHOWN,
        "shown": PROCEDURES_SHOWN,
    }
    return render(request, "dossiers/procedure_search.html", context)


@require_http_methods(["GET", "POST"])
def receive(request: StaffRequest, code: str) -> HttpResponse:
    _require_counter(request.user)
    procedure = get_object_or_404(Procedure.objects.offered().select_related("field"), code=code)
    if request.method == "POST":
        intake = Intake(procedure, request.user, request.POST, request.FILES)
        if intake.is_valid() and (answer := _take_in(request, intake)):
            return answer
    else:
        intake = Intake(procedure, request.user)
    due_at = expected_due(procedure, request.user.agency, timezone.now()) if request.user.agency else None
    context = {"procedure": procedure, "intake": intake, "form": intake.form, "due_at": due_at}
    return render(request, "dossiers/receive.html", context)


def _take_in(request: StaffRequest, intake: Intake) -> HttpResponse | None:
    """Receives or turns away what was typed; None, with the errors on the form, when that was refused."""
    dossier, at = intake.form.dossier(), timezone.now()
    papers, fees = intake.rows(at)
    files = intake.form.cleaned_data["uploads"]
    try:
        if "refuse" in request.POST:
            with transaction.atomic():
                lifecycle.register(dossier, request.user, at=at, papers=papers, fees=fees, files=files)
                lifecycle.refuse(dossier, request.user, at=at, comment=intake.form.cleaned_data["comment"])
        else:
            lifecycle.receive(dossier, request.user, at=at, papers=papers, fees=fees, files=files)
    except (ValidationError, MoveRefused) as error:
        _show(intake.form, error)
        return None
    except IntegrityError:
        # The same form sent twice: the first one made the dossier.
        if not Dossier.objects.visible_to(request.user).filter(uuid=dossier.uuid).exists():
            raise
        messages.info(request, _("Hồ sơ này đã được ghi nhận trước đó; không tạo thêm."))
    else:
        messages.success(request, _done(dossier, Move.REFUSE if "refuse" in request.POST else Move.ACCEPT))
    return redirect("dossiers:detail", dossier.uuid)


@require_GET
def detail(request: StaffRequest, uuid: UUID) -> HttpResponse:
    whole = _visible(request).prefetch_related(
        Prefetch("papers", Paper.objects.select_related("supplement")),
        "fees",
        "attachments",
        "due_dates",
        Prefetch("opinions", Opinion.objects.select_related("agency")),
        Prefetch("supplements", Supplement.objects.prefetch_related("papers")),
        Prefetch("transitions", Transition.objects.select_related("unit")),
    )
    dossier = get_object_or_404(whole, uuid=uuid)
    calendar = calendar_of(dossier.agency)
    # The last date that was set is the one in force.
    due_date = max(dossier.due_dates.all(), key=lambda due_date: due_date.pk, default=None)
    context = {
        "dossier": dossier,
        "moves": lifecycle.possible_moves(dossier, request.user),
        "acts": acts_of(dossier, request.user),
        "due_date": due_date,
        "days": explained(dossier, due_date, calendar),
        "used": time_used(dossier, calendar, timezone.now()),
        "history": _history(dossier),
        **printing_context(dossier, request.user),
    }
    return render(request, "dossiers/detail.html", context)


@require_http_methods(["GET", "POST"])
def move(request: StaffRequest, uuid: UUID, move: str) -> HttpResponse:
    """One page for every move: its sentence, its fields, and the call to its function in `lifecycle`."""
    dossier = get_object_or_404(_visible(request), uuid=uuid)
    if move not in MOVE_FORMS:
        raise Http404
    chosen = Move(move)
    form_class, sentence = MOVE_FORMS[chosen]
    if request.method == "POST":
        form = form_class(dossier, request.user, request.POST, request.FILES)
        if form.is_valid():
            try:
                getattr(lifecycle, chosen.value)(dossier, request.user, **form.arguments())
            except (ValidationError, MoveRefused) as error:
                _show(form, error)
                # As it is in the database: a move that failed may have begun to change this one.
                dossier = get_object_or_404(_visible(request), uuid=uuid)
            else:
                messages.success(request, _done(dossier, chosen))
                return redirect("dossiers:detail", dossier.uuid)
    elif chosen not in lifecycle.possible_moves(dossier, request.user):
        messages.warning(request, _("Hiện không thể “%(move)s” với hồ sơ này.") % {"move": chosen.label})
        return redirect("dossiers:detail", dossier.uuid)
    else:
        form = form_class(dossier, request.user)
    context = {
        "dossier": dossier,
        "move": chosen,
        "form": form,
        "sentence": sentence,
        "faster": _who_was_faster(dossier, chosen),
    }
    return render(request, "dossiers/move.html", context)


@require_GET
@never_cache
def attachment(request: StaffRequest, uuid: UUID, ordinal: int) -> FileResponse:
    dossier = get_object_or_404(_visible(request), uuid=uuid)
    stored = get_object_or_404(dossier.attachments, ordinal=ordinal)
    try:
        content = stored.file.open("rb")
    except FileNotFoundError:
        raise Http404(_("Tệp này không còn trong kho.")) from None
    answer = FileResponse(content, as_attachment=True, filename=stored.name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


# ---- what several pages need


def _require_counter(user: User) -> None:
    if not may_receive(user):
        raise PermissionDenied(_("Vai trò của bạn không tiếp nhận hồ sơ."))


def _visible(request: StaffRequest) -> DossierQuerySet:
    everything = Dossier.objects.visible_to(request.user)
    return everything.select_related("procedure__field", "agency", "unit", "officer")


def _show(form: BaseForm, error: ValidationError | MoveRefused) -> None:
    """Puts what `lifecycle` said on the form: by field where the form has it, else at the top."""
    if isinstance(error, MoveRefused):
        form.add_error(None, str(error))
    elif not hasattr(error, "error_dict"):
        form.add_error(None, error)
    else:
        for name, faults in error.error_dict.items():
            form.add_error(name if name in form.fields else None, faults)


def _history(dossier: Dossier) -> list[tuple[Transition, Agency]]:
    """Every move, the latest first, with the unit that had the dossier after it."""
    transitions = list(dossier.transitions.all())
    units_after = [transition.unit for transition in transitions[1:]] + [dossier.unit]
    return list(zip(transitions, units_after, strict=True))[::-1]


def _who_was_faster(dossier: Dossier, wanted: Move) -> Transition | None:
    """The last move, if after it `wanted` is no longer possible."""
    if dossier.state in lifecycle.MOVES[wanted].sources:
        return None
    return dossier.transitions.last()


def _done(dossier: Dossier, made: Move) -> str:
    """What happened, in one or two sentences."""
    sentence = _("Hồ sơ %(dossier)s: đã ghi nhận “%(move)s”.") % {
        "dossier": dossier.code or dossier.applicant_name,
        "move": made.label,
    }
    if dossier.due_at is None or dossier.finished_at is not None or dossier.is_paused:
        return sentence
    due = date_format(timezone.localtime(dossier.due_at), "d/m/Y H:i")
    return f"{sentence} " + _("Hẹn trả %(due)s.") % {"due": due}
