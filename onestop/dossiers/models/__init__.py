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
from .history import DueDate, StatsQueue, Transition, TransitionQuerySet, effective
from .news import InternalNote, NewsItem, NewsItemQuerySet
from .ready_text import ReadyText, ReadyTextQuerySet
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
    "ApplicantKind",
    "Attachment",
    "DailySequence",
    "Dossier",
    "DossierQuerySet",
    "DueDate",
    "Fee",
    "FeeQuerySet",
    "InternalNote",
    "Move",
    "NewsItem",
    "NewsItemQuerySet",
    "Opinion",
    "Paper",
    "PrintedForm",
    "ReadyText",
    "ReadyTextQuerySet",
    "ReturnMethod",
    "State",
    "StatsQueue",
    "SubmitterCapacity",
    "Supplement",
    "Transition",
    "TransitionQuerySet",
    "attachment_path",
    "effective",
    "move_choices",
    "overdue_at",
    "printed_path",
    "unguessable_token",
    "works_with",
]
