"""What a move will do, before it is made: with the dossier, on paper, and at the portal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.functional import Promise

from onestop.dossiers.documents.kinds import FORMS, TOLD_BY, FormSet
from onestop.dossiers.models import Dossier, Move

from .move_forms import MOVE_FORMS


class MovePreview(NamedTuple):
    """`forms`: what can be printed afterwards. What apps above add, such as a report, they put into its slot."""

    move: Move
    sentence: Promise
    forms: Sequence[str | Promise]


def foreseen(dossier: Dossier, move: Move) -> MovePreview:
    in_force = FORMS[FormSet(dossier.agency.form_set)]
    forms = [kind.label for kind, moves in TOLD_BY.items() if move in moves and kind in in_force]
    return MovePreview(move, MOVE_FORMS[move][1], forms)
