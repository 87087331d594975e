"""Handles an error of this software's own in a thread that must continue.

The error is logged without values. The packets that were due wait with that reason and a time. So the portal's page
shows the error, the portal rests if it repeats, and no packet stays under way for ever.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.db import DataError, IntegrityError, NotSupportedError, ProgrammingError, connection

from packets.http.client import PortalError
from packets.models import DeliveryState, Portal
from packets.models.reasons import Reason
from packets.queue.outbox import claim
from packets.safe_traceback import described

from .pool import failed_before_sending
from .settle import settle

log = logging.getLogger(__name__)

# Errors of the database that do not pass by waiting: our statement, or the value to write, is wrong.
OUR_OWN = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
# How many due packets get the reason why they were not sent.
NOTED = 256


def portal_failure(error: Exception) -> PortalError:
    """`error`, which came before or after any message, as a failure that counts against the portal, so that it rests.

    The next packet would meet the same error. For an error in one message see `pool._message_failure`.
    """
    return PortalError(Reason.INTERNAL, type(error).__name__)


def put_off(portal: Portal, error: Exception) -> None:
    """Makes what is due for `portal` wait because of `error`, which prevented a thread from sending. Never raises."""
    log.error("portal=%s an error of this software's own: %s", portal.code, described(error))
    try:
        _start_afresh()
        settle(
            portal, [failed_before_sending(packet, portal_failure(error)) for packet in claim(portal, NOTED).packets]
        )
    except Exception as another:  # perhaps the same error; the portal then at least shows it
        note([portal], another)


def note(portals: Iterable[Portal], error: Exception) -> None:
    """Shows `error` as the last failure of `portals`. Never raises."""
    portals, failure = list(portals), f"{Reason.INTERNAL.label}. {type(error).__name__}"
    log.error("portal=%s an error of this software's own: %s", [portal.code for portal in portals], described(error))
    try:
        _start_afresh()
        DeliveryState.objects.filter(portal__in=[portal.pk for portal in portals]).update(last_failure=failure)
    except Exception as away:  # the error itself is in the log already
        log.error("it could not be written down: %s", type(away).__name__)


def _start_afresh() -> None:
    """Closes the connection, so that no broken transaction of the error is left."""
    if not connection.in_atomic_block:
        connection.close()
