"""Webhooks for tests, and what their receiver is told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook, WebhookVerificationError
from werkzeug import Request

from onestop.partners.models import Partner
from packets.models import Portal
from tests import people

from .portals import a_portal

SECRET = "whsec_dGhpcnR5LXR3byBieXRlcyBvZiBhIHNlY3JldCwgZG9uZSE="
# As they were before the standard.
EARLIER_SECRET = "whsec_q0Z-yqk2Wk1PpDqJ3Xo_5yFhFv2Xr0cD6m7nXb1aLsk"


def a_webhook(address: str = "http://127.0.0.1:9/", partner: Partner | None = None, **traits: Any) -> Portal:
    """Told everything from the beginning, of the partner that works for the ward unless told otherwise."""
    usual = {
        "code": "wh-1",
        "dialect": "webhook",
        "partner": partner or people.a_partner(),
        "base_url": address,
        "token_url": "",
        "client_id": "",
        "client_secret": SECRET,
    }
    return a_portal(address, **{**usual, **traits})


def told(httpserver: HTTPServer) -> list[dict[str, Any]]:
    """The events that came, in order, whatever they were answered."""
    return [json.loads(request.data) for request, _answer in httpserver.log]


def is_signed(request: Request, secret: str, body: bytes | None = None) -> bool:
    """What the official library of Standard Webhooks says of a delivery that a receiver got, with nothing of ours."""
    try:
        Webhook(secret).verify(request.data if body is None else body, dict(request.headers))
    except WebhookVerificationError:
        return False
    return True


def verified_by(request: Request, secrets: Iterable[str]) -> list[bool]:
    return [is_signed(request, secret) for secret in secrets]
