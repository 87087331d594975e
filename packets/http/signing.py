"""Signs messages by Standard Webhooks 1.0.0 (standard-webhooks/standard-webhooks, spec/standard-webhooks.md).

A secret is `whsec_` and the base64 of its key. Secrets from before 1.2 of the partner contract are not base64, so no
library of that standard can read them. Messages under such a secret are signed in the form of that time, until the
partner changes the secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
# The standard asks for 24 to 64.
KEY_BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def is_standard(secret: str) -> bool:
    """Whether a library of the standard can read `secret`: all but the secrets of earlier webhooks."""
    return _key(secret) is not None


def signed_headers(signing: Sequence[str], message_id: str, at: datetime, content: bytes) -> dict[str, str]:
    """The headers by which a receiver checks that `content` is ours, and recent.

    `signing`: the present secret, then those that it may still know instead. There is one signature for each, and one
    that fits suffices. A receiver from before the standard reads a single signature, so its secret signs alone.
    """
    seconds = str(int(at.timestamp()))
    signed = [key for secret in signing if (key := _key(secret)) is not None]
    if is_standard(signing[0]):
        text = f"{message_id}.{seconds}.".encode() + content
        signature = " ".join(f"v1,{base64.b64encode(_hmac(key, text).digest()).decode()}" for key in signed)
    else:
        text = f"{seconds}.".encode() + content
        signature = f"t={seconds},v1={_hmac(signing[0].encode(), text).hexdigest()}"
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": signature}


def _key(secret: str) -> bytes | None:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return None


def _hmac(key: bytes, text: bytes) -> hmac.HMAC:
    return hmac.new(key, text, hashlib.sha256)
