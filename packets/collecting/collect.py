"""Finds what was recorded and not yet reported, and makes its packets.

There is no cursor: a transition is due for a portal as long as that portal has no packet of it, so one that
commits late, or while nobody watches, is found all the same.
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
from packets.dialects.qd1705.build import dossiers_to_report
from packets.dialects.spec import repertoire
from packets.models import Kind, Packet, PacketState, Portal
from packets.queue import db_clock
from packets.queue.outbox import lock_delivery, release_next

from .build import Source, freeze
from .corrections import build_waiting_anew, has_old_dates, said_anew

log = logging.getLogger(__name__)

BATCH = 500


@dataclass
class Collected:
    """What one collecting made: packets to send, packets that stopped at once, documents a newer one made needless."""

    ready: int = 0
    stopped: int = 0
    superseded: int = 0

    def count(self, packets: list[Packet]) -> None:
        self.ready += sum(packet.state == PacketState.READY for packet in packets)
        self.stopped += sum(packet.state == PacketState.STOPPED for packet in packets)


def due_transitions(portal: Portal) -> TransitionQuerySet:
    """Moves that `portal` is to hear of, each in all the packets that its dialect makes of one."""
    due = Transition.objects.filter(repertoire(portal).moves(portal), dossier__is_test=False)
    return due if portal.since is None else due.filter(at__gte=portal.since)


def unreported_transitions(portal: Portal, missing_kind: Kind | None = None) -> TransitionQuerySet:
    """Moves due for `portal` and without a packet, oldest first.

    All packets of a move are made together, so one of them tells; `missing_kind` says which, the last unless it is given.
    """
    kind = missing_kind or repertoire(portal).of_moves[-1]
    reported = Packet.objects.filter(portal=portal, kind=kind, transition=OuterRef("pk"))
    return due_transitions(portal).filter(~Exists(reported)).order_by("pk")


def due_publications(portal: Portal, kind: Kind = Kind.STATISTIC) -> QuerySet[Publication]:
    """Published periods that `portal` is to hear of in a packet of this kind."""
    due = Publication.objects.select_related("agency")
    if kind not in repertoire(portal).of_figures:
        return due.none()
    if kind == Kind.VOTE:
        # Votes name their period by a date alone, so a year's would be taken for December's: months only.
        due = due.filter(month__gt=0)
    if portal.since is not None:
        due = due.filter(published_at__gte=portal.since)
    if agencies := list(portal.agencies.all()):
        due = due.filter(agency__in=agencies)
    return due


def unreported_publications(portal: Portal, kind: Kind = Kind.STATISTIC) -> QuerySet[Publication]:
    """Published periods due for `portal` and without a packet of this kind, oldest first."""
    reported = Packet.objects.filter(portal=portal, kind=kind, publication=OuterRef("pk"), corrects=None)
    return due_publications(portal, kind).filter(~Exists(reported)).order_by("pk")


def collect(
    portal: Portal,
    on_progress: Callable[[int], object] = lambda done: None,
    *,
    above: int = 0,
    missing_kind: Kind | None = None,
) -> Collected:
    """Makes every packet that is due for `portal`, in batches that commit on their own.

    `above`: begins behind the move with that number, for a caller who has just looked at those up to it. `missing_kind`:
    looks for moves without a packet of this kind, see `unreported_transitions`. Who looks at everything also finds
    what is to be said anew, see `corrections`.
    """
    looks_at_everything = above == 0
    collected, unreported = Collected(), unreported_transitions(portal, missing_kind)
    # Looked for without a lock first: an idle office is asked every few seconds.
    while unreported.filter(pk__gt=above).exists():
        above = _collect_batch(portal, unreported, above, collected, on_progress)
    if any(unreported_publications(portal, kind).exists() for kind in repertoire(portal).of_figures):
        with transaction.atomic():
            lock_collecting(portal)
            _collect_publications(portal, collected)
    # After the publications: a newer revision says it all.
    if looks_at_everything and has_old_dates(portal):
        with transaction.atomic():
            lock_collecting(portal)
            _collect_corrections(portal, collected)
    return collected


def lock_collecting(portal: Portal) -> None:
    """One at a time adds to the portal's streams; another waits here for the end of that transaction."""
    Portal.objects.select_for_update(no_key=True).get(pk=portal.pk)


