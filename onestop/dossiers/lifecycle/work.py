"""Work on a running dossier: start, hand over, set another due date, correct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, Phase
from onestop.common.errors import InputRefused, Refused
from onestop.dossiers.deadlines.moments import check_ahead
from onestop.dossiers.deadlines.rules import after_day_off
from onestop.dossiers.models import Dossier, DueDate, Move, Transition
from onestop.dossiers.store import DATABASE, Store
from onestop.partners.models import Actor
from onestop.staff.models import User

from . import applicants
from .correcting import correct, postponed_since
from .engine import MoveRefused, as_text, moving, required

# What may be amended while the dossier runs: the data of applicant and submitter, the summary, how the result is
# returned. The procedure and the dates may not.
AMENDABLE: Final[tuple[str, ...]] = (
    "applicant_kind",
    "applicant_name",
    "birth_date",
    "identity_no",
    "phone",
    "email",
    "address",
    "commune",
    "applicant_note",
    *applicants.SUBMITTER,
    "summary",
    "return_method",
)


def start(
    dossier: Dossier, actor: Actor | None, *, at: datetime | None = None, comment: str = "", store: Store = DATABASE
) -> Transition:
    """Begins the work. A user who starts a dossier without an officer becomes its officer."""
    with moving(Move.START, dossier, actor, at, comment, store) as step:
        if dossier.officer is None and isinstance(actor, User):
            dossier.officer = actor
    return step.transition


def hand_over(
    dossier: Dossier,
    actor: Actor | None,
    *,
    unit: Agency | None = None,
    officer: User | None = None,
    step_due: datetime | None = None,
    comment: str = "",
    at: datetime | None = None,
    store: Store = DATABASE,
) -> Transition:
    """Hands it over to another unit of the same province or ministry, another officer, or both; the state stays.

    `step_due`: until when the receiver is to finish this step; it is printed on the control slip.
    """
    with moving(Move.HAND_OVER, dossier, actor, at, comment, store) as step:
        unit = unit or (officer.agency if officer else None) or dossier.unit
        if unit.level1_id != dossier.agency.level1_id:
            raise InputRefused({"unit": _("Chỉ chuyển được trong cùng một tỉnh hoặc bộ.")})
        if unit.pk != dossier.unit_id and (closed := unit.why_closed):
            raise InputRefused({"unit": Refused(closed, "ended")})
        if officer and officer.agency_id != unit.pk:
            raise InputRefused({"officer": _("Cán bộ này không thuộc đơn vị được chuyển đến.")})
        if unit.pk == dossier.unit_id and (officer.pk if officer else None) == dossier.officer_id:
            raise InputRefused(_("Hồ sơ đang ở đúng đơn vị và cán bộ đó."))
        step.facts |= {"from_unit": dossier.unit.code, "to_unit": unit.code}
        step.facts |= {"to_officer": officer.full_name} if officer else {}
        if step_due is not None:
            if step_due <= step.at:
                raise InputRefused({"step_due": _("Hạn của bước phải ở sau lúc chuyển.")})
            check_ahead(step_due, step.at, "step_due")
            step.facts |= {"step_due": as_text(step_due)}
        dossier.unit, dossier.officer = unit, officer
    return step.transition


def extend(
    dossier: Dossier,
    actor: Actor | None,
    *,
    due_at: datetime,
    comment: str,
    at: datetime | None = None,
    store: Store = DATABASE,
) -> Transition:
    """Apologises and sets a later due instant, once in a dossier's life (NĐ 61/2018 điều 19.9)."""
    with moving(Move.EXTEND, dossier, actor, at, required(comment), store) as step:
        if dossier.due_at is None:
            raise MoveRefused(_("Hồ sơ này không có hạn trả nên không gia hạn được."))
        if store.last(dossier, Move.EXTEND):
            raise MoveRefused(_("Hồ sơ đã được gia hạn một lần; quy định chỉ cho phép một lần."))
        if due_at <= max(dossier.due_at, step.at):
            raise InputRefused({"due_at": _("Hạn mới phải sau hạn cũ và sau thời điểm hiện tại.")})
        check_ahead(due_at, step.at, "due_at")
        step.facts |= {"old_due": as_text(dossier.due_at), "new_due": as_text(due_at)}
        step.set_due(due_at, DueDate.Why.EXTENSION)
    return step.transition


def postpone(
    dossier: Dossier, actor: Actor | None, *, comment: str, at: datetime | None = None, store: Store = DATABASE
) -> Transition:
    """Moves a due instant that falls on a day off to the close of the next working day (Bộ luật Dân sự điều 148.5).

    For days off that were announced after the promise. It is no extension: one extension is still allowed, and the
    dossier was not late on the day off, even if it was decided before this move.
    """
    with moving(Move.POSTPONE, dossier, actor, at, required(comment), store) as step:
        if dossier.due_at is None:
            raise MoveRefused(_("Hồ sơ này không có hạn trả nên không dời được."))
        if dossier.finished_at is not None and dossier.finished_at <= dossier.due_at:
            raise MoveRefused(_("Hồ sơ này đã có kết quả đúng hạn."))
        due_at = after_day_off(dossier.due_at, step.calendar)
        if due_at is None:
            raise MoveRefused(_("Hẹn trả của hồ sơ này không rơi vào ngày nghỉ."))
        step.facts |= {"old_due": as_text(dossier.due_at), "new_due": as_text(due_at)}
        set_before = store.parts(dossier, DueDate)
        since = postponed_since(set_before[-1], step.at) if set_before else None
        step.set_due(due_at, DueDate.Why.DAY_OFF, since=since)
    return step.transition


def correct_time(
    dossier: Dossier, actor: Actor | None, *, step: int, to: datetime, comment: str, store: Store = DATABASE
) -> Transition:
    """Records when a move (`step`, its key) was really made, if it was recorded with a wrong moment.

    No move is edited: the correction stores both moments. Dates that depend on them are counted again, due dates from
    the same promises. The code stays, although it contains the old day: the applicant has it.
    """
    with moving(Move.CORRECT_TIME, dossier, actor, None, required(comment), store) as made:
        correct(made, step, to)
    return made.transition


def amend(
    dossier: Dossier,
    actor: Actor | None,
    *,
    changes: Mapping[str, applicants.Value] | None = None,
    files: Sequence[File[bytes]] = (),
    phase: Phase = Phase.RECEPTION,
    comment: str = "",
    at: datetime | None = None,
    store: Store = DATABASE,
) -> Transition:
    """Corrects the data of applicant and submitter (`changes`, by the names in `AMENDABLE`), and adds files.

    The state stays. It is a move, so that the dossier is reported to the portal again.
    """
    with moving(Move.AMEND, dossier, actor, at, comment, store) as step:
        changes = changes or {}
        if unknown := [name for name in changes if name not in AMENDABLE]:
            raise InputRefused({name: _("Không sửa được trường này.") for name in unknown})
        # In stored form: a number that is only written in another way has not changed.
        changes = {name: applicants.as_kept(name, value) for name, value in changes.items()}
        changed = [name for name in changes if getattr(dossier, name) != changes[name]]
        if not changed and not files:
            raise InputRefused(_("Không có gì thay đổi."))
        for name in changed:
            setattr(dossier, name, changes[name])
        # Numbers that did not change are not checked again.
        if errors := applicants.field_errors(dossier, changed):
            raise InputRefused(errors)
        # Only the names of the fields: their values are personal data, which the history must not copy.
        step.facts |= {"changed": changed} if changed else {}
        step.attach(files, phase)
    return step.transition
