"""Renders answers as JSON, many times faster than the framework's own encoder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from rest_framework.renderers import BaseRenderer

from onestop.common.time import VIETNAM


def encode(data: object) -> bytes:
    return msgspec.json.encode(data, enc_hook=str)


def local(at: datetime | None) -> datetime | None:
    """An instant in the time zone of Vietnam, as the contract requires."""
    return at.astimezone(VIETNAM) if at is not None else None


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, object] | None = None,
    ) -> bytes:
        return b"" if data is None else encode(data)
