"""The sync app's own tables: where to report, what is to be reported, and every attempt."""

from .packet import OPEN_STATES, SETTLED_STATES, Attempt, Packet, PacketQuerySet, PacketState
from .portal import ADDRESSES, DeliveryState, Portal, PortalQuerySet, TokenAuth, is_web_address, usual_success_statuses
from .portal_change import PortalChange

__all__ = [
    "ADDRESSES",
    "OPEN_STATES",
    "SETTLED_STATES",
    "Attempt",
    "DeliveryState",
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
