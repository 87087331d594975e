"""Printing a form. It is drawn once; every later print returns the same bytes."""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.db import transaction as database
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from onestop.dossiers.models import Dossier, Move, PrintedForm, Transition, effective
from onestop.staff.models import User

from .context import FormContext
from .forms import kinds_in
from .kinds import FormKind, FormSet
from .sheet import pdf


class FormUnavailable(Exception):
    """There is no such form for this move, or not in the agency's set; `str()` says so in the user's language."""


def printable(dossier: Dossier) -> list[tuple[FormKind, Transition]]:
    """The forms that can be printed now, in the order of the moves. A form of all moves comes last, for the last move.

    A move that was undone has none. If the moment of a move was corrected, its form is printed again for the
    correction.
    """
    kinds = kinds_in(FormSet(dossier.agency.form_set))
    moves = effective(dossier.transitions.all())
    latest = {move.pk: move for move in moves} | {move.corrects_id: move for move in moves if move.corrects_id}
    made = [move for move in moves if move.move != Move.CORRECT_TIME]
    made.sort(key=lambda move: latest[move.pk].pk)
    forms = [(kind, latest[move.pk]) for move in made for kind in kinds if move.move in kind.moves]
    if moves and moves[-1].accepted:
        forms += [(kind, moves[-1]) for kind in kinds if kind.tells_of_all_moves]
    return forms


def print_form(dossier: Dossier, kind: FormKind, transition: Transition, printed_by: User) -> PrintedForm:
    """The form of that move: the one that was printed before, or a new print. Raises FormUnavailable."""
    context = _context(dossier, kind, transition)
    printed = _stored(kind, context, transition)
    if printed is not None:
        return printed
    content = draw(kind, context)
    printed = PrintedForm(
        dossier=dossier,
        transition=transition,
        kind=kind.name,
        form_set=context.form_set,
        sha256=hashlib.sha256(content).hexdigest(),
        printed_at=timezone.now(),
        printed_by=printed_by.full_name or printed_by.username,
    )
    printed.file.save("", ContentFile(content), save=False)
    try:
        with database.atomic():
            # Nobody undoes the move while its form is given out.
            Dossier.objects.select_for_update(no_key=True).get(pk=dossier.pk)
            _context(dossier, kind, transition)
            printed.save(force_insert=True)
    except BaseException as error:
        printed.file.delete(save=False)
        # A colleague printed it in the meantime: only that print is given out.
        winner = _stored(kind, context, transition) if isinstance(error, IntegrityError) else None
        if winner is None:
            raise
        return winner
    return printed


def draw(kind: FormKind, context: FormContext) -> bytes:
    """The PDF of a form, in Vietnamese whatever the user's language is."""
    with translation.override("vi"):
        return pdf(
            kind.sheet,
            title=context.form.title,
            source=context.source,
            code=context.dossier.code or "",
            parts=lambda: kind.parts(context),
        )


def _context(dossier: Dossier, kind: FormKind, transition: Transition) -> FormContext:
    form_set = FormSet(dossier.agency.form_set)
    title = kind.titles.get(form_set)
    if title is None:
        raise FormUnavailable(_("Bộ mẫu %(set)s không có “%(form)s”.") % {"set": form_set.label, "form": kind.label})
    if not kind.tells_of_all_moves:
        # A correction prints the form of the move that it corrects again, with the right moment.
        transition = transition.corrects or transition
    is_its_move = transition.accepted if kind.tells_of_all_moves else transition.move in kind.moves
    if Transition.objects.filter(undoes=transition).exists():
        raise FormUnavailable(_("Bước “%(move)s” đã được hoàn tác.") % {"move": transition.get_move_display()})
    if transition.dossier_id != dossier.pk or not is_its_move:
        raise FormUnavailable(
            _("“%(form)s” không dành cho thao tác “%(move)s” này.")
            % {"form": kind.label, "move": transition.get_move_display()}
        )
    return FormContext(dossier, transition, form_set, title)


def _stored(kind: FormKind, context: FormContext, transition: Transition) -> PrintedForm | None:
    return PrintedForm.objects.filter(transition=transition, kind=kind.name, form_set=context.form_set).first()
