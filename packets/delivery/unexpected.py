"""What is done about an error of this software's own in a thread that must go on.

It is logged without values. What was to be sent waits with that reason and a time, so the portal's page shows it, the
portal rests if it happens again and again, and nothing stays under way for good.
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

# Errors of the database that do not pass when it is back: a statement of ours, or what we wanted to write, is wrong.
OUR_OWN = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
# So many packets that are due get the reason why they were not sent.
NOTED = 256


def portal_failure(error: Exception) -> PortalError:
    """`error`, which came before or after any message, as a failure that counts against the portal, so that it rests.

    The next packet would meet the same error. For an error in one message see `pool._message_failure`.
    """
    return PortalError(Reason.INTERNAL, type(error).__name__)


def put_off(portal: Portal, error: Exception) -> None:
    """What is due for `portal` waits because of `error`, which kept a thread from sending it. Never raises."""
    log.error("portal=%s an error of this software's own: %s", portal.code, described(error))
    try:
        _start_afresh()
        settle(
            portal, [failed_before_sending(packet, portal_failure(error)) for packet in claim(portal, NOTED).packets]
        )
    except Exception as another:  # the same one, perhaps: then the portal at least shows it
        note([portal], another)


def note(portals: Iterable[Portal], error: Exception) -> None:
    """Shows `error` as the last failure of `portals`. Never raises."""
    portals, failure = list(portals), f"{Reason.INTERNAL.label}. {type(error).__name__}"
    log.error("portal=%s an error of this software's own: %s", [portal.code for portal in portals], described(error))
    try:
        _start_afresh()
        DeliveryState.objects.filter(portal__in=[portal.pk for portal in portals]).update(last_failure=failure)
    except Exception as away:  # the log has it
        log.error("it could not be written down: %s", type(away).__name__)


def _start_afresh() -> None:
    """Nothing may be left of a transaction that the error broke off."""
    if not connection.in_atomic_block:
        connection.close()
