"""The public holidays and make-up days of a year: those of the `holidays` library, and further announced ones.

They count for every year without a recorded day (see `calendar`). `load_calendar` records them, so that the office can
see and edit them.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Final, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from holidays import country_holidays

# Before 2000, other laws set the holidays. After 2100, the lunar calendar for Tết is not computed.
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
# The Government announces Tết and swapped days year by year. For later years only the days fixed by law are known.
LAST_ANNOUNCED_YEAR: Final = 2026


class DayKind(TextChoices):
    """How a day differs from its weekday."""

    OFF = "off", _("nghỉ")
    WORKING = "working", _("làm bù")


class Holiday(NamedTuple):
    """A day off, or a weekend day worked to make up for one. `source` is the document that announced it."""

    date: date
    kind: DayKind
    name: str
    source: str


# The documents that announced days of the library: (first day, last day, document).
_DOCUMENTS: Final = (
    (date(2018, 12, 31), date(2019, 2, 8), "Công văn 6519/VPCP-KGVX ngày 11/7/2018"),
    (date(2019, 4, 29), date(2019, 5, 4), "Công văn 6519/VPCP-KGVX ngày 11/7/2018"),
    (date(2022, 1, 31), date(2022, 2, 4), "Công văn số 245 ngày 11/01/2022 của Văn phòng Chính phủ"),
    (date(2023, 1, 20), date(2023, 1, 26), "Công văn 8056/VPCP-KGVX ngày 01/12/2022"),
    (date(2023, 9, 1), date(2023, 9, 4), "Công văn 8056/VPCP-KGVX ngày 01/12/2022"),
    (date(2024, 2, 8), date(2024, 2, 14), "Công văn 8662/VPCP-KGVX ngày 03/11/2023"),
    (date(2024, 4, 29), date(2024, 5, 4), "Công văn 2450/VPCP-KGVX ngày 12/4/2024"),
    (date(2024, 9, 2), date(2024, 9, 3), "Công văn 8662/VPCP-KGVX ngày 03/11/2023"),
    (date(2025, 1, 27), date(2025, 2, 1), "Công văn 8726/VPCP-KGVX ngày 26/11/2024"),
    (date(2025, 4, 26), date(2025, 5, 2), "Công văn 8726/VPCP-KGVX ngày 26/11/2024"),
    (date(2026, 2, 16), date(2026, 2, 20), "Công văn 9859/VPCP-KGVX ngày 13/10/2025"),
    (date(2026, 8, 22), date(2026, 9, 2), "Công văn 9859/VPCP-KGVX ngày 13/10/2025"),
    (date(2026, 11, 24), date(2026, 11, 24), "Nghị quyết 80-NQ/TW"),
)

# The library calls the second day before Tết the 29th of the lunar month even when that month has no 30th.
_NAMES: Final = {date(2025, 1, 27): "28 Tết", date(2027, 2, 4): "28 Tết"}

# Days that the library does not have: (date, kind, name, source).
_VIETNAMESE: Final = (
    (date(2026, 1, 2), DayKind.OFF, "Ngày nghỉ (thay cho ngày 10/01/2026)", "Công văn 12729/VPCP-KGVX"),
    (date(2026, 1, 10), DayKind.WORKING, "Làm bù cho ngày 02/01/2026", "Công văn 12729/VPCP-KGVX"),
)


@cache
def public_holidays(year: int) -> tuple[Holiday, ...]:
    """The known public holidays and make-up days of `year`, in order; none outside the known years.

    For a year that is not announced yet, the source of a day says that it is only expected.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return ()
    known = country_holidays("VN", years=year, language="vi")
    days = {day: _holiday(day, DayKind.OFF, name) for day, name in known.items()}
    for day in known.weekend_workdays:
        days[day] = _holiday(day, DayKind.WORKING, "Làm bù")
    for day, kind, name, document in _VIETNAMESE:
        days[day] = Holiday(day, kind, name, document)
    # The library also lists make-up days of neighbouring years.
    return tuple(days[day] for day in sorted(days) if day.year == year)


def _holiday(day: date, kind: DayKind, name: str) -> Holiday:
    source = next((document for first, last, document in _DOCUMENTS if first <= day <= last), None)
    if source is None:
        source = f"Lịch có sẵn của phần mềm, phiên bản {version('holidays')}"
        if day.year > LAST_ANNOUNCED_YEAR:
            source += ", dự kiến"
    return Holiday(day, kind, _NAMES.get(day, name), source)
