"""Earlier secrets of a webhook, which sign beside the present one until its partner has changed its receivers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec


class OldSecret(msgspec.Struct, frozen=True):
    """An earlier secret, and until when it signs."""

    secret: str
    until: datetime


def read_secrets(text: str | None) -> list[OldSecret]:
    """What the column holds, the earliest secret first."""
    return msgspec.json.decode(text, type=list[OldSecret]) if text else []


def written_secrets(old: Iterable[OldSecret]) -> str | None:
    """The value for the column; None without any, so that it need not be decrypted."""
    secrets = list(old)
    return msgspec.json.encode(secrets).decode() if secrets else None
