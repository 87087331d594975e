"""Puts right what `duties` and `holdings` find, each by the way that it should have gone of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from django.db import transaction
from django.db.models import TextChoices

from . import clock
from .collect import collect, take_turn
from .duties import Standing, loose, stuck
from .holdings import Comparison, Mismatch
from .interventions import put_back, resend
from .models import Packet, PacketState, Portal
from .outbox import lock_channel, raise_heads
from .reasons import Reason
from .repertoire import repertoire

BATCH = 500


def mend(
    portal: Portal, comparison: Comparison, on_progress: Callable[[int], object] = lambda done: None
) -> Counter[TextChoices]:
    """Returns how many packets were seen to, by what was wrong with them."""
    mended: Counter[TextChoices] = Counter()
    for lacking in reversed(repertoire(portal).of_moves):
        made = collect(portal, on_progress, lacking=lacking)
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
            lock_channel(portal)
            raise_heads(portal, streams[start : start + BATCH], clock.now())
    return len(streams)


def _revive(portal: Portal, pk: int) -> bool:
    """Resends a packet that was superseded by nothing; False if it is no such packet any more."""
    with transaction.atomic():
        take_turn(portal)
        packet = Packet.objects.select_related("portal").get(pk=pk)
        lock_channel(portal)
        stopped = Packet.objects.filter(pk__in=list(loose(portal).filter(pk=pk).values_list("pk", flat=True))).update(
            state=PacketState.STOPPED, reason=Reason.INTERNAL, settled_at=None, superseded_by=None
        )
        return bool(stopped) and resend(packet)
