"""The token of a portal, fetched once for all workers and stored encrypted in its delivery state."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from packets.dialects.base import Client
from packets.http.client import PortalError
from packets.models import DeliveryState, Portal
from packets.models.reasons import Reason
from packets.queue import db_clock
from packets.queue.outbox import lock_delivery, token_in_use

# A token is renewed this long before its end, so that none expires during a request; a short one at half of its life.
MARGIN = timedelta(seconds=30)
# How long one worker may take to fetch a token before another tries, and how often the others look for it.
FETCHING = timedelta(seconds=90)
LOOK_AGAIN_SECONDS = 0.2


def valid_token(portal: Portal, client: Client) -> str:
    """The token in use, or a new one. While another worker fetches one, waits for that. Raises PortalError.

    Many portals end a client's old token when they issue a new one, so workers that each fetched their own would
    invalidate each other's for ever.
    """
    deadline = time.monotonic() + FETCHING.total_seconds()
    while time.monotonic() < deadline:
        now = db_clock.now()
        delivery = (
            DeliveryState.objects.only("token", "token_until").filter(portal=portal, **_as_it_was(portal)).first()
        )
        if delivery is None:
            raise PortalError(Reason.TOKEN, "địa chỉ của Cổng vừa được đổi", counts_against_receiver=False)
        if token := token_in_use(delivery, now):
            return token
        unclaimed = Q(signing_in_until=None) | Q(signing_in_until__lt=now)
        if DeliveryState.objects.filter(unclaimed, portal=portal).update(signing_in_until=now + FETCHING):
            return _fetched(portal, client, now)
        time.sleep(LOOK_AGAIN_SECONDS)
    raise PortalError(Reason.LOGIN, "tiến trình khác chưa lấy được token")


def _fetched(portal: Portal, client: Client, now: datetime) -> str:
    mine = DeliveryState.objects.filter(portal=portal)
    # Another worker may have stored a token after our check and before our claim.
    if token := token_in_use(mine.only("token", "token_until").get(), now):
        mine.update(signing_in_until=None)
        return token
    try:
        token, lasts = client.sign_in(portal)
    except BaseException:
        mine.update(signing_in_until=None)
        raise
    used = max(lasts - MARGIN, lasts / 2)
    mine.filter(**_as_it_was(portal)).update(token=token, token_until=db_clock.now() + used)
    mine.update(signing_in_until=None)
    return token


def _as_it_was(portal: Portal) -> dict[str, str]:
    """A filter for delivery states whose portal still has the caller's addresses: a token is sent nowhere else."""
    return {f"portal__{name}": address for name, address in portal.addresses.items()}


def forget_token(portal: Portal, token: str) -> None:
    """Removes a token that the portal refused, so that the next caller fetches another."""
    with transaction.atomic():
        delivery = lock_delivery(portal)
        if delivery.token == token:
            delivery.token = ""
            delivery.save(update_fields=["token"])
