"""Who brings packets to which receiver."""

from __future__ import annotations

import ssl

from packets.models import Portal

from .qd1705.client import PortalClient
from .webhook.client import WebhookClient

Client = PortalClient | WebhookClient


def client_for(portal: Portal, tls: ssl.SSLContext) -> Client:
    return WebhookClient(tls) if portal.is_webhook else PortalClient(tls)
