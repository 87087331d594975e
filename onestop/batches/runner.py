"""Making a batch and working through it: for a few seconds at a time, each dossier in a transaction of its own.

A dossier's move and its outcome are written in the same transaction. So no dossier is moved twice and none is left
out, even if several windows run a batch, or it is interrupted.
"""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from onestop.common.errors import Refused
from onestop.dossiers import lifecycle
from onestop.dossiers.desk.forms import Arguments, Data, MoveForm
from onestop.dossiers.models import DossierQuerySet, Move, Transition
from onestop.dossiers.texts.offering import offer, texts_for
from onestop.staff.models import User

from .forms import FORMS
from .models import Batch, Item, Outcome

# At most so many dossiers. With more, the user must filter the list first.
MOST = 10_000
INSERTED_AT_ONCE = 2_000
# Older proposals that were not begun are deleted when their user makes the next one.
FORGOTTEN_AFTER = timedelta(days=1)


class TooMany(Exception):
    """More than `MOST` dossiers were chosen."""


def propose(user: User, move: Move, chosen: DossierQuerySet) -> Batch | None:
    """Makes a batch of these dossiers in their order, not begun; None for no dossiers. Raises TooMany."""
    keys = list(chosen.values_list("pk", flat=True)[: MOST + 1])
    if len(keys) > MOST:
        raise TooMany
    if not keys:
        return None
    with transaction.atomic():
        forgotten = Batch.objects.filter(user=user, begun_at=None, proposed_at__lt=timezone.now() - FORGOTTEN_AFTER)
        forgotten.delete()
        batch = Batch.objects.create(user=user, move=move)
        Item.objects.bulk_create((Item(batch=batch, dossier_id=key) for key in keys), batch_size=INSERTED_AT_ONCE)
    return batch


def undoable_items(batch: Batch) -> QuerySet[Item]:
    """The items of an ended batch whose move can still be undone, as far as time and later moves tell."""
    since = timezone.now() - timedelta(minutes=settings.UNDO_MINUTES)
    later = Transition.objects.filter(dossier=OuterRef("dossier"), pk__gt=OuterRef("transition"))
    if batch.ended_at is None or batch.move not in lifecycle.UNDOABLE:
        return batch.items.none()
    return batch.items.filter(~Exists(later), outcome=Outcome.DONE, transition__at__gt=since)


def undo(batch: Batch) -> Batch | None:
    """Begins a batch that undoes what `batch` has done, the last dossier first, unless one is at it already.

    None if nothing can be undone.
    """
    with transaction.atomic():
        # The button may be pressed twice, in two windows: who comes second gets the batch of the first.
        Batch.objects.select_for_update().get(pk=batch.pk)
        begun = Batch.objects.filter(
            move=Move.UNDO, ended_at=None, items__transition__in=batch.items.values("transition")
        ).first()
        if begun is not None:
            return begun
        undone = list(undoable_items(batch).order_by("-pk").values_list("dossier", "transition"))
        if not undone:
            return None
        undoing = Batch.objects.create(user=batch.user, move=Move.UNDO, begun_at=timezone.now())
        rows = (Item(batch=undoing, dossier_id=dossier, transition_id=made) for dossier, made in undone)
        Item.objects.bulk_create(rows, batch_size=INSERTED_AT_ONCE)
    return undoing


def form_of(batch: Batch, typed: Data | None = None) -> MoveForm:
    """The form of the batch's move. It offers the units and officers of the first dossier's province."""
    first = Item.objects.filter(batch=batch).select_related("dossier__agency")[0]
    form = FORMS[Move(batch.move)](first.dossier, batch.user, typed)
    # The dossiers may be of different procedures, so texts of one procedure are left out.
    offer(form, texts_for(batch.move, batch.user, first.dossier.agency, None))
    return form


def begin(batch: Batch, form: MoveForm) -> None:
    """Begins the batch with the values of the valid form. A second call changes nothing."""
    typed = {name: form.data.get(name, "") for name in form.fields}
    Batch.objects.filter(pk=batch.pk, begun_at=None).update(typed=typed, begun_at=timezone.now())


def stop(batch: Batch) -> None:
    """Ends the batch. Moves that were made stay; the other dossiers are not moved."""
    Batch.objects.filter(pk=batch.pk, ended_at=None).update(ended_at=timezone.now())


def work(batch: Batch, seconds: float) -> None:
    """Works for so many seconds, and ends the batch after its last dossier.

    Raises ValidationError if the form is no longer valid: the officer has left, or the unit was closed.
    """
    form = form_of(batch, batch.typed)
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.values() for error in errors])
    until = monotonic() + seconds
    while _next(batch, form.arguments()):
        if monotonic() > until:
            return
    # A dossier that another process is moving still waits. The process that finishes last ends the batch.
    if not batch.items.filter(outcome=Outcome.WAITING).exists():
        stop(batch)


def _next(batch: Batch, arguments: Arguments) -> bool:
    """Moves one dossier that no other process is moving. Returns False if there is none."""
    item: Item | None = None
    try:
        with transaction.atomic():
            waiting = batch.items.filter(outcome=Outcome.WAITING, batch__ended_at=None)
            locked = waiting.select_for_update(skip_locked=True, of=("self",))
            item = locked.select_related("dossier__procedure", "dossier__agency", "dossier__unit").first()
            if item is not None:
                _move(item, batch, arguments)
    except DatabaseError:
        # The database is not reachable or busy: the dossier waits for the next try.
        raise
    except Exception:
        # A programming error with this dossier: it is marked as refused, so that the others can go on, and raised.
        if item is not None:
            waiting_still = Item.objects.filter(pk=item.pk, outcome=Outcome.WAITING)
            waiting_still.update(outcome=Outcome.REFUSED, said=_("Lỗi hệ thống; vui lòng báo quản trị hệ thống."))
        raise
    return item is not None


def _move(item: Item, batch: Batch, arguments: Arguments) -> None:
    if batch.move == Move.UNDO:
        arguments = {**arguments, "step": item.transition_id}
    try:
        with transaction.atomic():
            item.transition = lifecycle.MAKE[Move(batch.move)](item.dossier, batch.user, **arguments)
        item.outcome = Outcome.DONE
    except Refused as refusal:
        item.outcome, item.said = Outcome.REFUSED, str(refusal)
    item.save(update_fields=["outcome", "said", "transition"])
