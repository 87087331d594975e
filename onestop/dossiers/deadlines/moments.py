"""Which moments are plausible, and when a move was really made: as recorded, or as a later correction says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from onestop.common.errors import InputRefused, sentence
from onestop.common.time import VIETNAM
from onestop.dossiers.models import DueDate, Move, Transition

# Ten years. Every limit of the catalogue is shorter, so a later moment is a typing error.
FURTHEST: Final = timedelta(days=3653)


def earliest() -> datetime:
    """Before this, no move can have been made (`EARLIEST_DATE`)."""
    return datetime.combine(settings.EARLIEST_DATE, time(), VIETNAM)


def check_made(at: datetime, now: datetime, field: str = "at") -> None:
    """Checks when something was done. Raises InputRefused at `field` for the future or the distant past."""
    if at > now:
        raise InputRefused({field: _("Thời điểm này còn ở tương lai.")})
    if at < earliest():
        message = _("Thời điểm này trước %(day)s, ngày sớm nhất mà hệ thống nhận. Vui lòng kiểm tra năm đã nhập.")
        raise InputRefused({field: sentence(message, day=f"{settings.EARLIEST_DATE:%d/%m/%Y}")})


def check_ahead(until: datetime, now: datetime, field: str) -> None:
    """Checks until when something is to be done. Raises InputRefused at `field` for more than ten years ahead."""
    if until > now + FURTHEST:
        raise InputRefused({field: _("Thời điểm này xa quá mười năm. Vui lòng kiểm tra năm đã nhập.")})


def corrected(transitions: Iterable[Transition]) -> dict[int, datetime]:
    """When each move was really made, by key. `transitions`: all of one dossier, in their order.

    The last correction of a move holds. If a dossier was registered and accepted in one act, a correction of the
    acceptance moves the registration, too.
    """
    made = list(transitions)
    moments = {move.pk: move.at for move in made}
    moments |= {move.corrects_id: move.corrected_at for move in made if move.corrects_id and move.corrected_at}
    put_right = {move.corrects_id for move in made if move.corrects_id}
    registration = next((move for move in made if move.move == Move.REGISTER), None)
    acceptance = next((move for move in made if move.move == Move.ACCEPT), None)
    if registration and acceptance and registration.at == acceptance.at and registration.pk not in put_right:
        moments[registration.pk] = moments[acceptance.pk]
    return moments


def in_force(due_dates: Iterable[DueDate]) -> list[DueDate]:
    """The due dates of a dossier from its last correction on, in order: a correction writes all of them again."""
    rows = list(due_dates)
    starts = [number for number, row in enumerate(rows) if row.why == DueDate.Why.CORRECTED]
    return rows[starts[-1] :] if starts else rows
