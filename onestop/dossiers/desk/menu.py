"""The moves that the page of a dossier offers: one way forward, the others, and apart those that end the dossier."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from onestop.dossiers.models import Dossier, Move

from .preview import MovePreview, preview_of

# Moves that bring the dossier forward, and moves that end it without the result that was asked for.
FORWARD: Final = (
    Move.ACCEPT,
    Move.RECEIVE_SUPPLEMENT,
    Move.RECEIVE_PAYMENT,
    Move.START,
    Move.APPROVE,
    Move.RETURN_RESULT,
)
ENDING: Final = (Move.REFUSE, Move.DENY, Move.WITHDRAW, Move.STOP)


class Menu(NamedTuple):
    """`first`: the move that is offered first, none where a user may only end the dossier."""

    first: MovePreview | None
    others: list[MovePreview]
    ending: list[MovePreview]


def menu_of(dossier: Dossier, moves: Iterable[Move]) -> Menu:
    ordered = sorted(moves, key=lambda move: move not in FORWARD)
    working = [preview_of(dossier, move) for move in ordered if move not in ENDING]
    ending = [preview_of(dossier, move) for move in ordered if move in ENDING]
    return Menu(working[0] if working else None, working[1:], ending)
