"""How delivery goes, for Prometheus: read from the database at each scrape, so it is true of all processes together.

`docs/monitoring.md` says what each figure means and when to be woken by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Case, Count, F, Max, Min, Value, When
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
from packets.models import DeliveryState, Packet, PacketState, Portal, PortalQuerySet
from packets.queue import db_clock
from packets.queue.outbox import is_backing_off

BEHIND = "behind"
STATES = (PacketState.READY.value, BEHIND, PacketState.SENDING.value, PacketState.STOPPED.value)
# The last moves among which one without a packet is looked for: all of history would be too long for a scrape.
RECENT_MOVES = 1_000


@login_not_required
@require_GET
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever brings the token: every portal. For an operator who is signed in: the portals that they see."""
    if _has_token(request):
        portals = Portal.objects.standing()
    elif isinstance(request.user, User) and may_act(request.user):
        portals = Portal.objects.visible_to(request.user)
    else:
        return HttpResponseForbidden("For operators, or with METRICS_TOKEN as bearer.\n", content_type="text/plain")
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(Delivery(portals)), content_type=content_type)


def _has_token(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    return bool(token) and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}")


# The map of the site includes this as it does each app's `urls`; it imports none.
urlpatterns = [path("", metrics, name="metrics")]


# ---- what is told


class Delivery:
    """A collector, as the client library calls whatever yields metrics."""

    def __init__(self, portals: PortalQuerySet) -> None:
        self._portals = portals

    def collect(self) -> Iterator[Metric]:
        now = db_clock.now()
        deliveries = DeliveryState.objects.filter(portal__in=self._portals).order_by("portal__code")
        # Without secrets: a key that is missing must not blind whoever watches.
        deliveries = deliveries.select_related("portal__partner").defer("token", "portal__client_secret")
        found = list(deliveries.prefetch_related("portal__agencies"))
        yield from _packets(found, now)
        yield _uncollected(found, now)
        yield from _attempts(found)
        yield from _portals(found, now)


def _packets(deliveries: Sequence[DeliveryState], now: datetime) -> Iterator[Metric]:
    state = Case(When(state=PacketState.READY, due_at=None, then=Value(BEHIND)), default=F("state"))
    unsettled = Packet.objects.unsettled().filter(portal__in=[delivery.pk for delivery in deliveries])
    rows = unsettled.order_by().values("portal", told=state).annotate(number=Count("pk"), oldest=Min("collected_at"))
    found = {(row["portal"], row["told"]): row for row in rows}
    number = _gauge("onestop_packets", "Packets that are not settled yet, by state.", "state")
    oldest = _gauge(
        "onestop_packet_oldest_seconds", "Age of the oldest packet in a state; 0 if there is none.", "state"
    )
    for delivery in deliveries:
        for name in STATES:
            row = found.get((delivery.pk, name))
            number.add_metric([delivery.portal.code, name], row["number"] if row else 0)
            oldest.add_metric([delivery.portal.code, name], _age(row["oldest"] if row else None, now))
    yield from (number, oldest)


def _uncollected(deliveries: Iterable[DeliveryState], now: datetime) -> Metric:
    """What tells that no worker runs: then nothing is collected, and no packet is there to grow old."""
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
