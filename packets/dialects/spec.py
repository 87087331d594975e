"""What each dialect tells: which packets a move and a published period give, and of which moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from onestop.dossiers.models import TransitionQuerySet
from onestop.partners.models import PartnerActor
from packets.models import Dialect, Kind, Portal

from .qd1705 import build
from .webhook import messages


@dataclass(frozen=True)
class DialectSpec:
    """`of_moves`: the packets of a move, in the order in which they go; they are made together.

    `moves`: which are told to a receiver. `with_all` reads with them what their packets are made of.
    """

    of_moves: tuple[Kind, ...]
    of_figures: tuple[Kind, ...]
    moves: Callable[[Portal], Q]
    with_all: Callable[[TransitionQuerySet], TransitionQuerySet]

    @property
    def kinds(self) -> list[Kind]:
        return [kind for kind in Kind if kind in (*self.of_moves, *self.of_figures)]


def repertoire(portal: Portal) -> DialectSpec:
    return REPERTOIRES[Dialect(portal.dialect)]


def _reported(portal: Portal) -> Q:
    """A dossier is reported from its acceptance on, before only if it came from the portal (it had a code then)."""
    told = Q(accepted=True) | Q(dossier__from_portal=True)
    agencies = list(portal.agencies.all())
    return told & Q(dossier__agency__level1__in=agencies) if agencies else told


def _seen_by_its_partner(portal: Portal) -> Q:
    """Of dossiers that the partner's agencies received or work on now, which are those that it may read."""
    if portal.partner is None:
        return Q(pk__in=())
    agencies = PartnerActor(portal.partner, ()).agencies.values("pk")
    return Q(dossier__agency__in=agencies) | Q(dossier__unit__in=agencies)


REPERTOIRES = {
    Dialect.QD1705: DialectSpec(
        (Kind.DOCUMENT, Kind.TRACE), (Kind.STATISTIC, Kind.VOTE), _reported, build.moves_to_report
    ),
    Dialect.WEBHOOK: DialectSpec((Kind.EVENT,), (), _seen_by_its_partner, messages.moves_to_report),
}