def _collect_batch(
    portal: Portal,
    unreported: TransitionQuerySet,
    above: int,
    collected: Collected,
    on_progress: Callable[[int], object],
) -> int:
    """Makes the packets of the next moves with a number above that; returns the last one's."""
    with transaction.atomic():
        lock_collecting(portal)
        kinds, moves = repertoire(portal).of_moves, _with_late_ones(portal, unreported, above)
        # Usually none; but a packet that got lost must not keep the others of its move from being made up for.
        there = set(Packet.objects.filter(portal=portal, transition__in=moves).values_list("kind", "transition"))
        missing_kind = [(kind, move) for move in moves for kind in kinds if (kind, move.pk) not in there]
        steps = [_frozen(portal, kind, move, move) for kind, move in missing_kind if kind != Kind.DOCUMENT]
        by_dossier: dict[int, list[Transition]] = defaultdict(list)
        for kind, move in missing_kind:
            if kind == Kind.DOCUMENT:
                by_dossier[move.dossier_id].append(move)
        dossiers = dossiers_to_report(Dossier.objects.filter(pk__in=by_dossier)).in_bulk()
        documents = {pk: _frozen(portal, Kind.DOCUMENT, own[-1], dossiers[pk]) for pk, own in by_dossier.items()}
        # What takes long is done: from here on nobody sends.
        lock_delivery(portal)
        collected.superseded += _put_in_place(portal, documents, by_dossier)
        Packet.objects.bulk_create(steps, batch_size=BATCH)
        release_next(portal, {packet.stream for packet in (*documents.values(), *steps)}, db_clock.now())
    collected.count([*documents.values(), *steps])
    on_progress(len(moves))
    return moves[-1].pk if moves else above


def _with_late_ones(portal: Portal, unreported: TransitionQuerySet, above: int) -> list[Transition]:
    """The next moves with a number above that, and those below it of the same dossiers.

    Such a one was committed after the others had been looked at. It must not be overtaken by the next of its dossier.
    """
    whole = repertoire(portal).with_all(unreported)
    moves = list(whole.filter(pk__gt=above)[:BATCH])
    late = whole.filter(dossier__in={move.dossier_id for move in moves}, pk__lte=above) if above else ()
    return [*late, *moves]


def _packet(portal: Portal, kind: Kind, move: Transition) -> Packet:
    """Within its dossier, a move's document goes just before its step: a portal knows a dossier before its steps."""
    return Packet(
        portal=portal,
        kind=kind,
        transition=move,
        dossier_id=move.dossier_id,
        stream=f"dossier/{move.dossier_id}",
        position=2 * move.pk + (kind != Kind.DOCUMENT),
        collected_at=timezone.now(),
    )


def _frozen(portal: Portal, kind: Kind, move: Transition, source: Source) -> Packet:
    packet = _packet(portal, kind, move)
    freeze(packet, portal, source)
    return packet


def _put_in_place(portal: Portal, documents: dict[int, Packet], by_dossier: dict[int, list[Transition]]) -> int:
    """Saves one document per dossier, for its last move: it carries the whole state, so it supersedes all unsent ones.

    It takes the place of the first that it supersedes, so that no trace overtakes the dossier it belongs to. Returns
    how many were superseded.
    """
    unsent = Packet.objects.filter(
        portal=portal,
        kind=Kind.DOCUMENT,
        dossier__in=documents,
        state__in=(PacketState.READY, PacketState.STOPPED),
    )
    older: dict[int, list[Packet]] = defaultdict(list)
    for packet in unsent:
        older[packet.dossier_id or 0].append(packet)
    for pk, document in documents.items():
        document.position = min([2 * by_dossier[pk][0].pk, *(packet.position for packet in older[pk])])
    Packet.objects.bulk_create(documents.values(), batch_size=BATCH)

    needless = [_packet(portal, Kind.DOCUMENT, move) for moves in by_dossier.values() for move in moves[:-1]]
    old = [packet for packets in older.values() for packet in packets]
    now = db_clock.now()
    for packet in (*needless, *old):
        packet.state, packet.settled_at, packet.due_at = PacketState.SUPERSEDED, now, None
        packet.superseded_by = documents[packet.dossier_id or 0]
    Packet.objects.bulk_create(needless, batch_size=BATCH)
    Packet.objects.bulk_update(old, ["state", "settled_at", "due_at", "superseded_by"], batch_size=BATCH)
    return len(needless) + len(old)


def _collect_publications(portal: Portal, collected: Collected) -> None:
    packets = []
    for kind in repertoire(portal).of_figures:
        for publication in unreported_publications(portal, kind):
            packet = Packet(
                portal=portal,
                kind=kind,
                publication=publication,
                stream=f"{kind}/{publication.agency_id}/{publication.period}",
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
    build_waiting_anew(portal)
    packets = said_anew(portal)
    _add(portal, packets, collected)
    if packets:
        log.info("portal=%s said_anew=%s", portal.code, len(packets))


def _add(portal: Portal, packets: list[Packet], collected: Collected) -> None:
    """Needs the lock of the portal's delivery state."""
    Packet.objects.bulk_create(packets, batch_size=BATCH)
    release_next(portal, {packet.stream for packet in packets}, db_clock.now())
    collected.count(packets)
