"""The dossiers that figures count. Which agencies are below another depends on the day of the tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Model, QuerySet

from onestop.catalog.models import Agency, Field, Placement, Procedure
from onestop.catalog.placements import days_of_change

from .periods import Period

Rows = TypeVar("Rows", bound=QuerySet[Model])


@dataclass(frozen=True)
class FigureScope:
    """The dossiers that `agency`, or an agency below it on a given day, received.

    With a field, procedure or channel, only its dossiers. With `alone`, only those that `agency` itself received.
    """

    agency: Agency
    field: Field | None = None
    procedure: Procedure | None = None
    channel: str = ""
    alone: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the scope has dossiers of every kind: no field, procedure or channel is set."""
        return self.field is None and self.procedure is None and not self.channel

    def of(self, rows: Rows, day: date) -> Rows:
        """The `rows` within this scope, by the tree of agencies in force on `day`, the last day of a period.

        The rows must have an agency and, unless the scope is whole, a procedure and a channel.
        """
        if self.alone:
            rows = rows.filter(agency=self.agency)
        else:
            rows = rows.filter(agency__in=Placement.objects.within(self.agency, day).values("agency"))
        if self.field is not None:
            rows = rows.filter(procedure__field=self.field)
        if self.procedure is not None:
            rows = rows.filter(procedure=self.procedure)
        return rows.filter(channel=self.channel) if self.channel else rows

    def eras(self, months: Iterable[Period]) -> list[list[Period]]:
        """`months`, in order, split where the tree of `agency` changed, so that one tree holds for each part."""
        months = list(months)
        if not months:
            return []
        days = [] if self.alone else days_of_change(self.agency, months[0].last_day, months[-1].last_day)
        parts: dict[int, list[Period]] = {}
        for month in months:
            parts.setdefault(sum(day <= month.last_day for day in days), []).append(month)
        return list(parts.values())
