"""A call to whoever may be interested that something was recorded. It carries nothing and names nobody."""

from __future__ import annotations

from django.db import connection

RECORDED = "onestop_recorded"


def announce() -> None:
    """Calls when the transaction is committed. Only PostgreSQL can; elsewhere the interested look for themselves."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {RECORDED}")
