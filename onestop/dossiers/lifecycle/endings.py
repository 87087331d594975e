"""How a dossier ends: decided and returned, withdrawn, stopped; and how a wrong ending is undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Phase, Procedure
from onestop.common.errors import InputRefused, sentence
from onestop.dossiers.models import Dossier, Move, State, Transition
from onestop.dossiers.store import DATABASE, Store
from onestop.partners.models import Actor
from onestop.staff.models import Role, User

from .approving import Approval, approval
from .engine import MoveRefused, MoveStep, as_text, moving, required


def approve(
    dossier: Dossier,
    actor: Actor | None,
    *,
    approver: User | None = None,
    approver_name: str = "",
    approver_position: str = "",
    files: Sequence[File[bytes]] = (),
    comment: str = "",
    at: datetime | None = None,
    store: Store = DATABASE,
) -> Transition:
    """Completes the dossier with a positive result, in the name of `approver`, by default the actor.

    `files`: the result itself. `approver_name`, `approver_position`: the person whom a partner's system names; see
    `approving` for who may approve.
    """
    with moving(Move.APPROVE, dossier, actor, at, comment, store) as step:
        decided = approval(dossier, actor, approver, approver_name, approver_position)
        _decide(step, decided, comment)
        step.attach(files, Phase.RETURN)
    return step.transition


def deny(
    dossier: Dossier,
    actor: Actor | None,
    *,
    comment: str,
    approver: User | None = None,
    approver_name: str = "",
    approver_position: str = "",
    files: Sequence[File[bytes]] = (),
    at: datetime | None = None,
    store: Store = DATABASE,
) -> Transition:
    """Completes it with a negative result; `comment` is the reason for the citizen (điều 19.8). Else as `approve`."""
    with moving(Move.DENY, dossier, actor, at, required(comment), store) as step:
        decided = approval(dossier, actor, approver, approver_name, approver_position)
        _decide(step, decided, comment)
        step.attach(files, Phase.RETURN)
    return step.transition


def _decide(step: MoveStep, decided: Approval, note: str) -> None:
    """Records what the move decides, and in whose name."""
    dossier = step.dossier
    dossier.approved = step.transition.move == Move.APPROVE
    dossier.decided_at = dossier.finished_at = step.at
    dossier.approver_name, dossier.approver_position = decided.name[:150], decided.position
    dossier.decision_note = note[:1000]
    step.facts |= {"approved": dossier.approved, "approver": dossier.approver_name}
    step.facts |= {"approver_position": decided.position} if decided.position else {}
    step.facts |= decided.facts


def return_result(
    dossier: Dossier,
    actor: Actor | None,
    *,
    return_method: str | None = None,
    despite_fees: str = "",
    comment: str = "",
    at: datetime | None = None,
    store: Store = DATABASE,
) -> Transition:
    """Hands the result over to the citizen (điều 20).

    While a mandatory fee is open only a manager may, with a reason in `despite_fees`.
    """
    with moving(Move.RETURN_RESULT, dossier, actor, at, comment, store) as step:
        if owed := ", ".join(fee.name for fee in store.open_fees(dossier) if fee.is_mandatory):
            if actor is None or not actor.has_role(Role.MANAGER):
                message = _("Còn khoản phải nộp: %(fees)s. Thu, hoặc để lãnh đạo quyết định.")
                raise MoveRefused(message, params={"fees": owed})
            if not despite_fees.strip():
                message = _("Còn khoản phải nộp: %(fees)s. Ghi lý do vẫn trả kết quả.")
                raise InputRefused({"despite_fees": sentence(message, fees=owed)})
        step.facts |= {"despite_fees": despite_fees} if despite_fees else {}
        dossier.returned_at = step.at
        dossier.return_method = return_method or dossier.return_method
        dossier.return_note = comment[:1000]
        step.facts |= {"return_method": dossier.return_method}
    return step.transition


def withdraw(
    dossier: Dossier, actor: Actor | None, *, comment: str, at: datetime | None = None, store: Store = DATABASE
) -> Transition:
    """Ends the dossier because the citizen asks for it back."""
    with moving(Move.WITHDRAW, dossier, actor, at, required(comment), store) as step:
        dossier.finished_at = step.at
    return step.transition


def stop(
    dossier: Dossier, actor: Actor | None, *, comment: str, at: datetime | None = None, store: Store = DATABASE
) -> Transition:
    """Ends the dossier without a result, for the reason in `comment`."""
    with moving(Move.STOP, dossier, actor, at, required(comment), store) as step:
        dossier.finished_at = step.at
    return step.transition


def lapse(dossier: Dossier, *, at: datetime | None = None, store: Store = DATABASE) -> Transition:
    """Stops a dossier whose supplement did not come within the procedure's days; the system is the actor."""
    if dossier.procedure.after_supplement != Procedure.AfterSupplement.FIXED:
        raise MoveRefused(_("Thủ tục này không dừng hồ sơ khi quá hạn bổ sung."))
    supplement = store.open_supplement(dossier)
    if supplement is None or supplement.respond_by is None or supplement.respond_by >= (at or timezone.now()):
        raise MoveRefused(_("Chưa quá hạn bổ sung."))
    by = timezone.localtime(supplement.respond_by)
    comment = _("Quá hạn bổ sung %(by)s.") % {"by": f"{by:%H:%M %d/%m/%Y}"}
    return stop(dossier, None, comment=comment, at=at, store=store)


def reopen(
    dossier: Dossier, actor: Actor, *, comment: str, at: datetime | None = None, store: Store = DATABASE
) -> Transition:
    """Undoes a wrong ending: back to work, or to the desk if it was never accepted. `facts` stores what was undone."""
    with moving(Move.REOPEN, dossier, actor, at, required(comment), store) as step:
        step.target = State.IN_PROGRESS if dossier.accepted_at else State.REGISTERED
        for name in ("finished_at", "decided_at", "returned_at"):
            value = getattr(dossier, name)
            step.facts |= {name: as_text(value)} if value else {}
            setattr(dossier, name, None)
        if dossier.approved is not None:
            step.facts |= {"approved": dossier.approved, "decision_note": dossier.decision_note}
        dossier.approved = None
        dossier.approver_name = dossier.approver_position = dossier.decision_note = dossier.return_note = ""
    return step.transition
