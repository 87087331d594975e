"""Printing at the desk: the list of a dossier's forms, the button that prints one, and the printed form itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRedirect

from onestop.common.web.framing import shown_within_our_pages
from onestop.common.web.methods import post_only
from onestop.dossiers.models import Dossier, PrintedForm, Transition
from onestop.dossiers.roles import may_print
from onestop.staff.models import AccessLog, User
from onestop.staff.requests import StaffRequest

from . import KINDS, FormKind, FormUnavailable, print_form, printable
from .typeface.missing_letters import missing


class Offer(NamedTuple):
    """A form that can be printed and was not printed yet."""

    kind: FormKind
    transition: Transition


class Print(NamedTuple):
    """A form that was printed."""

    kind: FormKind
    form: PrintedForm


class Forms(NamedTuple):
    """`missing`: letters of the dossier that the typeface lacks, each with its number."""

    offers: list[Offer]
    prints: list[Print]
    missing: list[str]
    may_print: bool


def printing_context(dossier: Dossier, user: User) -> dict[str, Forms]:
    """The context of dossiers/printing.html."""
    stored = list(dossier.printed_forms.all())
    known = {(form.kind, form.transition_id, form.form_set) for form in stored}
    offers = [
        Offer(kind, transition)
        for kind, transition in (printable(dossier) if may_print(user) else [])
        if (kind.name, transition.pk, dossier.agency.form_set) not in known
    ]
    letters = [f"{sign} (U+{ord(sign):04X})" for sign in missing(_texts_on_paper(dossier))]
    return {"forms": Forms(offers, [Print(KINDS[form.kind], form) for form in stored], letters, may_print(user))}


def _texts_on_paper(dossier: Dossier) -> Iterator[str]:
    """All texts of the dossier that a form may print."""
    yield from (dossier.applicant_name, dossier.full_address, dossier.phone, dossier.email, dossier.summary)
    yield from (dossier.submitter_name, dossier.submitter_authorisation)
    yield from (dossier.agency.name, dossier.procedure.name)
    for paper in dossier.papers.all():
        yield paper.name
    for fee in dossier.fees.all():
        yield from (fee.name, fee.receipt_no)
    for step in dossier.transitions.all():
        yield from (step.actor_name, step.actor_position, step.comment, step.unit.name)
        # Names, codes and instants, as the move set them.
        yield from (fact for fact in step.facts.values() if isinstance(fact, str))
    for supplement in dossier.supplements.all():
        yield supplement.request
    for opinion in dossier.opinions.all():
        yield opinion.agency.name


@post_only
def print_one(request: StaffRequest, uuid: UUID, kind: str, transition: int) -> HttpResponse:
    """A page with scripts gets the part of itself that lists the prints, and prints the new one from there."""
    dossier = _visible(request.user, uuid)
    if not may_print(request.user):
        raise PermissionDenied(_("Vai trò của bạn không in phiếu."))
    if kind not in KINDS:
        raise Http404
    move = get_object_or_404(dossier.transitions, pk=transition)
    try:
        printed = print_form(dossier, KINDS[kind], move, request.user)
    except FormUnavailable as error:
        messages.warning(request, str(error))
        page = reverse("dossiers:detail", args=[dossier.uuid])
        return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
    if not request.htmx:
        return redirect("dossiers:printed", dossier.uuid, printed.pk)
    context = {"dossier": dossier, "print_now": printed.pk, **printing_context(dossier, request.user)}
    return render(request, "dossiers/printing.html", context)


@require_GET
@never_cache
def printed(request: StaffRequest, uuid: UUID, pk: int) -> FileResponse:
    """The stored form, shown in the browser, which sends it to the printer."""
    dossier = _visible(request.user, uuid)
    stored = get_object_or_404(dossier.printed_forms, pk=pk)
    try:
        content = stored.file.open("rb")
    except FileNotFoundError:
        raise Http404(_("Tệp này không còn trong kho.")) from None
    AccessLog.note(request.user, AccessLog.Act.FILE, dossier.uuid)
    name = f"{dossier.code or dossier.uuid}-{stored.kind}.pdf"
    answer = FileResponse(content, filename=name, content_type="application/pdf")
    shown_within_our_pages(answer)
    return answer


def _visible(user: User, uuid: UUID) -> Dossier:
    everything = Dossier.objects.visible_to(user).select_related("agency__parent", "procedure")
    return get_object_or_404(everything, uuid=uuid)
