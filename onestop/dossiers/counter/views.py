"""The counter: choose the procedure, take the dossier in. Every change is one call to `lifecycle`."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Case, Count, When
from django.forms import ModelChoiceField
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.catalog.calendar import calendar_of
from onestop.catalog.models import Field, Procedure, ProcedureQuerySet
from onestop.common.errors import Refused
from onestop.common.input import identity_numbers
from onestop.common.input.identity_scans import scanned
from onestop.common.input.text import without_accents
from onestop.common.web.body_limit import takes_files
from onestop.common.web.form_errors import show_on_form
from onestop.common.web.methods import post_only
from onestop.dossiers import lifecycle
from onestop.dossiers.deadlines.dossier import expected_due
from onestop.dossiers.deadlines.promises import offered
from onestop.dossiers.models import Dossier, ReadyText
from onestop.dossiers.roles import may_receive
from onestop.dossiers.texts.offering import texts_for
from onestop.staff.models import AccessLog, User
from onestop.staff.requests import StaffRequest

from .forms import Intake

PROCEDURES_SHOWN = 30
PROCEDURES_SUGGESTED = 8
# So many can be chosen by one digit.
PROCEDURES_FREQUENT = 9
FREQUENT_WITHIN = timedelta(days=30)

# A citizen's identity number, old or new, a tax number, a passport: a complete number, worth a query while typing.
WHOLE_NUMBER = re.compile(r"[0-9]{9,10}|[0-9]{12,13}|[0-9]{10}-[0-9]{3}|[A-Za-z][0-9]{7,8}")


@require_GET
def procedure_search(request: StaffRequest) -> HttpResponse:
    _require_counter(request.user)
    text, field = _search_params(request)
    rows = list(_matching_procedures(text, field)[: PROCEDURES_SHOWN + 1])
    context = {
        "text": text,
        "field": field,
        "frequent": [] if text or field else _frequent_procedures(request.user),
        "fields": Field.objects.filter(procedures__is_active=True).distinct(),
        "procedures": rows[:PROCEDURES_SHOWN],
        "more": len(rows) > PROCEDURES_SHOWN,
        "shown": PROCEDURES_SHOWN,
    }
    return render(request, "dossiers/procedure_search.html", context)


@require_GET
def procedure_suggestions(request: StaffRequest) -> HttpResponse:
    """The first procedures that match the text typed so far; none for an empty text."""
    _require_counter(request.user)
    text, field = _search_params(request)
    procedures = _matching_procedures(text, field)[:PROCEDURES_SUGGESTED] if text else []
    return render(request, "dossiers/procedure_suggestions.html", {"procedures": procedures, "text": text})


@takes_files
@require_http_methods(["GET", "POST"])
def receive(request: StaffRequest, code: str) -> HttpResponse:
    _require_counter(request.user)
    procedure = _procedure(code)
    # A superuser is of no agency, and gets those of no agency.
    texts = texts_for(ReadyText.Use.REFUSE, request.user, request.user.agency, procedure)
    # Without scripts, a card reader fills in the number and ends the line with Enter, which sends an unfinished form.
    card = scanned(request.POST.get("identity_no", ""))
    is_begun = bool(request.POST.get("applicant_name", "").strip())
    asks_for_earlier = "find" in request.POST or "fill" in request.POST or (card is not None and not is_begun)
    earlier = None
    if asks_for_earlier:
        earlier = _earlier(request.user, *_numbers(request))
        intake = Intake(procedure, request.user, texts)
        intake.keep(request.POST)
        if card:
            intake.fill_in_card(card)
        if earlier and "fill" in request.POST:
            intake.fill_in(earlier)
    elif request.method == "POST":
        intake = Intake(procedure, request.user, texts, request.POST, request.FILES)
        if intake.is_valid() and (answer := _take_in(request, intake)):
            return answer
    else:
        intake = Intake(procedure, request.user, texts)
    context = {
        "intake": intake,
        "form": intake.form,
        "earlier": earlier,
        "searched": asks_for_earlier,
        "card": card if asks_for_earlier else None,
        **_promise(request.user, procedure, request.POST.get("agency", "")),
    }
    return render(request, "dossiers/receive.html", context)


@require_GET
def promise(request: StaffRequest, code: str) -> HttpResponse:
    """When a dossier would be due if the agency named in the address received it now."""
    _require_counter(request.user)
    return render(
        request, "dossiers/promise.html", _promise(request.user, _procedure(code), request.GET.get("agency", ""))
    )


@post_only
@never_cache
def earlier_dossier(request: StaffRequest) -> HttpResponse:
    """The latest dossier of the applicant with the typed number. By POST, since addresses are logged."""
    _require_counter(request.user)
    numbers = [number for number in _numbers(request) if WHOLE_NUMBER.fullmatch(number)]
    earlier = _earlier(request.user, *numbers) if numbers else None
    return render(request, "dossiers/earlier.html", {"earlier": earlier})


def _take_in(request: StaffRequest, intake: Intake) -> HttpResponse | None:
    """Receives the dossier or refuses it, as the button says. Returns None, with errors on the form, on bad input."""
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
    except Refused as error:
        show_on_form(intake.form, error)
        return None
    except IntegrityError:
        # The same form was sent twice, and the first one made the dossier.
        if not Dossier.objects.visible_to(request.user).filter(uuid=dossier.uuid).exists():
            raise
        messages.info(request, _("Hồ sơ này đã được ghi nhận trước đó; không tạo thêm."))
    # The browser gives the focus to the button that prints the receipt.
    return redirect(reverse("dossiers:received", args=[dossier.uuid]) + "#print")


def _require_counter(user: User) -> None:
    if not may_receive(user):
        closed = user.agency.why_closed if user.agency else ""
        raise PermissionDenied(closed or _("Vai trò của bạn không tiếp nhận hồ sơ."))


def _search_params(request: StaffRequest) -> tuple[str, str]:
    """The words and the field's code by which procedures are searched."""
    return request.GET.get("q", "").strip(), request.GET.get("field", "")


