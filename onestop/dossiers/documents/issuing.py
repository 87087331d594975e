"""Printing a form. It is drawn once; every later print returns the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.db import transaction as database
from django.db.models import Prefetch
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from onestop.dossiers.lifecycle import UNDOABLE
from onestop.dossiers.models import Dossier, DossierQuerySet, Move, PrintedForm, Transition, effective
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
    return _stored(kind, context, transition) or _record(kind, context, transition, draw(kind, context), printed_by)


class FormsMissing(Exception):
    """Some of the dossiers have no form of the requested kind."""

    def __init__(self, dossiers: list[Dossier]) -> None:
        super().__init__()
        self.dossiers = dossiers


def read_for_printing(dossiers: DossierQuerySet) -> DossierQuerySet:
    """Reads with the dossiers all that their receipts show, in one query for each table."""
    moves = Prefetch("transitions", Transition.objects.select_related("corrects"))
    together = ("papers", "fees", "attachments", "due_dates")
    named = ("agency__parent", "procedure", "commune__province")
    return dossiers.select_related(*named).prefetch_related(moves, *together)


def print_latest(kind: FormKind, dossiers: Sequence[Dossier], printed_by: User) -> list[PrintedForm]:
    """The last form of this kind of each dossier, in their order; each is recorded as a print of its own.

    All or none: raises FormsMissing before anything is drawn if a dossier has no such form, and an error leaves
    neither rows nor files.
    """
    moves = [_last_move(kind, dossier) for dossier in dossiers]
    if missing := [dossier for dossier, move in zip(dossiers, moves, strict=True) if move is None]:
        raise FormsMissing(missing)
    pairs = [(_context(dossier, kind, move), move) for dossier, move in zip(dossiers, moves, strict=True) if move]
    earlier = PrintedForm.objects.filter(transition__in=[move for _context, move in pairs], kind=kind.name)
    stored = {(form.transition_id, form.form_set): form for form in earlier}
    drawn = [
        (context, move, draw(kind, context)) for context, move in pairs if (move.pk, context.form_set) not in stored
    ]
    recorded: list[PrintedForm] = []
    try:
        with database.atomic():
            for context, move, content in drawn:
                recorded.append(_record(kind, context, move, content, printed_by))
    except BaseException:
        # The rows are gone again, but those that a colleague printed in the meantime.
        kept = set(PrintedForm.objects.filter(pk__in=[form.pk for form in recorded]).values_list("pk", flat=True))
        for form in recorded:
            if form.pk not in kept:
                form.file.delete(save=False)
        raise
    stored |= {(form.transition_id, form.form_set): form for form in recorded}
    return [stored[move.pk, context.form_set] for context, move in pairs]


def _last_move(kind: FormKind, dossier: Dossier) -> Transition | None:
    return next((move for offered, move in reversed(printable(dossier)) if offered is kind), None)


def _record(
    kind: FormKind, context: FormContext, transition: Transition, content: bytes, printed_by: User
) -> PrintedForm:
    printed = PrintedForm(
        dossier=context.dossier,
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
            if transition.move in UNDOABLE:
                # Nobody undoes the move while its form is given out.
                Dossier.objects.select_for_update(no_key=True).get(pk=context.dossier.pk)
                _check_not_undone(transition)
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
    _check_not_undone(transition)
    if transition.dossier_id != dossier.pk or not is_its_move:
        raise FormUnavailable(
            _("“%(form)s” không dành cho thao tác “%(move)s” này.")
            % {"form": kind.label, "move": transition.get_move_display()}
        )
    return FormContext(dossier, transition, form_set, title)


def _check_not_undone(move: Transition) -> None:
    if move.move in UNDOABLE and Transition.objects.filter(undoes=move).exists():
        raise FormUnavailable(_("Bước “%(move)s” đã được hoàn tác.") % {"move": move.get_move_display()})


def _stored(kind: FormKind, context: FormContext, transition: Transition) -> PrintedForm | None:
    return PrintedForm.objects.filter(transition=transition, kind=kind.name, form_set=context.form_set).first()
