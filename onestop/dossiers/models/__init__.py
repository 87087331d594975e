"""The tables of dossiers."""

from .contents import (
    Attachment,
    Fee,
    FeeQuerySet,
    Opinion,
    Paper,
    PrintedForm,
    Supplement,
    attachment_path,
    printed_path,
)
from .dossier import FEW_AGENCIES, Dossier, DossierQuerySet, overdue_at, unguessable_token, works_with
from .history import AppendOnlyError, DueDate, StatsQueue, Transition, TransitionQuerySet
from .sequence import DailySequence
from .states import (
    CLOSING,
    FINAL,
    PAUSED,
    PERSONS,
    WORKED_ON,
    ApplicantKind,
    Move,
    ReturnMethod,
    State,
    SubmitterCapacity,
    move_choices,
)

__all__ = [
    "CLOSING",
    "FEW_AGENCIES",
    "FINAL",
    "PAUSED",
    "PERSONS",
    "WORKED_ON",
    "AppendOnlyError",
    "ApplicantKind",
    "Attachment",
    "DailySequence",
    "Dossier",
    "DossierQuerySet",
    "DueDate",
    "Fee",
    "FeeQuerySet",
    "Move",
    "Opinion",
    "Paper",
    "PrintedForm",
    "ReturnMethod",
    "State",
    "StatsQueue",
    "SubmitterCapacity",
    "Supplement",
    "Transition",
    "TransitionQuerySet",
    "attachment_path",
    "move_choices",
    "overdue_at",
    "printed_path",
    "unguessable_token",
    "works_with",
]