def _matching_procedures(text: str, field: str) -> ProcedureQuerySet:
    words = without_accents(text)
    procedures = Procedure.objects.offered().matching(words).select_related("field")
    if field:
        procedures = procedures.filter(field__code=field)
    # Procedures with the words side by side come first: "hộ tịch" matches better than "hộ" and "tịch" apart.
    side_by_side = Case(When(search__contains=words, then=0), default=1)
    return procedures.order_by(side_by_side, "code").defer("legal_basis", "subjects")


def _frequent_procedures(user: User) -> list[Procedure]:
    """Those of which the user's agency has received most dossiers of late, the most frequent first."""
    received = Dossier.objects.filter(agency=user.agency, accepted_at__gte=timezone.now() - FREQUENT_WITHIN)
    counted = (
        received.order_by().values_list("procedure").annotate(number=Count("pk")).order_by("-number", "procedure")
    )
    keys = [key for key, _number in counted[:PROCEDURES_FREQUENT]]
    offered_now = Procedure.objects.offered().select_related("field").defer("legal_basis", "subjects").in_bulk(keys)
    return [offered_now[key] for key in keys if key in offered_now]


def _procedure(code: str) -> Procedure:
    return get_object_or_404(Procedure.objects.offered().select_related("field"), code=code)


def _numbers(request: StaffRequest) -> list[str]:
    """The typed identity numbers in stored form; a scanned card may also hold the person's old number."""
    typed = request.POST.get("identity_no", "").replace("\0", "")
    card = scanned(typed)
    old = request.POST.get("old_number", "").replace("\0", "")
    numbers = card.numbers if card else [identity_numbers.canonical(typed), identity_numbers.canonical(old)]
    return [number for number in numbers if number]


def _earlier(user: User, *identity_nos: str) -> Dossier | None:
    """The latest dossier, no test, of an applicant with one of these numbers, among those that `user` sees."""
    among = Dossier.objects.visible_to(user).filter(is_test=False)
    earlier = among.of_applicant(*identity_nos).select_related("commune__province").order_by("-pk").first()
    if earlier is not None:
        AccessLog.note(user, AccessLog.Act.RECALL, earlier.uuid)
    return earlier


def _promise(user: User, procedure: Procedure, agency_key: str) -> dict[str, object]:
    """What dossiers/promise.html shows."""
    agency = user.agency
    if agency_key:
        with suppress(ValidationError):
            agency = ModelChoiceField(user.agencies.taking_in()).clean(agency_key)
    promise = offered(procedure)
    due_at = expected_due(promise, timezone.now(), calendar_of(agency)) if agency and promise.limit else None
    return {"procedure": procedure, "agency": agency, "due_at": due_at}
