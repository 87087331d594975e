"""What an applicant was promised: the procedure's name and limit of that time, whatever the procedure says today.

A due date that was counted from the whole limit stores both (`DueDate.procedure_name` …). Papers and pages that show
a limit beside a date read it from there, so that the two agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import TypedDict

from django.db.models import Model, OuterRef, QuerySet

from onestop.catalog.models import Procedure
from onestop.dossiers.models import Dossier, DueDate

from .rules import Limit


@dataclass(frozen=True)
class Promise:
    """`amount` is None where no limit can be computed; `text` may then describe one.

    `is_known` is false for a due date from before promises were stored: its limit is lost.
    """

    name: str
    amount: Decimal | None = None
    unit: str = ""
    text: str = ""
    from_next_day: bool = False
    next_day_after: time | None = None
    is_known: bool = True

    @property
    def limit(self) -> Limit | None:
        if self.amount is None:
            return None
        return Limit(self.amount, self.unit, self.from_next_day, self.next_day_after)

    @property
    def in_words(self) -> str:
        """The limit as a receipt states it; empty where it is not known. Official papers are in Vietnamese."""
        if not self.is_known:
            return ""
        if not self.amount:
            return self.text or "theo quy định của pháp luật"
        number = f"{self.amount.normalize():f}".replace(".", ",")
        return f"{number} {Procedure.Unit(self.unit).label}"


def offered(procedure: Procedure) -> Promise:
    """What the procedure promises today."""
    return Promise(
        procedure.name,
        procedure.limit,
        procedure.limit_unit,
        procedure.limit_text,
        procedure.count_from_next_day,
        procedure.next_day_after,
    )


def kept_with(due_date: DueDate) -> Promise | None:
    """The promise from which a due date was counted; None if it stores none, or was not counted from a whole limit."""
    if not due_date.procedure_name:
        return None
    return Promise(
        due_date.procedure_name,
        due_date.limit,
        due_date.limit_unit,
        due_date.limit_text,
        due_date.count_from_next_day,
        due_date.next_day_after,
    )


class Terms(TypedDict, total=False):
    """The fields of a `DueDate` that keep a promise."""

    procedure_name: str
    limit: Decimal | None
    limit_unit: str
    limit_text: str
    count_from_next_day: bool
    next_day_after: time | None


def terms(promise: Promise) -> Terms:
    return {
        "procedure_name": promise.name,
        "limit": promise.amount,
        "limit_unit": promise.unit,
        "limit_text": promise.text,
        "count_from_next_day": promise.from_next_day,
        "next_day_after": promise.next_day_after,
    }


def promise_to(dossier: Dossier, due_dates: Iterable[DueDate]) -> Promise:
    """The last promise in `due_dates`, in their order; before acceptance, what the procedure offers."""
    rows = list(due_dates)
    if promise := last_kept(rows):
        return promise
    return offered(dossier.procedure) if not rows else Promise(dossier.procedure.name, is_known=False)


def last_kept(due_dates: Iterable[DueDate]) -> Promise | None:
    """The last promise that is stored in `due_dates`, in their order; None if there is none."""
    promises = [promise for row in due_dates if (promise := kept_with(row)) is not None]
    return promises[-1] if promises else None


def promised_names(dossier: OuterRef) -> QuerySet[Model, str]:
    """For a subquery: the procedure's name in the last promise to `dossier`."""
    made = DueDate.objects.filter(dossier=dossier).exclude(procedure_name="").order_by("-pk")
    return made.values_list("procedure_name", flat=True)[:1]
