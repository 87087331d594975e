"""What may be done with a dossier, and how. One table says every legal move; one function makes each.

Every function takes the dossier and who acts (a user, a partner's colleague; None: the system itself, or a citizen on
the portal), makes
the whole move in one transaction with one `Transition`, and raises, with nothing changed in the database:

- `MoveRefused`: not in this state, not by this person;
- `ValidationError`: by field, where what was typed will not do.

`at` is when the move was made; left out, now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _

from onestop.catalog.models import Agency, Phase, Procedure, SubmissionChannel
from onestop.common.time import VIETNAM
from onestop.dossiers.codes.format import Series, identifier
from onestop.dossiers.deadlines.dossier import due_after_day_off, due_after_pause, supplement_due
from onestop.dossiers.deadlines.moments import check_ahead
from onestop.dossiers.files.uploads import attach_all
from onestop.dossiers.models import FINAL, PAUSED, Dossier, DueDate, Fee, Move, Paper, State, Supplement, Transition
from onestop.dossiers.store import journal
from onestop.partners.models import Actor
from onestop.staff.models import Role, User

from . import applicants
from .approving import approval
from .correcting import correct, postponed_since
from .engine import MoveRefused, MoveRule, MoveStep, moving, sees
from .outside_codes import OutsideCode

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
}

# What many dossiers can be moved by at once: nothing that needs words, or a file, of each one's own.
TOGETHER = (Move.ACCEPT, Move.START, Move.HAND_OVER, Move.APPROVE, Move.RETURN_RESULT, Move.POSTPONE)


def moves_together(user: Actor) -> list[Move]:
    """Those of `TOGETHER` that are of the user's role."""
    return [move for move in TOGETHER if user.has_role(*MOVES[move].roles)]


def possible_moves(dossier: Dossier, user: Actor) -> list[Move]:
    """The moves this user can make with this dossier now, in the order of the table."""
    if not sees(user, dossier):
        return []
    moves = [move for move, rule in MOVES.items() if dossier.state in rule.sources and user.has_role(*rule.roles)]
    return [move for move in moves if move != Move.ACCEPT or dossier.agency.takes_in]


def _moving(
    move: Move, dossier: Dossier, actor: Actor | None, at: datetime | None, comment: str
) -> AbstractContextManager[MoveStep]:
    return moving(move, MOVES[move], dossier, actor, at, comment, _instead)


def _instead(dossier: Dossier, actor: Actor | None) -> str:
    """What may be done with the dossier now, in a sentence for somebody who tried something else."""
    if actor is None:
        moves = [move for move, rule in MOVES.items() if dossier.state in rule.sources]
    else:
        moves = possible_moves(dossier, actor)
    if not moves:
        return _("Lúc này không có việc nào của bạn với hồ sơ này.")
    return _("Lúc này có thể: %(moves)s.") % {"moves": ", ".join(str(move.label) for move in moves)}


# ---- intake


def register(
    dossier: Dossier,
    actor: Actor | None,
    *,
    at: datetime | None = None,
    papers: Iterable[Paper] = (),
    fees: Iterable[Fee] = (),
    files: Sequence[File[bytes]] = (),
    comment: str = "",
) -> Transition:
    """Takes a new, unsaved dossier in. What came through the portal brings its code; others get one when accepted.

    A code that it brings along must be one that `actor` may bring: see `outside_codes`.
    """
    if dossier.pk is not None:
        raise MoveRefused(_("Hồ sơ này đã được đăng ký."))
    at = at or timezone.now()
    dossier.registered_at = dossier.moved_at = at
    outside = OutsideCode(dossier.code)
    _check_new(dossier, outside.fault(actor))
    with _moving(Move.REGISTER, dossier, actor, at, comment) as step:
        outside.hold_series()
        journal().keep(dossier)
        step.add(papers, fees)
        step.attach(files, Phase.RECEPTION)
    return step.transition


def accept(dossier: Dossier, actor: Actor | None, *, at: datetime | None = None, comment: str = "") -> Transition:
    """Gives the dossier its code and its due instant (NĐ 61/2018 điều 17)."""
    with _moving(Move.ACCEPT, dossier, actor, at, comment) as step:
        if closed := dossier.agency.why_closed:
            raise MoveRefused(closed)
        dossier.accepted_at = step.at
        if not dossier.code:
            _number(dossier, step.at)
        step.promise_anew(DueDate.Why.ACCEPTED)
    return step.transition


