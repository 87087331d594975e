"""The tables of the catalogue."""

from onestop.catalog.placements import Placement

from .agency import Agency, AgencyQuerySet, Field
from .calendar import CalendarDay, WorkingHours
from .procedure import (
    Phase,
    Procedure,
    ProcedureFee,
    ProcedurePaper,
    ProcedureQuerySet,
    ProcedureResult,
    SubmissionChannel,
)

__all__ = [
    "Agency",
    "AgencyQuerySet",
    "CalendarDay",
    "Field",
    "Phase",
    "Placement",
    "Procedure",
    "ProcedureFee",
    "ProcedurePaper",
    "ProcedureQuerySet",
    "ProcedureResult",
    "SubmissionChannel",
    "WorkingHours",
]
