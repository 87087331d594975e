"""What a move will do, shown before it is made: to the dossier, on paper, and at the portal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.functional import Promise

from onestop.catalog.models import Agency
from onestop.dossiers.documents import kinds_in
from onestop.dossiers.models import Dossier, Move

from .move_forms import MOVE_FORMS


class MovePreview(NamedTuple):
    """`forms`: which forms can be printed afterwards. Apps above add their own lines, such as reports, in a slot."""

    move: Move
    sentence: Promise
    forms: Sequence[str | Promise]


def preview_of(dossier: Dossier, move: Move) -> MovePreview:
    kinds = kinds_in(Agency.FormSet(dossier.agency.form_set))
    forms = [kind.label for kind in kinds if move in kind.moves]
    return MovePreview(move, MOVE_FORMS[move][1], forms)
