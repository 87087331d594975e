"""Metrics for Prometheus. They are read from the database at each scrape, so one process answers for all.

`docs/monitoring.md` explains each metric and which of them deserve an alarm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.urls import path
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from onestop.dossiers.models import Transition
from onestop.staff.models import User
from packets.access import may_act
from packets.collecting.collect import unreported_transitions
from packets.delivery.counters import BUCKETS
from packets.models import DeliveryState, Packet, Portal, PortalQuerySet
from packets.queue import db_clock
from packets.queue.outbox import is_backing_off

from .backlog import Backlog, Stage

# The label of a metric, and the stages that it adds up.
STATES = {
    "ready": (Stage.DUE, Stage.LATER),
    "behind": (Stage.BLOCKED,),
    "sending": (Stage.SENDING,),
    "stopped": (Stage.STOPPED,),
}
# How many of the last moves are searched for one without a packet: all of history would take too long for a scrape.
RECENT_MOVES = 1_000


@login_not_required
@require_GET
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Shows every portal to a caller with the token, and to a signed-in operator the portals that they see."""
    token, shown = settings.METRICS_TOKEN, request.headers.get("Authorization", "")
    if token and constant_time_compare(shown, f"Bearer {token}"):
        portals = Portal.objects.not_ended()
    elif isinstance(request.user, User) and may_act(request.user):
        portals = Portal.objects.visible_to(request.user)
    else:
        return HttpResponseForbidden("For operators, or with METRICS_TOKEN as bearer.\n", content_type="text/plain")
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(DeliveryCollector(portals)), content_type=content_type)


# `onestop/urls.py` includes this like the urls of an app.
urlpatterns = [path("", metrics, name="metrics")]


class DeliveryCollector:
    """Yields the metrics of some portals; “collector” is the client library's word for that."""

    def __init__(self, portals: PortalQuerySet) -> None:
        self._portals = portals

    def collect(self) -> Iterator[Metric]:
        now = db_clock.now()
        deliveries = DeliveryState.objects.filter(portal__in=self._portals).order_by("portal__code")
        # The encrypted columns are left out: without the key, reading them would make monitoring fail.
        deliveries = deliveries.select_related("portal__partner").defer("token", "portal__client_secret")
        rows = list(deliveries.prefetch_related("portal__agencies"))
        yield from _packets(rows, now)
        yield _uncollected(rows, now)
        yield from _attempts(rows)
        yield from _portals(rows, now)


def _packets(deliveries: Sequence[DeliveryState], now: datetime) -> Iterator[Metric]:
    backlogs = Backlog.by_portal(Packet.objects.filter(portal__in=[delivery.pk for delivery in deliveries]), now)
    number = _gauge("onestop_packets", "Packets that are not settled yet, by state.", "state")
    oldest = _gauge(
        "onestop_packet_oldest_seconds", "Age of the oldest packet in a state; 0 if there is none.", "state"
    )
    for delivery in deliveries:
        backlog = backlogs.get(delivery.pk, Backlog(now))
        for name, stages in STATES.items():
            number.add_metric([delivery.portal.code, name], backlog.number(*stages))
            oldest.add_metric([delivery.portal.code, name], _age(backlog.oldest_of(*stages), now))
    yield from (number, oldest)


def _uncollected(deliveries: Iterable[DeliveryState], now: datetime) -> Metric:
    """Reveals that no worker runs: then nothing is collected, and no packet exists whose age could grow."""
    oldest = _gauge(
        "onestop_uncollected_oldest_seconds",
        f"Age of the oldest of the last {RECENT_MOVES} moves without a packet; 0 if none lacks one, absent if paused.",
    )
    last = Transition.objects.aggregate(last=Max("pk"))["last"] or 0
    for delivery in deliveries:
        if delivery.portal.is_working:
            moves = unreported_transitions(delivery.portal).filter(pk__gt=last - RECENT_MOVES)
            at = moves.values_list("at", flat=True).first()
            oldest.add_metric([delivery.portal.code], _age(at, now))
    return oldest


def _attempts(deliveries: Iterable[DeliveryState]) -> Iterator[Metric]:
    ended = CounterMetricFamily(
        "onestop_delivery_attempts", "Tries to deliver a packet.", labels=["portal", "outcome", "reason"]
    )
    took = HistogramMetricFamily("onestop_delivery_seconds", "How long a try took.", labels=["portal"])
    for delivery in deliveries:
        portal, tally = delivery.portal.code, delivery.tally
        outcomes: dict[str, int] = tally.get("outcomes", {})
        for name, number in sorted(outcomes.items()):
            outcome, _slash, reason = name.partition("/")
            ended.add_metric([portal, outcome, reason], number)
        within = zip(BUCKETS, tally.get("within", [0] * len(BUCKETS)), strict=True)
        buckets = [(str(bound / 1000), number) for bound, number in within]
        took.add_metric(
            [portal], [*buckets, ("+Inf", sum(outcomes.values()))], sum_value=tally.get("milliseconds", 0) / 1000
        )
    yield from (ended, took)


def _portals(deliveries: Iterable[DeliveryState], now: datetime) -> Iterator[Metric]:
    active = _gauge("onestop_portal_active", "1 while packets are collected for it and sent, 0 while it is paused.")
    resting = _gauge("onestop_portal_resting", "1 while it is left alone since it failed too often.")
    failures = _gauge("onestop_portal_consecutive_failures", "Failures in a row that were its own.")
    success = _gauge(
        "onestop_portal_last_success_timestamp_seconds", "When it last took a packet; absent before that."
    )
    links = CounterMetricFamily("onestop_evidence_links", "Links in the chain of evidence.", labels=["portal"])
    for delivery in deliveries:
        portal = [delivery.portal.code]
        active.add_metric(portal, delivery.portal.is_working)
        resting.add_metric(portal, is_backing_off(delivery, now))
        failures.add_metric(portal, delivery.failures)
        if delivery.last_success_at is not None:
            success.add_metric(portal, delivery.last_success_at.timestamp())
        links.add_metric(portal, delivery.number)
    yield from (active, resting, failures, success, links)


def _gauge(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, labels=["portal", *labels])


def _age(at: datetime | None, now: datetime) -> float:
    return max((now - at).total_seconds(), 0) if at is not None else 0.0
