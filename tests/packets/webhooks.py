"""Webhooks for tests, and what their receiver is told."""

from __future__ import annotations

import hmac
import json
from typing import Any

from pytest_httpserver import HTTPServer

from onestop.partners.models import Partner
from packets.models import Portal
from tests import people

from .portals import a_portal

SECRET = "whsec_thu"


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


def is_signed(content: bytes, header: str, secret: str) -> bool:
    """As a receiver would check it, with nothing of ours."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    made = hmac.new(secret.encode(), f"{parts['t']}.".encode() + content, "sha256").hexdigest()
    return hmac.compare_digest(made, parts["v1"])
