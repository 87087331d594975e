"""The tables of the catalogue."""

from onestop.catalog.placements import Placement

from .agency import Agency, AgencyQuerySet, Field
from .calendar import CalendarDay, WorkingHours
from .place import Commune, FormerCommune, Province
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
    "Commune",
    "Field",
    "FormerCommune",
    "Phase",
    "Placement",
    "Procedure",
    "ProcedureFee",
    "ProcedurePaper",
    "ProcedureQuerySet",
    "ProcedureResult",
    "Province",
    "SubmissionChannel",
    "WorkingHours",
]
