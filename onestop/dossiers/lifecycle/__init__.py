"""The moves of a dossier: `rules` has the table of legal moves, and one function makes each.

Every function takes the dossier and the actor (a user or a partner's colleague; None is the system itself, or a
citizen on the portal), makes the whole move in one transaction with one `Transition`, or changes nothing in the
database and raises:

- `MoveRefused`: not in this state, not by this person;
- `InputRefused`: by field, for wrong input.

`at`: when the move was made; by default now. `store`: where the move reads and writes; by default the database, at
once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from onestop.dossiers.models import Move, Transition

from .endings import approve, deny, lapse, reopen, return_result, stop, withdraw
from .engine import MoveRefused
from .intake import accept, receive, refuse, register
from .pauses import ask_payment, ask_supplement, receive_payment, receive_supplement
from .rules import MANAGED, MOVES, TOGETHER, UNDOABLE, MoveRule, moves_together, possible_moves
from .undoing import undo, undoable_move
from .work import AMENDABLE, amend, correct_time, extend, hand_over, postpone, start

# The function of each move, for callers that know only at run time which move is made.
MAKE: Final[dict[Move, Callable[..., Transition]]] = {
    Move.REGISTER: register,
    Move.ACCEPT: accept,
    Move.REFUSE: refuse,
    Move.ASK_SUPPLEMENT: ask_supplement,
    Move.RECEIVE_SUPPLEMENT: receive_supplement,
    Move.ASK_PAYMENT: ask_payment,
    Move.RECEIVE_PAYMENT: receive_payment,
    Move.START: start,
    Move.APPROVE: approve,
    Move.DENY: deny,
    Move.RETURN_RESULT: return_result,
    Move.AMEND: amend,
    Move.HAND_OVER: hand_over,
    Move.EXTEND: extend,
    Move.WITHDRAW: withdraw,
    Move.STOP: stop,
    Move.REOPEN: reopen,
    Move.POSTPONE: postpone,
    Move.CORRECT_TIME: correct_time,
    Move.UNDO: undo,
}

__all__ = [
    "AMENDABLE",
    "MAKE",
    "MANAGED",
    "MOVES",
    "TOGETHER",
    "UNDOABLE",
    "MoveRefused",
    "MoveRule",
    "accept",
    "amend",
    "approve",
    "ask_payment",
    "ask_supplement",
    "correct_time",
    "deny",
    "extend",
    "hand_over",
    "lapse",
    "moves_together",
    "possible_moves",
    "postpone",
    "receive",
    "receive_payment",
    "receive_supplement",
    "refuse",
    "register",
    "reopen",
    "return_result",
    "start",
    "stop",
    "undo",
    "undoable_move",
    "withdraw",
]
