"""A notification to the other processes that something was recorded. It carries no data."""

from __future__ import annotations

from django.db import connection

RECORDED = "onestop_recorded"


def announce() -> None:
    """Notifies when the transaction is committed. Only PostgreSQL can; on SQLite the worker polls instead."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {RECORDED}")
