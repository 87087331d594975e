"""The counter: choose the procedure, take the dossier in. Every change is one call to `lifecycle`."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Case, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from onestop.catalog.models import Field, Procedure
from onestop.staff.models import User
from onestop.staff.requests import StaffRequest
from onestop.text import without_accents

from . import lifecycle
from .clock import expected_due
from .intake_forms import Intake
from .models import Dossier, Move
from .moving import MoveRefused
from .telling import done, show_refusal
from .templatetags.desk import may_receive

PROCEDURES_SHOWN = 30


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
        show_refusal(intake.form, error)
        return None
    except IntegrityError:
        # The same form sent twice: the first one made the dossier.
        if not Dossier.objects.visible_to(request.user).filter(uuid=dossier.uuid).exists():
            raise
        messages.info(request, _("Hồ sơ này đã được ghi nhận trước đó; không tạo thêm."))
    else:
        messages.success(request, done(dossier, Move.REFUSE if "refuse" in request.POST else Move.ACCEPT))
    return redirect("dossiers:detail", dossier.uuid)


def _require_counter(user: User) -> None:
    if not may_receive(user):
        raise PermissionDenied(_("Vai trò của bạn không tiếp nhận hồ sơ."))
