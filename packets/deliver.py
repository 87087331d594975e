"""Takes packets that are due, sends them, and writes down what became of each.

A packet is claimed in one short transaction, sent in none, and settled in a second one. The claim is a lease: if
this process dies, another takes the packet over when the lease has run out, with the same Idempotency-Key.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from .body import Body, FileChanged, FileMissing
from .models import Attempt, Packet, PacketState, Portal
from .portal import PortalClient, PortalError
from .reasons import Reason

log = logging.getLogger(__name__)

# How long to wait before each next try; the last stands for all that follow. Each wait is drawn between nothing and
# the figure (full jitter), so that a thousand packets do not come back at once. What shaped the table:
#  1. a hiccup should cost seconds, not minutes;
#  2. a portal that is down all night must not be asked ten thousand times;
#  3. one that comes back is noticed within the half hour, whatever the length of the outage.
RETRY_WAITS = (
    timedelta(seconds=5),  # at most  5 s after the first try
    timedelta(seconds=15),  #         20 s
    timedelta(minutes=1),  #          1 min 20 s
    timedelta(minutes=5),  #          6 min
    timedelta(minutes=15),  #        21 min
    timedelta(minutes=30),  #        51 min, then every half hour at most
)
# A long holiday with the portal down, and a morning to spare: at least the 72 hours that are promised.
GIVE_UP_AFTER = timedelta(hours=96)

# The longest that one packet may take: its pieces each have their own time limit, so this is for the largest.
LEASE = timedelta(minutes=15)
CLAIM = 50

# So many failures in a row that are the portal's own, and it is left alone for a while, then tried with one packet.
RESTS_AFTER = 5
REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=15)


@dataclass
class Delivered:
    """What one delivering did, in packets."""

    accepted: int = 0
    retry: int = 0
    stopped: int = 0

    def count(self, outcome: str) -> None:
        self.accepted += outcome == Attempt.Outcome.ACCEPTED
        self.retry += outcome == Attempt.Outcome.RETRY
        self.stopped += outcome == Attempt.Outcome.STOPPED


def deliver(
    portal: Portal,
    *,
    waiting_too: bool = False,
    stop: Callable[[], bool] = lambda: False,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Delivered:
    """Sends what is due for `portal` until nothing is, the portal needs a rest, or `stop` says so.

    `waiting_too`: begins with making packets due whose next try is set for later, and with waking a resting portal.
    """
    delivered = Delivered()
    if waiting_too:
        hurry(portal)
    with PortalClient(portal) as client:
        while not stop() and _open_for_more(portal):
            # A portal in trouble is tried with one packet.
            batch = claim(portal, 1 if portal.failures >= RESTS_AFTER else CLAIM)
            if not batch:
                break
            while batch and not (stop() or rests(portal)):
                outcome = deliver_one(client, batch.pop(0))
                delivered.count(outcome)
                on_progress(1)
            release(batch)
    return delivered


def hurry(portal: Portal) -> None:
    """Makes every waiting packet of `portal` due now and ends its rest: a person knows better."""
    now = timezone.now()
    waiting = Packet.objects.filter(portal=portal, state=PacketState.READY, next_attempt_at__gt=now)
    waiting.update(next_attempt_at=now)
    portal.failures, portal.resting_until = 0, None
    portal.save(update_fields=["failures", "resting_until"])


def _open_for_more(portal: Portal) -> bool:
    """Whether to claim another batch: somebody may have paused the portal, another worker found it in trouble."""
    portal.refresh_from_db(fields=["is_active", "failures", "resting_until"])
    return portal.is_active and not rests(portal)


def rests(portal: Portal) -> bool:
    return portal.resting_until is not None and portal.resting_until > timezone.now()


# ---- claiming


def claim(portal: Portal, most: int) -> list[Packet]:
    """Leases up to `most` packets that are due, each the first of its stream, to this caller alone."""
    now = timezone.now()
    Packet.objects.abandoned(now).update(state=PacketState.READY, lease=None, leased_until=None)
    lease = uuid.uuid4()
    due = Packet.objects.filter(portal=portal).due(now).first_of_stream().order_by("next_attempt_at", "pk")
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        keys = list(due.values_list("pk", flat=True)[:most])
        Packet.objects.filter(pk__in=keys).update(state=PacketState.SENDING, lease=lease, leased_until=now + LEASE)
    claimed = Packet.objects.filter(pk__in=keys, lease=lease).select_related("dossier", "publication__agency")
    return list(claimed.prefetch_related("dossier__attachments").order_by("next_attempt_at", "pk"))


def release(packets: list[Packet]) -> None:
    """Gives back what was claimed and not tried."""
    for packet in packets:
        _leased(packet).update(state=PacketState.READY, lease=None, leased_until=None)


def _leased(packet: Packet) -> QuerySet[Packet]:
    """The packet's row, as long as the lease is still ours."""
    return Packet.objects.filter(pk=packet.pk, lease=packet.lease, state=PacketState.SENDING)