def receive(
    dossier: Dossier,
    actor: Actor | None,
    *,
    at: datetime | None = None,
    papers: Iterable[Paper] = (),
    fees: Iterable[Fee] = (),
    files: Sequence[File[bytes]] = (),
) -> Transition:
    """Intake at the counter: registers and accepts in one act."""
    at = at or timezone.now()
    with journal().whole():
        register(dossier, actor, at=at, papers=papers, fees=fees)
        acceptance = accept(dossier, actor, at=at)
        # Last, so that nothing can fail any more once a file is on the disk.
        attach_all(dossier, files, Phase.RECEPTION, at)
    return acceptance


def refuse(dossier: Dossier, actor: Actor | None, *, comment: str, at: datetime | None = None) -> Transition:
    """Does not accept it; `comment` tells the citizen why (NĐ 61/2018 điều 17, form 03)."""
    with _moving(Move.REFUSE, dossier, actor, at, _required(comment)) as step:
        dossier.finished_at = step.at
    return step.transition


# ---- pauses


def ask_supplement(
    dossier: Dossier,
    actor: Actor | None,
    *,
    comment: str,
    papers: Iterable[Paper] = (),
    fees: Iterable[Fee] = (),
    at: datetime | None = None,
) -> Transition:
    """Asks for what is missing, and stops the clock (form 02)."""
    with _moving(Move.ASK_SUPPLEMENT, dossier, actor, at, _required(comment)) as step:
        supplement = Supplement(
            dossier=dossier,
            ordinal=journal().next_ordinal(dossier, Supplement),
            asked_at=step.at,
            asked_by=step.transition.actor_name,
            request=comment,
            respond_by=supplement_due(dossier, step.at),
            old_due_at=dossier.due_at,
        )
        journal().add(supplement)
        step.add(papers, fees, supplement)
    return step.transition


def receive_supplement(
    dossier: Dossier,
    actor: Actor | None,
    *,
    files: Sequence[File[bytes]] = (),
    at: datetime | None = None,
    comment: str = "",
) -> Transition:
    """Takes what was asked for; the clock runs again, from zero unless the procedure says otherwise (điều 19.4)."""
    with _moving(Move.RECEIVE_SUPPLEMENT, dossier, actor, at, comment) as step:
        pause = step.end_pause(Move.ASK_SUPPLEMENT)
        if dossier.accepted_at is not None:
            if dossier.procedure.after_supplement == Procedure.AfterSupplement.RESTART:
                step.promise_anew(DueDate.Why.SUPPLEMENT)
            else:
                step.set_due(due_after_pause(dossier, pause.at, step.at), DueDate.Why.SUPPLEMENT)
        supplement = journal().open_supplement(dossier)
        if supplement is not None:
            supplement.received_at = step.at
            supplement.received_by = step.transition.actor_name
            supplement.received_note = comment
            supplement.new_due_at = dossier.due_at
            journal().change(supplement)
        for paper in journal().awaited_papers(dossier):
            paper.received_at, paper.received_by = step.at, step.transition.actor_name
            journal().change(paper)
        step.attach(files, Phase.SUPPLEMENT)
    return step.transition


def ask_payment(
    dossier: Dossier,
    actor: Actor | None,
    *,
    fees: Iterable[Fee],
    comment: str = "",
    at: datetime | None = None,
) -> Transition:
    """Asks the applicant to pay, and stops the clock until then."""
    with _moving(Move.ASK_PAYMENT, dossier, actor, at, comment) as step:
        step.add((), fees)
    return step.transition


def receive_payment(
    dossier: Dossier,
    actor: Actor | None,
    *,
    method: str = Fee.Method.CASH,
    receipt_no: str = "",
    at: datetime | None = None,
    comment: str = "",
) -> Transition:
    """Records that every open fee is paid; the clock goes on with the time that was left."""
    with _moving(Move.RECEIVE_PAYMENT, dossier, actor, at, comment) as step:
        pause = step.end_pause(Move.ASK_PAYMENT)
        step.set_due(due_after_pause(dossier, pause.at, step.at), DueDate.Why.PAYMENT)
        for fee in journal().open_fees(dossier):
            fee.paid_at, fee.method, fee.receipt_no = step.at, method, receipt_no
            journal().change(fee)
    return step.transition


# ---- work


