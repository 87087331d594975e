"""Records how tries ended: the attempts, the packets' new states, the portal's state, and the chain of evidence.

Many tries are settled in one transaction. Each packet is settled by its own result, also those of one message, and
only while its lease is the one under which it was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from packets.evidence import chain
from packets.http.client import PortalError
from packets.models import Attempt, DeliveryState, Packet, PacketState, Portal
from packets.models.reasons import Reason
from packets.queue import db_clock
from packets.queue.outbox import is_backing_off, lock_delivery, release_next
from packets.queue.retries import GIVE_UP_AFTER, RESTS_AFTER, rest, wait_before_next

from .counters import counted
from .pool import SendResult

log = logging.getLogger(__name__)


def settle(portal: Portal, results: Sequence[SendResult]) -> None:
    """Settles `results` in one transaction and logs a line for each. May be called again if it fails.

    1. Under the lock of the portal's delivery state, find the packets that still have the lease of their sending.
    2. Write their new states: accepted, to be tried again, stopped.
    3. Update the portal's delivery state.
    4. Make each accepted attempt the last link of the portal's chain of evidence, and write all attempts.
    """
    with transaction.atomic():
        delivery, now = lock_delivery(portal), db_clock.now()
        sent_under = {result.packet.pk: result.packet.lease for result in results}
        leases = Packet.objects.filter(pk__in=sent_under, state=PacketState.SENDING).values_list("pk", "lease")
        ours = {pk for pk, lease in leases if sent_under[pk] == lease}
        changes = {result.packet.pk: _judge(result, now) for result in results}
        accepted = [result for result in results if result.failure is None and result.packet.pk in ours]
        _settle_accepted(portal, [result.packet for result in accepted], now)
        for result in results:
            if result.failure is not None and result.packet.pk in ours:
                Packet.objects.filter(pk=result.packet.pk).update(**changes[result.packet.pk])
        for result in results:
            if result.is_counted:
                _note(delivery, result, now)
        for result in accepted:
            attempt = result.attempt
            attempt.number = delivery.number = delivery.number + 1
            link = as_link(delivery.portal, result.packet, attempt)
            attempt.seal = delivery.seal = chain.seal(delivery.seal, link)
        delivery.tally = counted(delivery.tally, (result.attempt for result in results))
        Attempt.objects.bulk_create([result.attempt for result in results])
        delivery.save()
    for result in results:
        _log(portal, result, result.packet.pk in ours)


def unrecorded(results: Iterable[SendResult]) -> list[SendResult]:
    """Those of which no attempt was written. After a commit whose answer was lost, these must be settled again."""
    written = set(
        Attempt.objects.filter(packet__in=[result.packet.pk for result in results]).values_list("packet", "at")
    )
    return [result for result in results if (result.packet.pk, result.attempt.at) not in written]


# ---- the packet


def _judge(result: SendResult, now: datetime) -> dict[str, object]:
    """Completes the attempt, and returns the changes of the packet if the try failed."""
    packet, attempt, failure = result.packet, result.attempt, result.failure
    # Reset, because an earlier settling may have set these and then been rolled back.
    attempt.pk, attempt.number, attempt.seal, attempt.recorded_at = None, None, "", now
    if failure is None:
        attempt.outcome = Attempt.Outcome.ACCEPTED
        return {}
    if failure.reason == Reason.TOKEN and packet.reason == Reason.TOKEN:
        # A new token was refused as well, so the login is wrong and not the token's age.
        failure.reason = Reason.LOGIN
    # By the clock that all workers share: the clock of this machine may be wrong.
    first_tried_at = packet.first_tried_at or now
    attempt.reason = failure.reason
    change = {
        "tries": packet.tries + 1,
        "first_tried_at": first_tried_at,
        "reason": failure.reason,
        "detail": failure.detail,
        "lease": None,
    }
    if failure.may_have_arrived and attempt.digest:
        change["unanswered_key"] = packet.unanswered_key or packet.key
    if not failure.permanent and now - first_tried_at <= GIVE_UP_AFTER:
        attempt.outcome = Attempt.Outcome.RETRY
        wait = timedelta()
        if failure.reason != Reason.TOKEN:
            wait = wait_before_next(packet.tries + 1, failure.retry_after)
        return change | {"state": PacketState.READY, "due_at": now + wait}
    attempt.outcome = Attempt.Outcome.STOPPED
    change |= {"state": PacketState.STOPPED, "due_at": None}
    if not failure.permanent:
        change |= {"reason": Reason.GAVE_UP, "detail": f"{Reason(failure.reason).label}. {failure.detail}"}
    return change


def _settle_accepted(portal: Portal, packets: Sequence[Packet], now: datetime) -> None:
    if not packets:
        return
    Packet.objects.filter(pk__in=[packet.pk for packet in packets]).update(
        state=PacketState.ACCEPTED,
        settled_at=now,
        due_at=None,
        lease=None,
        reason="",
        detail="",
        tries=F("tries") + 1,
        first_tried_at=Coalesce("first_tried_at", now),
    )
    release_next(portal, {packet.stream for packet in packets}, now)


# ---- the portal


def _note(delivery: DeliveryState, result: SendResult, now: datetime) -> None:
    """Updates the portal's state after this try."""
    failure = result.failure
    if failure is None:
        delivery.last_success_at, delivery.last_failure = now, ""
    if failure is not None and failure.counts_against_receiver:
        _note_failure(delivery, result.token, failure, now)
    elif failure is None or failure.http_status is not None:
        # The portal answered, so it works, even if it refused this packet.
        delivery.failures = delivery.rests = 0


def _note_failure(delivery: DeliveryState, token: str, failure: PortalError, now: datetime) -> None:
    if failure.reason == Reason.TOKEN:
        if delivery.token == token:
            delivery.token = ""
        return
    if failure.http_status == 403 and delivery.token == token:
        # Some portals answer 403 instead of 401 to a token that they no longer know.
        delivery.token = ""
    delivery.last_failure = f"{Reason(failure.reason).label}. {failure.detail}"[:500]
    if failure.retry_after is not None:
        delivery.resting_until = max(delivery.resting_until or now, now + failure.retry_after)
        return
    delivery.failures += 1
    if delivery.failures >= RESTS_AFTER and not is_backing_off(delivery, now):
        delivery.rests += 1
        delivery.resting_until = now + rest(delivery.rests)


def as_link(portal: Portal, packet: Packet, attempt: Attempt) -> dict[str, object]:
    """What the chain seals of an accepted attempt."""
    return {
        "portal": portal.code,
        "number": attempt.number,
        "kind": packet.kind,
        "source": packet.transition_id or packet.publication_id,
        "key": str(attempt.key),
        "digest": attempt.digest,
        "at": attempt.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "milliseconds": attempt.milliseconds,
        "http_status": attempt.http_status,
        "reply": attempt.reply,
    }


def _log(portal: Portal, result: SendResult, kept: bool) -> None:
    packet, attempt = result.packet, result.attempt
    log.log(
        logging.INFO if result.failure is None else logging.WARNING,
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