def _still_ours(packet: Packet) -> bool:
    """Renews a lease of which half has gone; False when it ran out and another took the packet over."""
    now = timezone.now()
    if packet.leased_until and packet.leased_until - now > LEASE / 2:
        return True
    return _leased(packet).update(leased_until=now + LEASE) == 1


# ---- one packet


def deliver_one(client: PortalClient, packet: Packet) -> str:
    """Sends a claimed packet and settles it. Returns the `Attempt.Outcome`, or "" if it was no longer ours."""
    if not _still_ours(packet):
        return ""
    began, clock = timezone.now(), time.monotonic()
    attempt = Attempt(packet=packet, at=began, outcome=Attempt.Outcome.ACCEPTED)
    failure: PortalError | None = None
    try:
        answer = client.send(packet, _checked_body(packet))
        attempt.http_status, attempt.reply = answer.http_status, answer.excerpt
    except PortalError as error:
        failure = error
        attempt.http_status, attempt.reply, attempt.reason = error.http_status, error.detail, error.reason
    attempt.milliseconds = round((time.monotonic() - clock) * 1000)
    settle(client.portal, packet, attempt, failure)
    return attempt.outcome


def _checked_body(packet: Packet) -> Body:
    body = Body(packet.body, packet.key, {file.ordinal: file for file in packet.attachments()})
    try:
        body.check_files()
    except FileMissing as error:
        raise PortalError(Reason.FILE_MISSING, str(error), permanent=True, its_fault=False) from error
    except FileChanged as error:
        raise PortalError(Reason.FILE_CHANGED, str(error), permanent=True, its_fault=False) from error
    return body


def settle(portal: Portal, packet: Packet, attempt: Attempt, failure: PortalError | None) -> None:
    """Writes the attempt, the packet's new state and how the portal fares, in one transaction."""
    now = timezone.now()
    first_tried = packet.first_tried_at or attempt.at
    change: dict[str, Any] = {
        "tries": F("tries") + 1,
        "first_tried_at": first_tried,
        "leased_until": None,
        "lease": None,
    }
    if failure is None:
        change |= {"state": PacketState.ACCEPTED, "accepted_at": now, "reason": "", "detail": ""}
    elif failure.permanent:
        attempt.outcome = Attempt.Outcome.STOPPED
        change |= {"state": PacketState.STOPPED, "reason": failure.reason, "detail": failure.detail}
    elif now - first_tried > GIVE_UP_AFTER:
        attempt.outcome = Attempt.Outcome.STOPPED
        change |= {"state": PacketState.STOPPED, "reason": Reason.GAVE_UP, "detail": str(failure)}
    else:
        attempt.outcome = Attempt.Outcome.RETRY
        change |= {"state": PacketState.READY, "reason": failure.reason, "detail": failure.detail}
        change |= {"next_attempt_at": now + wait_before_next(packet.tries + 1, failure.retry_after)}
    with transaction.atomic():
        attempt.save()
        kept = _leased(packet).update(**change)
        _note_health(portal, failure, now)
    log.log(
        logging.INFO if failure is None else logging.WARNING,
        "portal=%s packet=%s kind=%s try=%s outcome=%s reason=%s http=%s ms=%s%s",
        portal.code,
        packet.pk,
        packet.kind,
        packet.tries + 1,
        attempt.outcome,
        attempt.reason or "-",
        attempt.http_status or "-",
        attempt.milliseconds,
        "" if kept else " lease=lost",
    )


def wait_before_next(tries: int, retry_after: timedelta | None) -> timedelta:
    """How long to wait after try number `tries` (from 1); what the portal asks for is the least."""
    longest = RETRY_WAITS[min(tries, len(RETRY_WAITS)) - 1]
    drawn = longest * random.random()  # noqa: S311 spreads load, keeps no secret
    return max(drawn, retry_after or timedelta())


def _note_health(portal: Portal, failure: PortalError | None, now: datetime) -> None:
    if failure is None or not failure.its_fault:
        # It answered: whatever it thinks of this packet, it is well.
        portal.failures, portal.resting_until = 0, None
    else:
        portal.failures += 1
        portal.last_failure = f"{Reason(failure.reason).label}. {failure.detail}"[:500]
        over = portal.failures - RESTS_AFTER
        if failure.retry_after is not None:
            portal.resting_until = now + failure.retry_after
        elif over >= 0:
            portal.resting_until = now + min(REST * 2 ** min(over, 10), LONGEST_REST)
    if failure is None:
        portal.last_success_at, portal.last_failure = now, ""
    portal.save(update_fields=["failures", "resting_until", "last_success_at", "last_failure"])
