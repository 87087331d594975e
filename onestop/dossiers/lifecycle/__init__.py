"""What may be done with a dossier, and how: `rules` has the table of legal moves, one function makes each.

Every function takes the dossier and who acts (a user or a partner's colleague; None is the system itself, or a
citizen on the portal), makes the whole move in one transaction with one `Transition`, and raises, with nothing
changed in the database:

- `MoveRefused`: not in this state, not by this person;
- `InputRefused`: by field, where what was typed will not do.

`at` is when the move was made; left out, now. `store` is where it reads and writes; left out, the database, at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from onestop.dossiers.models import Move, Transition

from .endings import approve, deny, lapse, reopen, return_result, stop, withdraw
from .engine import MoveRefused
from .intake import accept, receive, refuse, register
from .pauses import ask_payment, ask_supplement, receive_payment, receive_supplement
from .rules import MANAGED, MOVES, TOGETHER, MoveRule, moves_together, possible_moves
from .work import AMENDABLE, amend, correct_time, extend, hand_over, postpone, start

# The function of each move, for callers that learn only at run time which move is made.
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
}

__all__ = [
    "AMENDABLE",
    "MAKE",
    "MANAGED",
    "MOVES",
    "TOGETHER",
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
    "withdraw",
]
