"""Who brings packets to which receiver."""

from __future__ import annotations

import ssl

from .models import Portal
from .portal import PortalClient
from .webhook import WebhookClient

Client = PortalClient | WebhookClient


def client_for(portal: Portal, tls: ssl.SSLContext) -> Client:
    return WebhookClient(tls) if portal.is_webhook else PortalClient(tls)
