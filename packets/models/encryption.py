"""Text that is encrypted in the database with the keys of `settings.FIELD_KEYS`."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


def _sealer() -> MultiFernet:
    """The first key encrypts, every key decrypts, so that keys can be changed one after the other."""
    digests = (hashlib.sha256(key.encode()).digest() for key in settings.FIELD_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class SealedTextField(models.TextField):  # type: ignore[type-arg] # generic in the stubs only
    """Reads and writes plain text; the table holds it encrypted."""

    def get_prep_value(self, value: object) -> str | None:
        text: str | None = super().get_prep_value(value)
        return text if text is None else _sealer().encrypt(text.encode()).decode()

    def from_db_value(self, value: str | None, expression: object, connection: BaseDatabaseWrapper) -> str | None:
        if value is None:
            return None
        try:
            return _sealer().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "A sealed value cannot be read: FIELD_KEYS (or SECRET_KEY) changed. Put the old key behind the new."
            ) from error
