"""The table of moves: from which states each starts, in which state it ends, and which roles may make it."""

from __future__ import annotations

from dataclasses import dataclass

from onestop.dossiers.access import sees
from onestop.dossiers.models import FINAL, PAUSED, Dossier, Move, State
from onestop.partners.models import Actor
from onestop.staff.models import Role


@dataclass(frozen=True)
class MoveRule:
    """From which states a move starts, in which state it ends, and which roles may make it.

    `target` None: the state before the dossier's pause, or the state it is in; the move's function decides. Without
    sources: no state opens the move. A dossier begins with *register*, and *undo* depends on the last move
    (`undoing`).
    """

    sources: tuple[State, ...]
    target: State | None
    roles: tuple[Role, ...]


_DESK = (Role.RECEPTION, Role.MANAGER)
_OFFICE = (Role.OFFICER, Role.MANAGER)
_BOTH = (Role.RECEPTION, Role.OFFICER, Role.MANAGER)

MOVES: dict[Move, MoveRule] = {
    Move.REGISTER: MoveRule((), State.REGISTERED, _DESK),
    Move.ACCEPT: MoveRule((State.REGISTERED,), State.ACCEPTED, _DESK),
    Move.REFUSE: MoveRule((State.REGISTERED,), State.REFUSED, _DESK),
    Move.ASK_SUPPLEMENT: MoveRule(
        (State.REGISTERED, State.ACCEPTED, State.IN_PROGRESS), State.AWAITING_SUPPLEMENT, _BOTH
    ),
    Move.RECEIVE_SUPPLEMENT: MoveRule((State.AWAITING_SUPPLEMENT,), None, _BOTH),
    Move.ASK_PAYMENT: MoveRule((State.ACCEPTED, State.IN_PROGRESS), State.AWAITING_PAYMENT, _BOTH),
    Move.RECEIVE_PAYMENT: MoveRule((State.AWAITING_PAYMENT,), None, _BOTH),
    Move.START: MoveRule((State.ACCEPTED,), State.IN_PROGRESS, _OFFICE),
    Move.APPROVE: MoveRule((State.ACCEPTED, State.IN_PROGRESS), State.COMPLETED, _OFFICE),
    Move.DENY: MoveRule((State.ACCEPTED, State.IN_PROGRESS), State.COMPLETED, _OFFICE),
    Move.RETURN_RESULT: MoveRule((State.COMPLETED,), State.RETURNED, _DESK),
    Move.AMEND: MoveRule((State.REGISTERED, State.ACCEPTED, State.IN_PROGRESS, *PAUSED), None, _BOTH),
    Move.HAND_OVER: MoveRule((State.ACCEPTED, State.IN_PROGRESS, *PAUSED), None, _BOTH),
    Move.EXTEND: MoveRule((State.ACCEPTED, State.IN_PROGRESS), None, _OFFICE),
    Move.WITHDRAW: MoveRule((State.REGISTERED, State.ACCEPTED, State.IN_PROGRESS, *PAUSED), State.WITHDRAWN, _BOTH),
    Move.STOP: MoveRule((State.ACCEPTED, State.IN_PROGRESS, *PAUSED), State.STOPPED, _OFFICE),
    Move.REOPEN: MoveRule((*FINAL, State.COMPLETED), None, (Role.MANAGER,)),
    Move.POSTPONE: MoveRule(
        (State.ACCEPTED, State.IN_PROGRESS, *PAUSED, State.COMPLETED, State.RETURNED), None, (Role.MANAGER,)
    ),
    Move.CORRECT_TIME: MoveRule(tuple(State), None, (Role.MANAGER,)),
    Move.UNDO: MoveRule((), None, _BOTH),
}

# A leader's decisions: neither the system itself nor a citizen makes them.
MANAGED = tuple(move for move, rule in MOVES.items() if rule.roles == (Role.MANAGER,))

# The moves that can be undone: they change the dossier's own values and ask the citizen for something. The others gave
# the citizen a code, a date or a receipt, took his papers or money, or are corrected by being made again.
UNDOABLE = (
    Move.REFUSE,
    Move.ASK_SUPPLEMENT,
    Move.ASK_PAYMENT,
    Move.START,
    Move.APPROVE,
    Move.DENY,
    Move.RETURN_RESULT,
    Move.HAND_OVER,
    Move.WITHDRAW,
    Move.STOP,
)

# The moves that can be made with many dossiers at once: they need no text or file of each dossier's own.
TOGETHER = (Move.ACCEPT, Move.START, Move.HAND_OVER, Move.APPROVE, Move.RETURN_RESULT, Move.POSTPONE)


def moves_together(user: Actor) -> list[Move]:
    """The moves of `TOGETHER` that the user's role may make."""
    return [move for move in TOGETHER if user.has_role(*MOVES[move].roles)]


def possible_moves(dossier: Dossier, actor: Actor | None) -> list[Move]:
    """The moves that `actor` (None: the system itself) can make with this dossier now, in the order of the table."""
    moves = [move for move, rule in MOVES.items() if dossier.state in rule.sources]
    if actor is None:
        return moves
    if not sees(actor, dossier):
        return []
    moves = [move for move in moves if actor.has_role(*MOVES[move].roles)]
    # An agency that has ended finishes its dossiers, but accepts no new ones.
    return [move for move in moves if move != Move.ACCEPT or dossier.agency.takes_in]
