"""Pauses: the office waits for the applicant, and the clock stands still."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.files.base import File

from onestop.catalog.models import Phase, Procedure
from onestop.dossiers.deadlines.dossier import due_after_pause, supplement_due
from onestop.dossiers.deadlines.promises import offered
from onestop.dossiers.models import Dossier, DueDate, Fee, Move, Paper, Supplement, Transition
from onestop.dossiers.store import DATABASE, Store
from onestop.partners.models import Actor

from .engine import MoveStep, moving, required


def ask_supplement(
    dossier: Dossier,
    actor: Actor | None,
    *,
    comment: str,
    papers: Iterable[Paper] = (),
    fees: Iterable[Fee] = (),
    at: datetime | None = None,
    store: Store = DATABASE,
) -> Transition:
    """Asks the applicant for what is missing, and stops the clock (form 02)."""
    with moving(Move.ASK_SUPPLEMENT, dossier, actor, at, required(comment), store) as step:
        days = dossier.procedure.supplement_days
        supplement = Supplement(
            dossier=dossier,
            ordinal=store.next_ordinal(dossier, Supplement),
            asked_at=step.at,
            asked_by=step.transition.actor_name,
            request=comment,
            respond_by=None if days is None else supplement_due(dossier, step.at, step.calendar),
            old_due_at=dossier.due_at,
        )
        store.add(supplement)
        step.add(papers, fees, supplement)
    return step.transition


def receive_supplement(
    dossier: Dossier,
    actor: Actor | None,
    *,
    files: Sequence[File[bytes]] = (),
    at: datetime | None = None,
    comment: str = "",
    store: Store = DATABASE,
) -> Transition:
    """Receives the supplement; the clock runs again, from zero unless the procedure says otherwise (điều 19.4)."""
    with moving(Move.RECEIVE_SUPPLEMENT, dossier, actor, at, comment, store) as step:
        pause = step.end_pause(Move.ASK_SUPPLEMENT)
        if dossier.accepted_at is not None:
            if dossier.procedure.after_supplement == Procedure.AfterSupplement.RESTART:
                step.promise_again(DueDate.Why.SUPPLEMENT)
            else:
                _resume(step, pause, DueDate.Why.SUPPLEMENT)
        supplement = store.open_supplement(dossier)
        if supplement is not None:
            supplement.received_at = step.at
            supplement.received_by = step.transition.actor_name
            supplement.received_note = comment
            supplement.new_due_at = dossier.due_at
            store.update(supplement)
        for paper in store.awaited_papers(dossier):
            paper.received_at, paper.received_by = step.at, step.transition.actor_name
            store.update(paper)
        step.attach(files, Phase.SUPPLEMENT)
    return step.transition


def ask_payment(
    dossier: Dossier,
    actor: Actor | None,
    *,
    fees: Iterable[Fee],
    comment: str = "",
    at: datetime | None = None,
    store: Store = DATABASE,
) -> Transition:
    """Asks the applicant to pay, and stops the clock until then."""
    with moving(Move.ASK_PAYMENT, dossier, actor, at, comment, store) as step:
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
    store: Store = DATABASE,
) -> Transition:
    """Records that every open fee is paid; the clock continues with the time that was left."""
    with moving(Move.RECEIVE_PAYMENT, dossier, actor, at, comment, store) as step:
        _resume(step, step.end_pause(Move.ASK_PAYMENT), DueDate.Why.PAYMENT)
        for fee in store.open_fees(dossier):
            fee.paid_at, fee.method, fee.receipt_no = step.at, method, receipt_no
            store.update(fee)
    return step.transition


def _resume(step: MoveStep, pause: Transition, why: DueDate.Why) -> None:
    """Lets the clock continue with the time that was left when the pause began."""
    promise = step.store.promise(step.dossier) or offered(step.dossier.procedure)
    step.set_due(due_after_pause(step.dossier, promise, pause.at, step.at, step.calendar), why)
