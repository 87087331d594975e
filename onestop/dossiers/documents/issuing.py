"""Which forms a dossier has, and how one is printed: drawn once, and given out as the same bytes ever after."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.db import transaction as database
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from reportlab.platypus import Flowable

from onestop.dossiers.models import Dossier, Move, PrintedForm, Transition
from onestop.staff.models import User

from .context import FormContext
from .forms import apology, control_slip, receipt, refusal, stop_notice, supplement_request
from .kinds import FORMS, TOLD_BY, FormKind, FormSet
from .sheet import LARGE, SMALL, pdf

PARTS: dict[FormKind, Callable[[FormContext], list[Flowable]]] = {
    FormKind.RECEIPT: receipt.parts,
    FormKind.SUPPLEMENT_REQUEST: supplement_request.parts,
    FormKind.REFUSAL: refusal.parts,
    FormKind.APOLOGY: apology.parts,
    FormKind.STOP_NOTICE: stop_notice.parts,
    FormKind.CONTROL_SLIP: control_slip.parts,
}


class FormUnavailable(Exception):
    """There is no such form for this move, or not in the agency's set; `str()` says so in the user's language."""


def printable(dossier: Dossier) -> list[tuple[FormKind, Transition]]:
    """What can be printed now, in the order of the moves; the control slip, of the last one, at the end.

    Of a move whose moment was put right, the form is printed anew for the correction.
    """
    forms = FORMS[FormSet(dossier.agency.form_set)]
    moves = list(dossier.transitions.all())
    told_by = {move.pk: move for move in moves} | {move.corrects_id: move for move in moves if move.corrects_id}
    made = [move for move in moves if move.move != Move.CORRECT_TIME]
    made.sort(key=lambda move: told_by[move.pk].pk)
    found = [
        (kind, told_by[move.pk])
        for move in made
        for kind, told in TOLD_BY.items()
        if kind in forms and move.move in told
    ]
    if moves and moves[-1].accepted:
        found.append((FormKind.CONTROL_SLIP, moves[-1]))
    return found


def print_form(dossier: Dossier, kind: FormKind, transition: Transition, printed_by: User) -> PrintedForm:
    """The form of that move: printed now, or the one that was printed before. Raises FormUnavailable."""
    occasion = _occasion(dossier, kind, transition)
    printed = _stored(kind, occasion, transition)
    if printed is not None:
        return printed
    content = draw(kind, occasion)
    printed = PrintedForm(
        dossier=dossier,
        transition=transition,
        kind=kind,
        form_set=occasion.form_set,
        sha256=hashlib.sha256(content).hexdigest(),
        printed_at=timezone.now(),
        printed_by=printed_by.full_name or printed_by.username,
    )
    printed.file.save("", ContentFile(content), save=False)
    try:
        with database.atomic():
            printed.save(force_insert=True)
    except BaseException as error:
        printed.file.delete(save=False)
        # A colleague printed it in the meantime: that one is given out.
        winner = _stored(kind, occasion, transition) if isinstance(error, IntegrityError) else None
        if winner is None:
            raise
        return winner
    return printed


def draw(kind: FormKind, occasion: FormContext) -> bytes:
    """The PDF of a form, in Vietnamese whatever language its printer reads."""
    sheet = LARGE if kind == FormKind.CONTROL_SLIP else SMALL
    with translation.override("vi"):
        return pdf(
            sheet,
            title=occasion.form.title,
            source=occasion.source,
            code=occasion.dossier.code or "",
            parts=lambda: PARTS[kind](occasion),
        )


def _occasion(dossier: Dossier, kind: FormKind, transition: Transition) -> FormContext:
    form_set = FormSet(dossier.agency.form_set)
    form = FORMS[form_set].get(kind)
    if form is None:
        raise FormUnavailable(_("Bộ mẫu %(set)s không có “%(form)s”.") % {"set": form_set.label, "form": kind.label})
    if kind != FormKind.CONTROL_SLIP:
        # A correction tells again, with the right moment, what the move that it corrects tells of.
        transition = transition.corrects or transition
    told = transition.accepted if kind == FormKind.CONTROL_SLIP else transition.move in TOLD_BY[kind]
    if transition.dossier_id != dossier.pk or not told:
        raise FormUnavailable(
            _("“%(form)s” không dành cho việc “%(move)s” này.")
            % {"form": kind.label, "move": transition.get_move_display()}
        )
    return FormContext(dossier, transition, form_set, form)


def _stored(kind: FormKind, occasion: FormContext, transition: Transition) -> PrintedForm | None:
    return PrintedForm.objects.filter(transition=transition, kind=kind, form_set=occasion.form_set).first()
