"""Months and years as the law's clock cuts them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Self
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, order=True)
class Period:
    """A month, or with `month` 0 a whole year: the days [first_day, day_after), the instants [start, end)."""

    year: int
    month: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `2026-10` or `2026`. Raises ValueError, in words for people."""
        match = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", text)
        if match and 1900 < int(match[1]) < 9999 and (match[2] is None or 1 <= int(match[2]) <= 12):
            return cls(int(match[1]), int(match[2] or 0))
        raise ValueError(_("“%(text)s” không phải là kỳ: viết như 2026-10 (tháng) hoặc 2026 (năm).") % {"text": text})

    @classmethod
    def month_of(cls, at: datetime) -> Self:
        local = at.astimezone(VIETNAM)
        return cls(local.year, local.month)

    @property
    def is_month(self) -> bool:
        return self.month != 0

    @property
    def first_day(self) -> date:
        return date(self.year, self.month or 1, 1)

    @property
    def day_after(self) -> date:
        """The first day after it."""
        return date(self.year + 1, 1, 1) if self.month in (0, 12) else date(self.year, self.month + 1, 1)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first_day, time(), VIETNAM)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.day_after, time(), VIETNAM)

    @property
    def next(self) -> Period:
        """The month after this month; the year after this year."""
        return Period(self.day_after.year, self.day_after.month if self.is_month else 0)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}" if self.is_month else str(self.year)
