"""Undoing one's own last move within some minutes, such as a slip of the mouse.

Nothing is deleted from the history: the undoing is a move of its own, reported to the portal like any other, and the
two together are as if neither had been made (`models.effective`): the dossier has its former values and the figures
count neither. `rules.UNDOABLE` has the moves that can be undone; any other is put right by a move that says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from onestop.common.errors import sentence
from onestop.dossiers.models import (
    Dossier,
    Fee,
    Move,
    NewsItem,
    Paper,
    State,
    Supplement,
    Transition,
)
from onestop.dossiers.store import DATABASE, Store
from onestop.partners.models import Actor
from onestop.staff.models import User

from .engine import MoveRefused, MoveStep, moving
from .rules import MOVES, UNDOABLE


def undo(
    dossier: Dossier,
    actor: Actor | None,
    *,
    step: int | None = None,
    comment: str = "",
    at: datetime | None = None,
    store: Store = DATABASE,
) -> Transition:
    """Takes back the actor's own last move. `step`: its key, if the actor saw which one it is.

    Raises MoveRefused if another move was made since, if it is somebody else's or too old, and where something of it
    has left the office: a printed form, a file of the result, a paid fee.
    """
    with moving(Move.UNDO, dossier, actor, at, comment, store) as made:
        moves = store.parts(dossier, Transition)
        undone = moves[-1]
        if step is not None and undone.pk != step:
            message = _("Sau thao tác này hồ sơ đã có bước “%(move)s” nên không hoàn tác được.")
            raise MoveRefused(sentence(message, move=Move(undone.move).label))
        if reason := _why_not(dossier, moves, actor, made.at):
            raise MoveRefused(reason)
        _take_back(made, undone)
    return made.transition


def undoable_move(dossier: Dossier, actor: Actor, at: datetime) -> Transition | None:
    """The dossier's last move, if `actor` can undo it at that time."""
    moves = list(dossier.transitions.all())
    return None if not moves or _why_not(dossier, moves, actor, at) else moves[-1]


def undo_until(move: Transition) -> datetime:
    """Until when, exclusively, `move` can be undone: `UNDO_MINUTES` after it."""
    return move.at + timedelta(minutes=settings.UNDO_MINUTES)


def _why_not(dossier: Dossier, moves: Sequence[Transition], actor: Actor | None, at: datetime) -> StrOrPromise | None:
    """Why the last of the dossier's `moves` cannot be undone by `actor`; None if it can."""
    last = moves[-1]
    if not isinstance(actor, User) or last.actor_id != actor.pk or not actor.has_role(*MOVES[Move(last.move)].roles):
        return _("Chỉ người thực hiện bước cuối cùng mới hoàn tác được bước đó.")
    # Two moves of one instant: what belongs to the last cannot be told from what belongs to the other.
    is_apart = len(moves) > 1 and moves[-2].at < last.at
    if last.move not in UNDOABLE or last.overwritten is None or not is_apart:
        return sentence(_("Bước “%(move)s” không hoàn tác được."), move=Move(last.move).label)
    if at >= undo_until(last):
        message = _("Chỉ hoàn tác được trong %(minutes)s phút sau khi thực hiện.")
        return sentence(message, minutes=settings.UNDO_MINUTES)
    return _what_left_the_office(dossier, last)


def _what_left_the_office(dossier: Dossier, last: Transition) -> StrOrPromise | None:
    if any(form.transition_id == last.pk for form in dossier.printed_forms.all()):
        return _("Đã in giấy của bước này nên không hoàn tác được; vui lòng dùng thao tác khác của hồ sơ.")
    if any(attachment.uploaded_at == last.at for attachment in dossier.attachments.all()):
        return _("Bước này đã kèm tệp nên không hoàn tác được; lãnh đạo có thể mở lại hồ sơ.")
    demanded = [fee for fee in dossier.fees.all() if fee.demanded_at == last.at]
    if any(fee.paid_at or fee.waived_at for fee in demanded):
        return _("Khoản tiền của bước này đã được nộp hoặc miễn nên không hoàn tác được.")
    return None


def _take_back(made: MoveStep, undone: Transition) -> None:
    """Gives the dossier its former values, and removes what `undone` asked the citizen for."""
    dossier = made.dossier
    for name, value in (undone.overwritten or {}).items():
        column = cast("models.Field[object, object]", Dossier._meta.get_field(name))
        setattr(dossier, name, column.to_python(value))
    made.target = State(undone.from_state or dossier.state)
    # Where the actor works, though the dossier may have gone elsewhere by the move.
    made.transition.unit = undone.unit
    made.transition.undoes = undone
    made.facts |= {"move": undone.move}
    # Nobody need hear of what was undone before he had read it.
    NewsItem.objects.filter(transition=undone).unread().delete()
    if not made.transition.comment:
        with translation.override(settings.LANGUAGE_CODE):
            made.transition.comment = str(sentence(_("Hoàn tác “%(move)s”."), move=Move(undone.move).label))
    if undone.move in (Move.ASK_SUPPLEMENT, Move.ASK_PAYMENT):
        # The request itself stays in the history, with its text.
        supplements = Supplement.objects.filter(dossier=dossier, asked_at=undone.at)
        Paper.objects.filter(supplement__in=supplements).delete()
        Fee.objects.filter(dossier=dossier, demanded_at=undone.at).delete()
        supplements.delete()
