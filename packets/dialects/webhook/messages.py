"""Builds the events that a partner's webhook gets. Field names are ours, as in the partner contract.

They hold no personal data: a partner that needs more requests the dossier, with a token and the scope for it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from onestop.common.time import VIETNAM
from onestop.dossiers.models import Dossier, Transition, TransitionQuerySet
from packets.schemas.check import EVENT, PING

# The names of events in the partner contract, by the kind of their packets.
EVENTS = {EVENT: "dossier.moved", PING: "ping"}


class DossierPart(Struct, kw_only=True):
    """A dossier at the time when the event is made, which may be later than the move."""

    uuid: str
    code: str | None
    external_id: str | UnsetType = UNSET
    procedure: str
    agency: str
    unit: str
    state: int
    due_at: str | None


class Event(Struct, kw_only=True):
    """One move. `sequence` rises within a dossier, and is the `id` of the move in its history."""

    id: str
    event: str
    sequence: int
    move: str
    from_state: int | None
    to_state: int
    at: str
    dossier: DossierPart


class Ping(Struct, kw_only=True):
    """A test event that the partner asked for. `webhook` is the webhook's code."""

    id: str
    event: str
    at: str
    webhook: str


def moves_to_report(moves: TransitionQuerySet) -> TransitionQuerySet:
    """`moves` with all that `event` reads."""
    return moves.select_related("dossier__procedure", "dossier__agency", "dossier__unit")


def event(move: Transition, key: UUID, partner: int | None) -> Event:
    """The event of `move` for a webhook of `partner`. A partner's own number of a dossier goes to no other partner."""
    return Event(
        id=str(key),
        event=EVENTS[EVENT],
        sequence=move.pk,
        move=move.move,
        from_state=move.from_state,
        to_state=move.to_state,
        at=_instant(move.at),
        dossier=_dossier(move.dossier, partner),
    )


def ping(webhook: str, key: UUID, at: datetime) -> Ping:
    return Ping(id=str(key), event=EVENTS[PING], at=_instant(at), webhook=webhook)


def _dossier(dossier: Dossier, partner: int | None) -> DossierPart:
    is_its_own = partner is not None and dossier.partner_id == partner
    return DossierPart(
        uuid=str(dossier.uuid),
        code=dossier.code,
        external_id=dossier.external_id if is_its_own else UNSET,
        procedure=dossier.procedure.code,
        agency=dossier.agency.code,
        unit=dossier.unit.code,
        state=dossier.state,
        due_at=_instant(dossier.due_at) if dossier.due_at else None,
    )


def _instant(at: datetime) -> str:
    return at.astimezone(VIETNAM).isoformat()
