"""The one clock that all workers and web processes share."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone


def now() -> datetime:
    """The database server's time, so that a wrong clock of one machine does not shift leases or retries.

    SQLite has no server: there it is the time of this machine, which is the only one.
    """
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at
