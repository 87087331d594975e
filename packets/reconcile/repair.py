"""Repairs the differences that coverage and ledger show, each by the step that should have happened by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from django.db import transaction
from django.db.models import TextChoices

from packets import dialects
from packets.collecting.collect import collect, lock_collecting
from packets.models import Packet, PacketState, Portal
from packets.models.reasons import Reason
from packets.operations import put_back, resend
from packets.queue import db_clock
from packets.queue.outbox import lock_delivery, release_next

from .coverage import CoverageStatus, orphaned, stuck
from .ledger import LedgerComparison, Mismatch

BATCH = 500


def repair(
    portal: Portal, comparison: LedgerComparison, on_progress: Callable[[int], object] = lambda done: None
) -> Counter[TextChoices]:
    """Repairs all that can be repaired. Returns the number of packets by what was wrong with them."""
    repaired: Counter[TextChoices] = Counter()
    for missing_kind in reversed(dialects.of(portal).kinds_of_moves):
        made = collect(portal, on_progress, missing_kind=missing_kind)
        repaired[CoverageStatus.MISSING] += made.ready + made.stopped
    repaired[CoverageStatus.STUCK] = _release_stuck(portal)
    for pk in list(orphaned(portal).values_list("pk", flat=True)):
        repaired[CoverageStatus.ORPHANED] += _revive(portal, pk)
    for stream, packets in comparison.lost():
        repaired[Mismatch.LOST] += put_back(portal, stream, packets)
        on_progress(len(packets))
    for packet in Packet.objects.filter(pk__in=comparison.stopped_here()).select_related("portal"):
        resend(packet)
        packet.refresh_from_db(fields=["state"])
        repaired[Mismatch.STOPPED_HERE] += packet.state != PacketState.STOPPED
    return +repaired


def _release_stuck(portal: Portal) -> int:
    streams = list(stuck(portal).values_list("stream", flat=True))
    for start in range(0, len(streams), BATCH):
        with transaction.atomic():
            lock_delivery(portal)
            release_next(portal, streams[start : start + BATCH], db_clock.now())
    return len(streams)


def _revive(portal: Portal, pk: int) -> bool:
    """Resends an orphaned packet; False if it is not orphaned any more, or still wrong."""
    with transaction.atomic():
        lock_collecting(portal)
        packet = Packet.objects.select_related("portal").get(pk=pk)
        lock_delivery(portal)
        stopped = Packet.objects.filter(
            pk__in=list(orphaned(portal).filter(pk=pk).values_list("pk", flat=True))
        ).update(state=PacketState.STOPPED, reason=Reason.INTERNAL, settled_at=None, superseded_by=None)
        return bool(stopped) and resend(packet)
