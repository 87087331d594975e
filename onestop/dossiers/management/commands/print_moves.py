"""`python manage.py print_moves`: prints the table of moves from the code, for docs/moves.md."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils import translation

from onestop.dossiers.lifecycle import MOVES
from onestop.dossiers.lifecycle.rules import MoveRule
from onestop.dossiers.models import Move, State

HEAD = """# The table of moves

Printed from `dossiers/lifecycle/rules.py` by `python manage.py print_moves > docs/moves.md`; a test compares them.
Anything else is refused, with a sentence that says what is possible instead.

| move | in Vietnamese | from | to | by |
|---|---|---|---|---|"""
FROM = {Move.REGISTER: "new", Move.UNDO: "after one's own last move, for some minutes"}
# The targets that the table does not contain, because the move's function decides.
TO = {
    Move.RECEIVE_SUPPLEMENT: "where it came from",
    Move.RECEIVE_PAYMENT: "where it came from",
    Move.AMEND: "stays",
    Move.HAND_OVER: "stays",
    Move.EXTEND: "stays; once at most",
    Move.REOPEN: "4; 1 if it was never accepted",
    Move.POSTPONE: "stays; due on the next working day",
    Move.CORRECT_TIME: "stays",
    Move.UNDO: "where it came from",
}


class Command(BaseCommand):
    help = "In bảng các bước xử lý hợp lệ."

    def handle(self, *args: object, **options: object) -> None:
        with translation.override("vi"):
            self.stdout.write(HEAD)
            for move, rule in MOVES.items():
                self.stdout.write(self.line(move, rule))
            self.stdout.write("\nStates: " + "; ".join(f"{state.value} {state.label}" for state in State) + ".")

    def line(self, move: Move, rule: MoveRule) -> str:
        sources = ", ".join(str(state.value) for state in rule.sources) or FROM[move]
        target = str(rule.target.value) if rule.target else TO[move]
        roles = ", ".join(role.value for role in rule.roles)
        return f"| `{move.value}` | {move.label} | {sources} | {target} | {roles} |"
