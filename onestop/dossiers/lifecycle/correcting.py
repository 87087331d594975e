"""Correcting a wrong moment: all dates that follow from a dossier's moves are set again, and no move is edited.

The moves stay as they were recorded. The correction is a move of its own, which stores the old and the new moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.common.errors import InputRefused, sentence
from onestop.dossiers.deadlines.dossier import calendar_known, due_after_pause, expected_due, supplement_due
from onestop.dossiers.deadlines.moments import check_made, corrected, in_force
from onestop.dossiers.deadlines.promises import kept_with, last_kept, offered, terms
from onestop.dossiers.models import PAUSED, Attachment, DueDate, Fee, Move, Paper, Supplement, Transition, effective

from .engine import MoveStep, as_text

# Rows of a dossier that carry the moment of the move that made or changed them.
_DATED = ((Fee, "demanded_at"), (Fee, "paid_at"), (Paper, "received_at"), (Attachment, "uploaded_at"))


def correctable(transitions: Sequence[Transition]) -> list[Transition]:
    """Moves whose moment can be corrected: those that stand. A registration is corrected with its acceptance."""
    transitions = effective(transitions)
    acceptance = next((move for move in transitions if move.move == Move.ACCEPT), None)
    return [
        move
        for move in transitions
        if move.move != Move.CORRECT_TIME
        and not (move.move == Move.REGISTER and acceptance is not None and acceptance.at == move.at)
    ]


def correct(step: MoveStep, key: int, to: datetime) -> None:
    """Records that the move `key` of the dossier was made at `to`. Raises InputRefused by field."""
    dossier = step.dossier
    made = list(dossier.transitions.all())
    wrong = next((move for move in correctable(made) if move.pk == key), None)
    if wrong is None:
        raise InputRefused({"step": _("Hồ sơ này không có bước đó, hoặc bước đó không sửa thời điểm được.")})
    before = corrected(made)
    _check(wrong, made, before, to)
    step.transition.corrects, step.transition.corrected_at = wrong, to
    after = corrected([*made, step.transition])
    step.facts |= {"move": wrong.move, "old": as_text(before[wrong.pk]), "new": as_text(to)}
    for model, name in _DATED:
        model._default_manager.filter(dossier=dossier, **{name: before[wrong.pk]}).update(**{name: to})
    old_due = dossier.due_at
    _date_again(step, made, after, shifted=wrong)
    if dossier.due_at != old_due:
        step.facts |= {"old_due": as_text(old_due), "new_due": as_text(dossier.due_at)}


def _check(wrong: Transition, made: Sequence[Transition], moments: dict[int, datetime], to: datetime) -> None:
    check_made(to, timezone.now(), "to")
    if to == moments[wrong.pk]:
        raise InputRefused({"to": _("Bước này đã được ghi vào đúng thời điểm đó.")})
    others = [move for move in correctable(made) if move.pk != wrong.pk]
    earlier = [moments[move.pk] for move in others if move.pk < wrong.pk]
    later = [moments[move.pk] for move in others if move.pk > wrong.pk]
    if earlier and to < earlier[-1]:
        message = _("Bước trước đó được ghi lúc %(at)s; thời điểm đúng không thể trước lúc ấy.")
        raise InputRefused({"to": sentence(message, at=_shown(earlier[-1]))})
    if later and to > later[0]:
        message = _(
            "Bước tiếp theo được ghi lúc %(at)s; thời điểm đúng không thể sau lúc ấy. Vui lòng sửa bước ấy trước."
        )
        raise InputRefused({"to": sentence(message, at=_shown(later[0]))})


def _date_again(step: MoveStep, made: Sequence[Transition], moments: dict[int, datetime], shifted: Transition) -> None:
    """Sets every moment of the dossier, its supplements and its due dates again, from its moves."""
    dossier = step.dossier
    rows, due_dates = in_force(dossier.due_dates.all()), _DueDates(step)
    supplements: Iterator[Supplement] = iter(dossier.supplements.all())
    supplement: Supplement | None = None
    paused = None
    for move in effective(made):
        at = moments[move.pk]
        match move.move:
            case Move.REGISTER:
                dossier.registered_at = at
            case Move.REFUSE | Move.WITHDRAW | Move.STOP:
                dossier.finished_at = at
            case Move.APPROVE | Move.DENY:
                dossier.decided_at = dossier.finished_at = at
            case Move.RETURN_RESULT:
                dossier.returned_at = at
            case Move.REOPEN:
                dossier.finished_at = dossier.decided_at = dossier.returned_at = None
            case Move.ASK_PAYMENT:
                paused = at
            case Move.ASK_SUPPLEMENT:
                paused, supplement = at, next(supplements, None)
                if supplement is not None:
                    usual = supplement_due(dossier, supplement.asked_at, step.calendar)
                    supplement.asked_at, supplement.old_due_at = at, dossier.due_at if move.accepted else None
                    # A day that an officer chose stays.
                    if move == shifted and supplement.respond_by == usual:
                        supplement.respond_by = supplement_due(dossier, at, step.calendar)
            case Move.ACCEPT:
                dossier.accepted_at = at
        if move.to_state in PAUSED and move.from_state not in PAUSED:
            dossier.paused_at = at
        if move.accepted and move.move in _SETTING and rows:
            due_dates.set_again(rows.pop(0), move, at, paused)
        if move.move == Move.RECEIVE_SUPPLEMENT and supplement is not None:
            supplement.received_at, supplement.new_due_at = at, dossier.due_at if move.accepted else None
        if move.move in (Move.ASK_SUPPLEMENT, Move.RECEIVE_SUPPLEMENT) and supplement is not None:
            step.store.update(supplement)
    due_dates.write()


# Each sets one due date.
_SETTING = (Move.ACCEPT, Move.RECEIVE_SUPPLEMENT, Move.RECEIVE_PAYMENT, Move.EXTEND, Move.POSTPONE)


class _DueDates:
    """The due dates of a dossier, counted again from the same promises; written only if one differs."""

    def __init__(self, step: MoveStep) -> None:
        self.step, self.dossier = step, step.dossier
        self.rows: list[DueDate] = []
        self.differs = False

    def set_again(self, row: DueDate, move: Transition, at: datetime, paused: datetime | None) -> None:
        last = self.rows[-1] if self.rows else None
        promise, since = kept_with(row), at
        if promise is None and move.move == Move.ACCEPT:
            promise = offered(self.dossier.procedure)
        if promise is not None:
            due = expected_due(promise, at, self.step.calendar)
        elif move.move in (Move.RECEIVE_SUPPLEMENT, Move.RECEIVE_PAYMENT):
            due = self.dossier.due_at
            if paused is not None:
                latest = last_kept(self.rows) or offered(self.dossier.procedure)
                due = due_after_pause(self.dossier, latest, paused, at, self.step.calendar)
        else:
            # A date that a person set stays, unless the date that is counted now is later.
            due = max(filter(None, (row.due_at, last.due_at if last else None)), default=None)
            if move.move == Move.POSTPONE and last is not None:
                since = postponed_since(last, at)
        self.differs |= (due, since) != (row.due_at, row.since)
        self.dossier.due_at = due
        self.rows.append(
            DueDate(
                dossier=self.dossier,
                due_at=due,
                since=since,
                why=row.why if self.rows else DueDate.Why.CORRECTED,
                calendar_known=calendar_known(since, due, self.step.calendar),
                **(terms(promise) if promise else {}),
            )
        )

    def write(self) -> None:
        if self.differs:
            for row in self.rows:
                self.step.store.add(row)


def postponed_since(last: DueDate, at: datetime) -> datetime:
    """Since when the due date holds that replaces `last`. It covers the day off, so that nothing was late on it."""
    return max(last.since, min(at, last.due_at)) if last.due_at else at


def _shown(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M %d/%m/%Y}"
