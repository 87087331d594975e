"""The sync app's own tables: where to report, what is to be reported, and every attempt."""

from .packet import OPEN_STATES, SETTLED_STATES, Attempt, Kind, Packet, PacketQuerySet, PacketState
from .portal import (
    ADDRESSES,
    PORTAL_DIALECTS,
    DeliveryState,
    Dialect,
    Portal,
    PortalQuerySet,
    TokenAuth,
    is_web_address,
    usual_success_statuses,
)
from .portal_change import PortalChange

__all__ = [
    "ADDRESSES",
    "OPEN_STATES",
    "PORTAL_DIALECTS",
    "SETTLED_STATES",
    "Attempt",
    "DeliveryState",
    "Dialect",
    "Kind",
    "Packet",
    "PacketQuerySet",
    "PacketState",
    "Portal",
    "PortalChange",
    "PortalQuerySet",
    "TokenAuth",
    "is_web_address",
    "usual_success_statuses",
]
