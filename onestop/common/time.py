"""The time zone of the law, and the bounds of days.

The days and hours of the office are those of Vietnam, wherever a server stands.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")

# The range of dates that users and partners may enter: wide enough for any dossier, and away from the ends of Python's
# calendar, where a time zone cannot be applied.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


def start_of(day: date) -> datetime:
    """The first instant of `day` in Vietnam."""
    return timezone.make_aware(datetime.combine(day, time()))