def start(dossier: Dossier, actor: Actor | None, *, at: datetime | None = None, comment: str = "") -> Transition:
    """Begins the work; whoever starts a dossier that nobody holds becomes its officer."""
    with _moving(Move.START, dossier, actor, at, comment) as step:
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
) -> Transition:
    """Gives it to another unit of the same province or ministry, another officer, or both; the state stays.

    `step_due`: until when the receiver is to be done with this step; it stands on the control slip.
    """
    with _moving(Move.HAND_OVER, dossier, actor, at, comment) as step:
        unit = unit or (officer.agency if officer else None) or dossier.unit
        if unit.level1_id != dossier.agency.level1_id:
            raise ValidationError({"unit": _("Chỉ chuyển được trong cùng một tỉnh hoặc bộ.")})
        if unit.pk != dossier.unit_id and (closed := unit.why_closed):
            raise ValidationError({"unit": ValidationError(closed, "ended")})
        if officer and officer.agency_id != unit.pk:
            raise ValidationError({"officer": _("Cán bộ này không thuộc đơn vị được chuyển đến.")})
        if unit.pk == dossier.unit_id and (officer.pk if officer else None) == dossier.officer_id:
            raise ValidationError(_("Hồ sơ đang ở đúng đơn vị và cán bộ đó."))
        step.facts |= {"from_unit": dossier.unit.code, "to_unit": unit.code}
        step.facts |= {"to_officer": officer.full_name} if officer else {}
        if step_due is not None:
            if step_due <= step.at:
                raise ValidationError({"step_due": _("Hạn của bước phải ở sau lúc chuyển.")})
            check_ahead(step_due, step.at, "step_due")
            step.facts |= {"step_due": _text(step_due)}
        dossier.unit, dossier.officer = unit, officer
    return step.transition


def extend(
    dossier: Dossier, actor: Actor | None, *, due_at: datetime, comment: str, at: datetime | None = None
) -> Transition:
    """Apologises and sets a later due instant, once in a dossier's life (NĐ 61/2018 điều 19.9)."""
    with _moving(Move.EXTEND, dossier, actor, at, _required(comment)) as step:
        if dossier.due_at is None:
            raise MoveRefused(_("Hồ sơ này không có hạn trả nên không gia hạn được."))
        if journal().last(dossier, (Move.EXTEND,)):
            raise MoveRefused(_("Hồ sơ đã được gia hạn một lần; quy định chỉ cho phép một lần."))
        if due_at <= max(dossier.due_at, step.at):
            raise ValidationError({"due_at": _("Hạn mới phải sau hạn cũ và sau thời điểm hiện tại.")})
        check_ahead(due_at, step.at, "due_at")
        step.facts |= {"old_due": _text(dossier.due_at), "new_due": _text(due_at)}
        step.set_due(due_at, DueDate.Why.EXTENSION)
    return step.transition


def postpone(dossier: Dossier, actor: Actor | None, *, comment: str, at: datetime | None = None) -> Transition:
    """Moves a due instant that falls on a day off to the close of the next working day (Bộ luật Dân sự điều 148.5).

    For days off that were announced after the promise. It is no extension: that one is still allowed, and nobody was
    late on the day off, also where it was decided before this was recorded.
    """
    with _moving(Move.POSTPONE, dossier, actor, at, _required(comment)) as step:
        if dossier.due_at is None:
            raise MoveRefused(_("Hồ sơ này không có hạn trả nên không dời được."))
        if dossier.finished_at is not None and dossier.finished_at <= dossier.due_at:
            raise MoveRefused(_("Hồ sơ này đã có kết quả đúng hạn."))
        due_at = due_after_day_off(dossier)
        if due_at is None:
            raise MoveRefused(_("Hẹn trả của hồ sơ này không rơi vào ngày nghỉ."))
        step.facts |= {"old_due": _text(dossier.due_at), "new_due": _text(due_at)}
        last = dossier.due_dates.last()
        step.set_due(due_at, DueDate.Why.DAY_OFF, since=postponed_since(last, step.at) if last else None)
    return step.transition


def correct_time(dossier: Dossier, actor: Actor | None, *, step: int, to: datetime, comment: str) -> Transition:
    """Tells when a move (`step`, its number in the history) was really made, where that was recorded wrong.

    Nothing is edited: the correction keeps both moments, and what depends on them is counted anew, due dates by the
    promises they were made by. The code stays, whatever day is in it: it was given out.
    """
    with _moving(Move.CORRECT_TIME, dossier, actor, None, _required(comment)) as made:
        correct(made, step, to)
    return made.transition


# What may be put right while the dossier runs: who asks and how to reach them, never what was asked and when.
AMENDABLE = (
    "applicant_kind",
    "applicant_name",
    "identity_no",
    "phone",
    "email",
    "address",
    "applicant_note",
    "summary",
    "return_method",
)


