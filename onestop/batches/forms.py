"""The form of a batch, filled in once for all its dossiers: the move's own form, without each dossier's own fields."""

from __future__ import annotations

from django.utils.translation import gettext as _

from onestop.dossiers.desk.forms import ApproveForm, MoveForm, ReasonForm
from onestop.dossiers.desk.hand_over import HandOverForm
from onestop.dossiers.desk.move_forms import MOVE_FORMS
from onestop.dossiers.models import Move


class ApproveTogetherForm(ApproveForm):
    # A file of a result belongs to one dossier only.
    uploads = None  # type: ignore[assignment] # None is Django's way to drop an inherited field


class HandOverTogetherForm(HandOverForm):
    def clean(self) -> dict[str, object] | None:
        typed = super().clean()
        if not self.errors and not self.cleaned_data["unit"] and not self.cleaned_data["officer"]:
            self.add_error("unit", _("Vui lòng chọn đơn vị hoặc cán bộ sẽ nhận hồ sơ."))
        return typed


FORMS: dict[Move, type[MoveForm]] = {
    Move.ACCEPT: MoveForm,
    Move.START: MoveForm,
    Move.HAND_OVER: HandOverTogetherForm,
    Move.APPROVE: ApproveTogetherForm,
    # Without a return method: each dossier keeps the one that its applicant has chosen.
    Move.RETURN_RESULT: MoveForm,
    Move.POSTPONE: ReasonForm,
    Move.UNDO: MoveForm,
}


def sentence(move: Move) -> str:
    return str(MOVE_FORMS[move][1])
