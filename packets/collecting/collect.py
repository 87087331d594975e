"""Finds what was recorded and not yet reported, and makes its packets.

There is no cursor: a transition is due for a portal as long as that portal has no packet of it. So one that commits
late, or while no worker runs, is found as well.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from onestop.dossiers.models import Dossier, Transition, TransitionQuerySet
from onestop.statistics.models import Publication
from packets import dialects
from packets.models import Packet, PacketState, Portal
from packets.models.kinds import MadeOf, PacketKind
from packets.queue import db_clock
from packets.queue.outbox import lock_delivery, release_next

from .build import freeze
from .corrections import corrections, has_corrections, rebuild_waiting

log = logging.getLogger(__name__)

BATCH = 500


@dataclass
class Collected:
    """The packets of one collecting: to send, stopped at once, and replaced by a newer one."""

    ready: int = 0
    stopped: int = 0
    superseded: int = 0

    def count(self, packets: list[Packet]) -> None:
        self.ready += sum(packet.state == PacketState.READY for packet in packets)
        self.stopped += sum(packet.state == PacketState.STOPPED for packet in packets)


def due_transitions(portal: Portal) -> TransitionQuerySet:
    """Moves that must be reported to `portal`, each in all kinds of packet that its dialect makes of a move."""
    due = Transition.objects.filter(dialects.of(portal).moves(portal), dossier__is_test=portal.is_for_tests)
    return due if portal.since is None else due.filter(at__gte=portal.since)


def unreported_transitions(portal: Portal, missing_kind: PacketKind | None = None) -> TransitionQuerySet:
    """Moves due for `portal` and without a packet, oldest first.

    All packets of a move are made together, so it suffices to look for one: `missing_kind`, by default the last.
    """
    kind = missing_kind or dialects.of(portal).kinds_of_moves[-1]
    reported = Packet.objects.filter(portal=portal, kind=kind.code, transition=OuterRef("pk"))
    return due_transitions(portal).filter(~Exists(reported)).order_by("pk")


def due_publications(portal: Portal, kind: PacketKind) -> QuerySet[Publication]:
    """Published periods that must be reported to `portal` in a packet of this kind."""
    due = Publication.objects.select_related("agency")
    if kind.months_only:
        due = due.filter(month__gt=0)
    if portal.since is not None:
        due = due.filter(published_at__gte=portal.since)
    if agencies := list(portal.agencies.all()):
        due = due.filter(agency__in=agencies)
    return due


def unreported_publications(portal: Portal, kind: PacketKind) -> QuerySet[Publication]:
    """Published periods due for `portal` and without a packet of this kind, oldest first."""
    reported = Packet.objects.filter(portal=portal, kind=kind.code, publication=OuterRef("pk"), corrects=None)
    return due_publications(portal, kind).filter(~Exists(reported)).order_by("pk")


def collect(
    portal: Portal,
    on_progress: Callable[[int], object] = lambda done: None,
    *,
    above: int = 0,
    missing_kind: PacketKind | None = None,
) -> Collected:
    """Makes every packet that is due for `portal`, in batches that commit on their own.

    `above`: begins after the move with that number, for a caller that has just examined those up to it; without it,
    corrections are made as well. `missing_kind` as in `unreported_transitions`.
    """
    looks_at_everything = above == 0
    collected, unreported = Collected(), unreported_transitions(portal, missing_kind)
    # First without a lock: this runs every few seconds, also when nothing happens.
    while unreported.filter(pk__gt=above).exists():
        above = _collect_batch(portal, unreported, above, collected, on_progress)
    if any(unreported_publications(portal, kind).exists() for kind in dialects.of(portal).kinds_of_figures):
        with transaction.atomic():
            lock_collecting(portal)
            _collect_publications(portal, collected)
    # After the publications: what has a newer revision needs no correction.
    if looks_at_everything and has_corrections(portal):
        with transaction.atomic():
            lock_collecting(portal)
            _collect_corrections(portal, collected)
    return collected


def lock_collecting(portal: Portal) -> None:
    """Lets one worker at a time add to the portal's streams; others wait here for the end of its transaction."""
    Portal.objects.select_for_update(no_key=True).get(pk=portal.pk)


