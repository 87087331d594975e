"""Who hears of a move: the colleagues whose work it concerns, and never the person who made it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from onestop.dossiers.models import Move, NewsItem, Transition
from onestop.staff.models import Role, User

# Of these the officer hears nothing: they are the usual course of a dossier, or there is no officer yet.
UNREPORTED: Final = (Move.REGISTER, Move.ACCEPT, Move.REFUSE, Move.START, Move.RETURN_RESULT)


def news_of(transition: Transition, officer_before: int | None) -> Iterator[NewsItem]:
    """The news of a move, not saved. `officer_before`: the key of the officer before the move.

    - A hand-over: the new officer; without one the leaders of the unit that has the dossier now, or, if it has none,
      all its officers; and the officer from whom the dossier was taken.
    - An undoing: whoever has read of the move that was undone.
    - Another move: the officer.
    """
    kinds: dict[int, NewsItem.Kind] = {}
    officer = transition.dossier.officer_id
    if transition.undoes_id is not None:
        readers = NewsItem.objects.filter(transition=transition.undoes_id).exclude(read_at=None)
        kinds = dict.fromkeys(readers.values_list("user", flat=True), NewsItem.Kind.MOVE)
    elif transition.move == Move.HAND_OVER:
        if officer_before is not None and officer_before != officer:
            kinds[officer_before] = NewsItem.Kind.TAKEN_OVER
        if officer is None:
            kinds |= dict.fromkeys(_receivers_of(transition.dossier.unit_id), NewsItem.Kind.TO_UNIT)
        elif officer != officer_before:
            kinds[officer] = NewsItem.Kind.ASSIGNED
    elif officer is not None and transition.move not in UNREPORTED:
        kinds[officer] = NewsItem.Kind.MOVE
    kinds.pop(transition.actor_id or 0, None)
    for user, kind in kinds.items():
        yield NewsItem(
            user_id=user,
            dossier=transition.dossier,
            kind=kind,
            move=transition.move,
            at=transition.at,
            actor_name=transition.actor_name,
            transition=transition,
        )


def _receivers_of(unit: int) -> list[int]:
    """Who assigns the work of `unit`: its leaders, or, if it has none, whoever may take it up."""
    rows = User.objects.filter(agency=unit, is_active=True, role__in=(Role.MANAGER, Role.OFFICER))
    people = list(rows.order_by("pk").values_list("pk", "role"))
    leaders = [key for key, role in people if role == Role.MANAGER]
    return leaders or [key for key, _role in people]
