"""Receiving a dossier: it is registered, then accepted with a code and a due date, or refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Phase, SubmissionChannel
from onestop.common.errors import InputRefused, Refused, sentence
from onestop.common.time import VIETNAM
from onestop.dossiers.codes.format import Series, identifier
from onestop.dossiers.files.uploads import attach_all
from onestop.dossiers.models import Dossier, DueDate, Fee, Move, Paper, Transition
from onestop.dossiers.store import DATABASE, Store
from onestop.partners.models import Actor

from . import applicants
from .engine import MoveRefused, moving, required
from .outside_codes import OutsideCode


def register(
    dossier: Dossier,
    actor: Actor | None,
    *,
    at: datetime | None = None,
    papers: Iterable[Paper] = (),
    fees: Iterable[Fee] = (),
    files: Sequence[File[bytes]] = (),
    comment: str = "",
    store: Store = DATABASE,
) -> Transition:
    """Registers a new, unsaved dossier. One from the portal has its code already; others get one when accepted.

    A code that it has already must be one that `actor` may bring along: see `outside_codes`.
    """
    if dossier.pk is not None:
        raise MoveRefused(_("Hồ sơ này đã được đăng ký."))
    at = at or timezone.now()
    dossier.registered_at = dossier.moved_at = at
    outside = OutsideCode(dossier.code, store)
    _check_new(dossier, outside.error(actor))
    with moving(Move.REGISTER, dossier, actor, at, comment, store) as step:
        outside.hold_series()
        store.save_dossier(dossier)
        step.add(papers, fees)
        step.attach(files, Phase.RECEPTION)
    return step.transition


def accept(
    dossier: Dossier, actor: Actor | None, *, at: datetime | None = None, comment: str = "", store: Store = DATABASE
) -> Transition:
    """Gives the dossier its code and its due instant (NĐ 61/2018 điều 17).

    The code is the next of its agency on that day, in the order that the agency has chosen (TT 01/2018 điều 19,
    TT 03/2025 điều 13.3).
    """
    with moving(Move.ACCEPT, dossier, actor, at, comment, store) as step:
        agency = dossier.agency
        if closed := agency.why_closed:
            raise MoveRefused(closed)
        dossier.accepted_at = step.at
        if not dossier.code:
            day = step.at.astimezone(VIETNAM).date()
            series = Series(identifier(agency.code, agency.code_order), day, agency.owner_digits)
            store.number(dossier, series)
        step.promise_again(DueDate.Why.ACCEPTED)
    return step.transition


def receive(
    dossier: Dossier,
    actor: Actor | None,
    *,
    at: datetime | None = None,
    papers: Iterable[Paper] = (),
    fees: Iterable[Fee] = (),
    files: Sequence[File[bytes]] = (),
    store: Store = DATABASE,
) -> Transition:
    """Intake at the counter: registers and accepts in one act."""
    at = at or timezone.now()
    with store.atomic():
        register(dossier, actor, at=at, papers=papers, fees=fees, store=store)
        acceptance = accept(dossier, actor, at=at, store=store)
        # Last, so that nothing can fail after a file is on the disk.
        attach_all(dossier, files, Phase.RECEPTION, at, store)
    return acceptance


def refuse(
    dossier: Dossier, actor: Actor | None, *, comment: str, at: datetime | None = None, store: Store = DATABASE
) -> Transition:
    """Refuses to accept the dossier; `comment` is the reason for the citizen (NĐ 61/2018 điều 17, form 03)."""
    with moving(Move.REFUSE, dossier, actor, at, required(comment), store) as step:
        dossier.finished_at = step.at
    return step.transition


def _check_new(dossier: Dossier, code_error: Refused | None) -> None:
    """Raises InputRefused by field for a dossier that nobody may register: neither desk, import nor partner."""
    errors = applicants.field_errors(dossier, (*applicants.NUMBERS, "commune"))
    if code_error is not None:
        errors.setdefault("code", [code_error])
    if dossier.channel not in [channel.value for channel in dossier.procedure.channels]:
        known = dossier.channel in SubmissionChannel.values
        label = SubmissionChannel(dossier.channel).label if known else dossier.channel
        message = _("Thủ tục này không nhận hồ sơ “%(channel)s”.")
        errors["channel"] = [Refused(sentence(message, channel=label))]
    if closed := dossier.agency.why_closed or dossier.unit.why_closed:
        errors["agency"] = [Refused(closed, "ended")]
    if not dossier.procedure.is_active:
        errors["procedure"] = [Refused(_("Thủ tục này không còn áp dụng."))]
    if dossier.from_portal and not dossier.code:
        errors["code"] = [Refused(_("Hồ sơ từ Cổng phải có mã của Cổng."))]
    if errors:
        raise InputRefused(errors)