def _collect_batch(
    portal: Portal,
    unreported: TransitionQuerySet,
    above: int,
    collected: Collected,
    on_progress: Callable[[int], object],
) -> int:
    """Makes the packets of the next moves with a number above `above`; returns the number of the last one."""
    with transaction.atomic():
        lock_collecting(portal)
        dialect, moves = dialects.of(portal), _with_late_ones(portal, unreported, above)
        # Usually none. If only one packet of a move is missing, it must be made although the others exist.
        there = set(Packet.objects.filter(portal=portal, transition__in=moves).values_list("kind", "transition"))
        steps: list[Packet] = []
        # For each dossier the packets that report it as a whole, one for each move.
        wholes: dict[int, list[Packet]] = defaultdict(list)
        for move in moves:
            for kind in dialect.kinds_of_moves:
                if (kind.code, move.pk) in there:
                    continue
                packet = _packet(portal, kind, move)
                if kind.made_of is MadeOf.DOSSIER:
                    wholes[move.dossier_id].append(packet)
                else:
                    freeze(packet, portal, move)
                    steps.append(packet)
        dossiers = dialect.load_dossiers(Dossier.objects.filter(pk__in=wholes)).in_bulk()
        for pk, packets in wholes.items():
            freeze(packets[-1], portal, dossiers[pk])
        # Building takes long and is done, so the lock that stops sending is held only from here on.
        lock_delivery(portal)
        collected.superseded += _put_in_place(portal, wholes)
        Packet.objects.bulk_create(steps, batch_size=BATCH)
        made = [*(packets[-1] for packets in wholes.values()), *steps]
        release_next(portal, {packet.stream for packet in made}, db_clock.now())
    collected.count(made)
    on_progress(len(moves))
    return moves[-1].pk if moves else above


def _with_late_ones(portal: Portal, unreported: TransitionQuerySet, above: int) -> list[Transition]:
    """The next moves with a number above `above`, and those below it of the same dossiers.

    A move below it was committed after the others had been examined. The dossier's next move must not overtake it.
    """
    whole = dialects.of(portal).load_moves(unreported)
    moves = list(whole.filter(pk__gt=above)[:BATCH])
    late = whole.filter(dossier__in={move.dossier_id for move in moves}, pk__lte=above) if above else ()
    return [*late, *moves]


def _packet(portal: Portal, kind: PacketKind, move: Transition) -> Packet:
    """A packet of `move`. The whole dossier goes before the step of the same move: a portal must have it first."""
    return Packet(
        portal=portal,
        kind=kind.code,
        transition=move,
        dossier_id=move.dossier_id,
        stream=f"dossier/{move.dossier_id}",
        position=2 * move.pk + (kind.made_of is not MadeOf.DOSSIER),
        collected_at=timezone.now(),
    )


def _put_in_place(portal: Portal, wholes: dict[int, list[Packet]]) -> int:
    """Saves the packets that report whole dossiers, by dossier and in the order of their moves.

    Only the last of a dossier is sent: it contains all that the others say, so it supersedes them and all unsent ones.
    It takes the position of the first that it supersedes, so that no step overtakes its dossier. Returns how many were
    superseded.
    """
    last = {pk: packets[-1] for pk, packets in wholes.items()}
    unsent = Packet.objects.filter(
        portal=portal,
        kind__in={packet.kind for packet in last.values()},
        dossier__in=last,
        state__in=(PacketState.READY, PacketState.STOPPED),
    )
    older: dict[int, list[Packet]] = defaultdict(list)
    for packet in unsent:
        older[packet.dossier_id or 0].append(packet)
    for pk, packet in last.items():
        packet.position = min(other.position for other in (*wholes[pk], *older[pk]))
    Packet.objects.bulk_create(last.values(), batch_size=BATCH)

    needless = [packet for packets in wholes.values() for packet in packets[:-1]]
    old = [packet for packets in older.values() for packet in packets]
    now = db_clock.now()
    for packet in (*needless, *old):
        packet.state, packet.settled_at, packet.due_at = PacketState.SUPERSEDED, now, None
        packet.superseded_by = last[packet.dossier_id or 0]
    Packet.objects.bulk_create(needless, batch_size=BATCH)
    Packet.objects.bulk_update(old, ["state", "settled_at", "due_at", "superseded_by"], batch_size=BATCH)
    return len(needless) + len(old)


def _collect_publications(portal: Portal, collected: Collected) -> None:
    packets = []
    for kind in dialects.of(portal).kinds_of_figures:
        for publication in unreported_publications(portal, kind):
            packet = Packet(
                portal=portal,
                kind=kind.code,
                publication=publication,
                stream=f"{kind.code}/{publication.agency_id}/{publication.period}",
                position=publication.revision,
                collected_at=timezone.now(),
            )
            freeze(packet, portal, publication)
            packets.append(packet)
    packets.sort(key=lambda packet: packet.publication_id or 0)
    lock_delivery(portal)
    _add(portal, packets, collected)


def _collect_corrections(portal: Portal, collected: Collected) -> None:
    lock_delivery(portal)
    rebuild_waiting(portal)
    packets = corrections(portal)
    _add(portal, packets, collected)
    if packets:
        log.info("portal=%s said_anew=%s", portal.code, len(packets))


def _add(portal: Portal, packets: list[Packet], collected: Collected) -> None:
    """Needs the lock of the portal's delivery state."""
    Packet.objects.bulk_create(packets, batch_size=BATCH)
    release_next(portal, {packet.stream for packet in packets}, db_clock.now())
    collected.count(packets)