def amend(
    dossier: Dossier,
    actor: Actor | None,
    *,
    changes: Mapping[str, str] | None = None,
    files: Sequence[File[bytes]] = (),
    phase: Phase = Phase.RECEPTION,
    comment: str = "",
    at: datetime | None = None,
) -> Transition:
    """Puts right what was written down of the applicant (`changes`, by the names in `AMENDABLE`), and adds files.

    The state stays. It is a move so that what was reported before is reported anew.
    """
    with _moving(Move.AMEND, dossier, actor, at, comment) as step:
        changes = changes or {}
        if unknown := [name for name in changes if name not in AMENDABLE]:
            raise ValidationError({name: _("Không sửa được trường này.") for name in unknown})
        # As they will be kept: written in another way, a number is no other number.
        changes = {name: applicants.as_kept(name, value) for name, value in changes.items()}
        changed = [name for name in changes if getattr(dossier, name) != changes[name]]
        if not changed and not files:
            raise ValidationError(_("Không có gì thay đổi."))
        for name in changed:
            setattr(dossier, name, changes[name])
        _check_applicant(dossier, changed)
        # Their names only: what they were and are is personal data, and no history needs a second copy of it.
        step.facts |= {"changed": changed} if changed else {}
        step.attach(files, phase)
    return step.transition


# ---- ends


def approve(dossier: Dossier, actor: Actor | None, **decision: Any) -> Transition:
    """Completes it with a positive result. Takes what `_complete` does."""
    return _complete(Move.APPROVE, dossier, actor, **decision)


def deny(dossier: Dossier, actor: Actor | None, *, comment: str, **decision: Any) -> Transition:
    """Completes it with a negative result; `comment` tells the citizen why (điều 19.8)."""
    return _complete(Move.DENY, dossier, actor, comment=_required(comment), **decision)


def _complete(
    move: Move,
    dossier: Dossier,
    actor: Actor | None,
    *,
    approver: User | None = None,
    approver_name: str = "",
    approver_position: str = "",
    files: Sequence[File[bytes]] = (),
    comment: str = "",
    at: datetime | None = None,
) -> Transition:
    """Decides it in the name of `approver`; left out, of the actor. `files`: the result itself.

    `approver_*`: whom a partner's system names; `approving` says who may be which.
    """
    with _moving(move, dossier, actor, at, comment) as step:
        decided = approval(dossier, actor, approver, approver_name, approver_position)
        dossier.approved = move == Move.APPROVE
        dossier.decided_at = dossier.finished_at = step.at
        dossier.approver_name, dossier.approver_position = decided.name[:150], decided.position
        dossier.decision_note = comment[:1000]
        step.facts |= {"approved": dossier.approved, "approver": dossier.approver_name}
        step.facts |= {"approver_position": decided.position} if decided.position else {}
        step.facts |= decided.facts
        step.attach(files, Phase.RETURN)
    return step.transition


def return_result(
    dossier: Dossier,
    actor: Actor | None,
    *,
    return_method: str | None = None,
    despite_fees: str = "",
    comment: str = "",
    at: datetime | None = None,
) -> Transition:
    """Hands the result over to the citizen (điều 20).

    With a mandatory fee still open only a manager may, saying why in `despite_fees`.
    """
    with _moving(Move.RETURN_RESULT, dossier, actor, at, comment) as step:
        _check_fees(dossier, actor, despite_fees)
        step.facts |= {"despite_fees": despite_fees} if despite_fees else {}
        dossier.returned_at = step.at
        dossier.return_method = return_method or dossier.return_method
        dossier.return_note = comment[:1000]
        step.facts |= {"return_method": dossier.return_method}
    return step.transition


def withdraw(dossier: Dossier, actor: Actor | None, *, comment: str, at: datetime | None = None) -> Transition:
    """Ends it because the citizen asks for it back."""
    with _moving(Move.WITHDRAW, dossier, actor, at, _required(comment)) as step:
        dossier.finished_at = step.at
    return step.transition


def stop(dossier: Dossier, actor: Actor | None, *, comment: str, at: datetime | None = None) -> Transition:
    """Ends it without a result, for the reason in `comment`."""
    with _moving(Move.STOP, dossier, actor, at, _required(comment)) as step:
        dossier.finished_at = step.at
    return step.transition


def lapse(dossier: Dossier, *, at: datetime | None = None) -> Transition:
    """Stops a dossier whose supplement did not come in the days its procedure gives; the system is the actor."""
    if dossier.procedure.after_supplement != Procedure.AfterSupplement.FIXED:
        raise MoveRefused(_("Thủ tục này không dừng hồ sơ khi quá hạn bổ sung."))
    supplement = journal().open_supplement(dossier)
    if supplement is None or supplement.respond_by is None or supplement.respond_by >= (at or timezone.now()):
        raise MoveRefused(_("Chưa quá hạn bổ sung."))
    by = timezone.localtime(supplement.respond_by)
    return stop(dossier, None, comment=_("Quá hạn bổ sung %(by)s.") % {"by": f"{by:%H:%M %d/%m/%Y}"}, at=at)


