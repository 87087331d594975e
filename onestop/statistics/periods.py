"""Months, quarters and years, by Vietnam's clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from django.utils.translation import gettext as _

from onestop.common.time import VIETNAM


@dataclass(frozen=True)
class Period:
    """A month, a quarter (quý), or with neither a whole year: days [first_day, day_after), instants [start, end)."""

    year: int
    month: int = 0
    quarter: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `2026-10`, `2026-Q4` or `2026`. Raises ValueError with a message for people."""
        match = re.fullmatch(r"(\d{4})(?:-(\d{2})|-Q([1-4]))?", text, re.ASCII)
        if match and 1900 < int(match[1]) < 9999 and (match[2] is None or 1 <= int(match[2]) <= 12):
            return cls(int(match[1]), int(match[2] or 0), int(match[3] or 0))
        message = _("“%(text)s” không phải là kỳ: viết như 2026-10 (tháng), 2026-Q4 (quý) hoặc 2026 (năm).")
        raise ValueError(message % {"text": text})

    @classmethod
    def month_of(cls, at: datetime) -> Self:
        local = at.astimezone(VIETNAM)
        return cls(local.year, local.month)

    @property
    def is_month(self) -> bool:
        return self.month != 0

    @property
    def is_quarter(self) -> bool:
        return self.quarter != 0

    @property
    def months(self) -> list[Period]:
        """The months of this period."""
        if self.is_month:
            return [self]
        first, length = (3 * self.quarter - 2, 3) if self.is_quarter else (1, 12)
        return [Period(self.year, month) for month in range(first, first + length)]

    @property
    def own_quarter(self) -> Period:
        """The quarter in which this month lies."""
        return Period(self.year, quarter=(self.month + 2) // 3)

    @property
    def first_day(self) -> date:
        return date(self.year, self.months[0].month, 1)

    @property
    def day_after(self) -> date:
        """The first day after it."""
        last = self.months[-1].month
        return date(self.year + 1, 1, 1) if last == 12 else date(self.year, last + 1, 1)

    @property
    def last_day(self) -> date:
        return self.day_after - timedelta(days=1)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first_day, time(), VIETNAM)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.day_after, time(), VIETNAM)

    @property
    def next(self) -> Period:
        """The month after this month, the quarter after this quarter, the year after this year."""
        return self._like(self.day_after)

    @property
    def previous(self) -> Period:
        return self._like(self.first_day - timedelta(days=1))

    def _like(self, day: date) -> Period:
        """The period of the same length that contains `day`."""
        return Period(day.year, day.month if self.is_month else 0, (day.month + 2) // 3 if self.is_quarter else 0)

    @property
    def in_words(self) -> str:
        if self.is_quarter:
            return _("quý %(quarter)s/%(year)s") % {"quarter": self.quarter, "year": self.year}
        if self.is_month:
            return _("tháng %(month)s/%(year)s") % {"month": self.month, "year": self.year}
        return _("năm %(year)s") % {"year": self.year}

    def __str__(self) -> str:
        if self.is_quarter:
            return f"{self.year}-Q{self.quarter}"
        return f"{self.year}-{self.month:02}" if self.is_month else str(self.year)
