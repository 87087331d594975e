"""Text that is encrypted in the database with the keys of `settings.FIELD_KEYS`."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


def _sealer() -> MultiFernet:
    """The first key encrypts, every key decrypts: that is how keys are changed."""
    digests = (hashlib.sha256(key.encode()).digest() for key in settings.FIELD_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class SealedTextField(models.TextField):  # type: ignore[type-arg] # generic in the stubs only
    """Reads and writes as plain text; what stands in the table is of no use without the key."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value is None else _sealer().encrypt(value.encode()).decode()

    def from_db_value(self, value: str | None, expression: object, connection: BaseDatabaseWrapper) -> str | None:
        if value is None:
            return None
        try:
            return _sealer().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "A sealed value cannot be read: FIELD_KEYS (or SECRET_KEY) changed. Put the old key behind the new."
            ) from error
