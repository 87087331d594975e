"""The time zone of the law: the days and hours of the office are those of Vietnam, wherever a server stands."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")
