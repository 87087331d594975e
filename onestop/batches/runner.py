"""How a batch comes about and is worked off: a slice at a time, each dossier in a transaction of its own.

A dossier's move and the note that it was made are written together: however many windows drive a batch, and however
often it is interrupted, no dossier is moved twice and none is left out.
"""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from onestop.common.errors import Refused
from onestop.dossiers import lifecycle
from onestop.dossiers.desk.forms import Arguments, Data, MoveForm
from onestop.dossiers.models import DossierQuerySet, Move
from onestop.staff.models import User

from .forms import FORMS
from .models import Batch, Item, Outcome

# So many dossiers at most: beyond, a list is narrowed first.
MOST = 10_000
INSERTED_AT_ONCE = 2_000
# Proposals that were not begun are thrown away when their user makes the next one.
FORGOTTEN_AFTER = timedelta(days=1)


class TooMany(Exception):
    """More than `MOST` dossiers were chosen."""


def propose(user: User, move: Move, chosen: DossierQuerySet) -> Batch | None:
    """A batch of these dossiers in their order, not begun; None where nothing was chosen."""
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


def form_of(batch: Batch, typed: Data | None = None) -> MoveForm:
    """The form of its move; units and officers to choose from are those of its first dossier's province."""
    first = Item.objects.filter(batch=batch).select_related("dossier__agency")[0]
    return FORMS[Move(batch.move)](first.dossier, batch.user, typed)


def begin(batch: Batch, form: MoveForm) -> None:
    """With what is on the form, which is valid. Twice is once."""
    typed = {name: form.data.get(name, "") for name in form.fields}
    Batch.objects.filter(pk=batch.pk, begun_at=None).update(typed=typed, begun_at=timezone.now())


def stop(batch: Batch) -> None:
    """What is done stays done; the rest is left."""
    Batch.objects.filter(pk=batch.pk, ended_at=None).update(ended_at=timezone.now())


def work(batch: Batch, seconds: float) -> None:
    """Works on for so long, and ends the batch with its last dossier.

    Raises ValidationError where what was typed will not do any more: the officer has left, the unit was closed.
    """
    form = form_of(batch, batch.typed)
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.values() for error in errors])
    until = monotonic() + seconds
    while _next(batch, form.arguments()):
        if monotonic() > until:
            return
    # One that another process has in hand waits still: the one that does the last ends the batch.
    if not batch.items.filter(outcome=Outcome.WAITING).exists():
        stop(batch)


def _next(batch: Batch, arguments: Arguments) -> bool:
    """Moves one dossier that no other process is moving; false where there is none."""
    item: Item | None = None
    try:
        with transaction.atomic():
            waiting = batch.items.filter(outcome=Outcome.WAITING, batch__ended_at=None)
            locked = waiting.select_for_update(skip_locked=True, of=("self",))
            item = locked.select_related("dossier__procedure", "dossier__agency", "dossier__unit").first()
            if item is not None:
                _move(item, batch, arguments)
    except DatabaseError:
        # The database is away or busy: the dossier waits for the next try.
        raise
    except Exception:
        # A fault of ours with this one dossier: noted, so that the others are not held up, and shown.
        if item is not None:
            waiting_still = Item.objects.filter(pk=item.pk, outcome=Outcome.WAITING)
            waiting_still.update(outcome=Outcome.REFUSED, said=_("Lỗi hệ thống; hãy báo quản trị hệ thống."))
        raise
    return item is not None


def _move(item: Item, batch: Batch, arguments: Arguments) -> None:
    try:
        with transaction.atomic():
            item.transition = lifecycle.MAKE[Move(batch.move)](item.dossier, batch.user, **arguments)
        item.outcome = Outcome.DONE
    except Refused as refusal:
        item.outcome, item.said = Outcome.REFUSED, str(refusal)
    item.save(update_fields=["outcome", "said", "transition"])
