"""Puts right what `duties` and `holdings` find, each by the way that it should have gone of itself."""

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

from .coverage import Standing, loose, stuck
from .ledger import LedgerComparison, Mismatch

BATCH = 500


def mend(
    portal: Portal, comparison: LedgerComparison, on_progress: Callable[[int], object] = lambda done: None
) -> Counter[TextChoices]:
    """Returns how many packets were seen to, by what was wrong with them."""
    mended: Counter[TextChoices] = Counter()
    for missing_kind in reversed(dialects.of(portal).kinds_of_moves):
        made = collect(portal, on_progress, missing_kind=missing_kind)
        mended[Standing.MISSING] += made.ready + made.stopped
    mended[Standing.STUCK] = _raise_stuck(portal)
    for pk in list(loose(portal).values_list("pk", flat=True)):
        mended[Standing.LOOSE] += _revive(portal, pk)
    for stream, packets in comparison.lost():
        mended[Mismatch.LOST] += put_back(portal, stream, packets)
        on_progress(len(packets))
    for packet in Packet.objects.filter(pk__in=comparison.stopped_here()).select_related("portal"):
        resend(packet)
        packet.refresh_from_db(fields=["state"])
        mended[Mismatch.STOPPED_HERE] += packet.state != PacketState.STOPPED
    return +mended


def _raise_stuck(portal: Portal) -> int:
    streams = list(stuck(portal).values_list("stream", flat=True))
    for start in range(0, len(streams), BATCH):
        with transaction.atomic():
            lock_delivery(portal)
            release_next(portal, streams[start : start + BATCH], db_clock.now())
    return len(streams)


def _revive(portal: Portal, pk: int) -> bool:
    """Resends a packet that was superseded by nothing; False if it is no such packet any more."""
    with transaction.atomic():
        lock_collecting(portal)
        packet = Packet.objects.select_related("portal").get(pk=pk)
        lock_delivery(portal)
        stopped = Packet.objects.filter(pk__in=list(loose(portal).filter(pk=pk).values_list("pk", flat=True))).update(
            state=PacketState.STOPPED, reason=Reason.INTERNAL, settled_at=None, superseded_by=None
        )
        return bool(stopped) and resend(packet)
