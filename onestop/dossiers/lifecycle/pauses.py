"""Pauses: the office waits for the applicant, and the clock stands still."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Phase, Procedure
from onestop.common.errors import InputRefused
from onestop.common.time import VIETNAM
from onestop.dossiers.deadlines.dossier import due_after_pause, supplement_due
from onestop.dossiers.deadlines.moments import check_ahead
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
    respond_on: date | None = None,
    at: datetime | None = None,
    store: Store = DATABASE,
) -> Transition:
    """Asks the applicant for what is missing, and stops the clock (form 02).

    `respond_on`: the last day on which it may come; by default, that of the procedure.
    """
    with moving(Move.ASK_SUPPLEMENT, dossier, actor, at, required(comment), store) as step:
        if respond_on is not None and respond_on <= step.at.astimezone(VIETNAM).date():
            raise InputRefused({"respond_on": _("Hạn bổ sung phải sau ngày yêu cầu.")})
        respond_by = supplement_due(dossier, step.at, step.calendar, respond_on)
        if respond_by is not None:
            check_ahead(respond_by, step.at, "respond_on")
        supplement = Supplement(
            dossier=dossier,
            ordinal=store.next_ordinal(dossier, Supplement),
            asked_at=step.at,
            asked_by=step.transition.actor_name,
            request=comment,
            respond_by=respond_by,
            old_due_at=dossier.due_at,
        )
        store.add(supplement)
        step.add(papers, fees, supplement)
    return step.transition


def receive_supplement(
    dossier: Dossier,
    actor: Actor | None,
    *,
    papers: Collection[Paper] | None = None,
    files: Sequence[File[bytes]] = (),
    at: datetime | None = None,
    comment: str = "",
    store: Store = DATABASE,
) -> Transition:
    """Receives the supplement; the clock runs again, from zero unless the procedure says otherwise (điều 19.4).

    `papers`: which of the requested papers came; None for all. The others stay recorded as not received.
    """
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
            if papers is None or paper in papers:
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
    paid: Collection[Fee] | None = None,
    method: str = Fee.Method.CASH,
    receipt_no: str = "",
    at: datetime | None = None,
    comment: str = "",
    store: Store = DATABASE,
) -> Transition:
    """Records that open fees are paid; the clock continues with the time that was left.

    `paid`: which of them; None for all. The others stay open, and the result cannot be handed out before them.
    """
    with moving(Move.RECEIVE_PAYMENT, dossier, actor, at, comment, store) as step:
        _resume(step, step.end_pause(Move.ASK_PAYMENT), DueDate.Why.PAYMENT)
        for fee in store.open_fees(dossier):
            if paid is None or fee in paid:
                fee.paid_at, fee.method, fee.receipt_no = step.at, method, receipt_no
                store.update(fee)
    return step.transition


def _resume(step: MoveStep, pause: Transition, why: DueDate.Why) -> None:
    """Lets the clock continue with the time that was left when the pause began."""
    promise = step.store.promise(step.dossier) or offered(step.dossier.procedure)
    step.set_due(due_after_pause(step.dossier, promise, pause.at, step.at, step.calendar), why)
