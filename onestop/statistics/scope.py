"""Of which dossiers figures are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import QuerySet

from onestop.catalog.models import Agency, Field, Procedure

Rows = TypeVar("Rows", bound=QuerySet[Any])


@dataclass(frozen=True)
class Scope:
    """Those that `agency` or one below it received; of one field, procedure or channel only, where that is named.

    With `alone`, only those that `agency` itself received, and none below it.
    """

    agency: Agency
    field: Field | None = None
    procedure: Procedure | None = None
    channel: str = ""
    alone: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all the agency's dossiers are meant, of whatever kind."""
        return self.field is None and self.procedure is None and not self.channel

    def of(self, rows: Rows) -> Rows:
        """Those of `rows` that lie in it; rows with an agency and, unless it is whole, a procedure and a channel."""
        if self.alone:
            rows = rows.filter(agency=self.agency)
        else:
            rows = rows.filter(agency__in=Agency.objects.within(self.agency).values("pk"))
        if self.field is not None:
            rows = rows.filter(procedure__field=self.field)
        if self.procedure is not None:
            rows = rows.filter(procedure=self.procedure)
        return rows.filter(channel=self.channel) if self.channel else rows