def reopen(dossier: Dossier, actor: Actor, *, comment: str, at: datetime | None = None) -> Transition:
    """Undoes a wrong ending: back to work, or to the desk if it was never accepted. What it undid stays in facts."""
    with _moving(Move.REOPEN, dossier, actor, at, _required(comment)) as step:
        step.target = State.IN_PROGRESS if dossier.accepted_at else State.REGISTERED
        for name in ("finished_at", "decided_at", "returned_at"):
            value = getattr(dossier, name)
            step.facts |= {name: _text(value)} if value else {}
            setattr(dossier, name, None)
        if dossier.approved is not None:
            step.facts |= {"approved": dossier.approved, "decision_note": dossier.decision_note}
        dossier.approved = None
        dossier.approver_name = dossier.approver_position = dossier.decision_note = dossier.return_note = ""
    return step.transition


# ---- what is needed on the way


def _check_new(dossier: Dossier, code_fault: ValidationError | None) -> None:
    """Raises ValidationError by field for what no desk, import or partner may hand in."""
    faults = _faults(dossier, applicants.NUMBERS)
    if code_fault is not None:
        faults.setdefault("code", code_fault)
    if dossier.channel not in [channel.value for channel in dossier.procedure.channels]:
        label = (
            SubmissionChannel(dossier.channel).label
            if dossier.channel in SubmissionChannel.values
            else dossier.channel
        )
        faults["channel"] = [_("Thủ tục này không nhận hồ sơ “%(channel)s”.") % {"channel": label}]
    if closed := dossier.agency.why_closed or dossier.unit.why_closed:
        faults["agency"] = [ValidationError(closed, "ended")]
    if not dossier.procedure.is_active:
        faults["procedure"] = [_("Thủ tục này không còn áp dụng.")]
    if dossier.from_portal and not dossier.code:
        faults["code"] = [_("Hồ sơ từ Cổng phải có mã của Cổng.")]
    if faults:
        raise ValidationError(faults)


def _check_applicant(dossier: Dossier, changed: Sequence[str]) -> None:
    """Numbers that were taken before are not judged anew when something else is put right."""
    if faults := _faults(dossier, changed):
        raise ValidationError(faults)


def _faults(dossier: Dossier, changed: Sequence[str]) -> dict[str, Any]:
    """What is wrong with the dossier's own fields, by field; of the applicant's numbers, with those `changed`."""
    # A value that a field begins with needs no look, and most fields of a new dossier hold one.
    untold = {
        field.name
        for field in Dossier._meta.concrete_fields
        if field.is_relation or getattr(dossier, field.attname) == (None if field.null else field.default)
    }
    faults: dict[str, Any] = {}
    try:
        dossier.clean_fields(exclude=untold)
    except ValidationError as error:
        faults = error.update_error_dict(faults)
    faults = applicants.faults(dossier, changed) | faults
    if not dossier.applicant_name.strip():
        faults.setdefault("applicant_name", [_("Cần có tên chủ hồ sơ.")])
    return faults


def _check_fees(dossier: Dossier, actor: Actor | None, despite_fees: str) -> None:
    owed = [fee for fee in journal().open_fees(dossier) if fee.is_mandatory]
    if not owed:
        return
    names = ", ".join(fee.name for fee in owed)
    if actor is None or not actor.has_role(Role.MANAGER):
        raise MoveRefused(_("Còn khoản phải nộp: %(fees)s. Thu, hoặc để lãnh đạo quyết định.") % {"fees": names})
    if not despite_fees.strip():
        raise ValidationError(
            {"despite_fees": _("Còn khoản phải nộp: %(fees)s. Ghi lý do vẫn trả kết quả.") % {"fees": names}}
        )


def _required(comment: str) -> str:
    if not comment.strip():
        raise ValidationError({"comment": _("Cần ghi rõ lý do hoặc nội dung.")})
    return comment


def _text(at: datetime) -> str:
    """An instant as facts keep it, the same from whichever zone it came."""
    return timezone.localtime(at).isoformat()


def _number(dossier: Dossier, at: datetime) -> None:
    """Gives it the next code of its agency on the day of `at`, in the order that the agency has chosen.

    TT 01/2018 điều 19, TT 03/2025 điều 13.3.
    """
    agency, day = dossier.agency, at.astimezone(VIETNAM).date()
    journal().number(dossier, Series(identifier(agency.code, agency.code_order), day, agency.owner_digits))
