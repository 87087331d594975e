"""When an office works: its weekly hours, less the days off, plus the days worked to make up for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from importlib.metadata import version
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q
from holidays import country_holidays

from .models import Agency, CalendarDay, WorkingHours

# The law's clock, whatever the server's.
OFFICE_TIME: Final = ZoneInfo("Asia/Ho_Chi_Minh")

Session = tuple[time, time]

_EIGHT_HOURS: Final[tuple[Session, ...]] = ((time(7, 30), time(11, 30)), (time(13), time(17)))
DEFAULT_HOURS: Final[Mapping[int, tuple[Session, ...]]] = {
    weekday.value: _EIGHT_HOURS
    for weekday in WorkingHours.Weekday
    if weekday not in (WorkingHours.Weekday.SATURDAY, WorkingHours.Weekday.SUNDAY)
}


@dataclass(frozen=True)
class Calendar:
    """The working time of one agency. `years` are those whose public holidays are known.

    `hours` gives each weekday (Monday is 0) its sessions, in order and apart from each other.
    """

    hours: Mapping[int, tuple[Session, ...]]
    off: frozenset[date] = frozenset()
    makeup: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    _sessions: dict[date, list[tuple[datetime, datetime]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def sessions(self, day: date) -> list[tuple[datetime, datetime]]:
        """The working sessions of `day`, in order; a make-up day works Monday's hours. Not to be changed."""
        # Asked for thousands of times for the same few days when many dossiers are counted.
        if day not in self._sessions:
            self._sessions[day] = [
                (datetime.combine(day, opens, OFFICE_TIME), datetime.combine(day, closes, OFFICE_TIME))
                for opens, closes in self._hours_of(day)
            ]
        return self._sessions[day]

    def _hours_of(self, day: date) -> tuple[Session, ...]:
        if day in self.off:
            return ()
        return self.hours.get(0 if day in self.makeup else day.weekday(), ())

    def is_working(self, day: date) -> bool:
        return bool(self._hours_of(day))

    def knows(self, year: int) -> bool:
        return year in self.years


def calendar_of(agency: Agency) -> Calendar:
    """The calendar that `agency` works by, in two queries.

    Its hours are its own, else its nearest superior's, else those on record for all, else `DEFAULT_HOURS`.
    """
    days = list(CalendarDay.objects.values_list("date", "kind"))
    off = frozenset(day for day, kind in days if kind == CalendarDay.Kind.OFF)
    return Calendar(
        hours=_hours_of(agency),
        off=off,
        makeup=frozenset(day for day, kind in days if kind == CalendarDay.Kind.WORKING),
        years=frozenset(day.year for day in off),
    )


def _hours_of(agency: Agency) -> Mapping[int, tuple[Session, ...]]:
    line = [int(pk) for pk in agency.path.split("/") if pk]
    rows = WorkingHours.objects.filter(Q(agency=None) | Q(agency__in=line)).order_by("weekday", "opens")
    by_agency: dict[int | None, list[WorkingHours]] = {}
    for row in rows:
        by_agency.setdefault(row.agency_id, []).append(row)
    for owner in [*reversed(line), None]:
        if owner in by_agency:
            return {
                weekday: _apart((row.opens, row.closes) for row in of_day)
                for weekday, of_day in groupby(by_agency[owner], key=lambda row: row.weekday)
            }
    return DEFAULT_HOURS


def _apart(sessions: Iterable[Session]) -> tuple[Session, ...]:
    """`sessions`, in order of opening, with those that touch or overlap made one: no minute counts twice."""
    apart: list[Session] = []
    for opens, closes in sessions:
        if apart and opens <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], closes))
        else:
            apart.append((opens, closes))
    return tuple(apart)


# What the library does not have: (date, kind, name, source).
_CORRECTIONS: Final = (
    (
        date(2026, 1, 2),
        CalendarDay.Kind.OFF,
        "Ngày nghỉ (thay cho ngày 10/01/2026)",
        "Công văn 12729/VPCP-KGVX",
    ),
    (
        date(2026, 1, 10),
        CalendarDay.Kind.WORKING,
        "Làm bù cho ngày 02/01/2026",
        "Công văn 12729/VPCP-KGVX",
    ),
)


def public_holidays(year: int) -> list[CalendarDay]:
    """The public holidays and make-up days of `year` as far as known, by date, not saved.

    Swapped days are decided year by year: what comes for a year not yet announced is only what the law fixes.
    """
    known = country_holidays("VN", years=year, language="vi")
    source = f"Thư viện holidays {version('holidays')}"
    days = {
        day: CalendarDay(date=day, kind=CalendarDay.Kind.OFF, name=name, source=source) for day, name in known.items()
    }
    # The library lists make-up days of neighbouring years too.
    for day in known.weekend_workdays:
        days[day] = CalendarDay(date=day, kind=CalendarDay.Kind.WORKING, name="Làm bù", source=source)
    for day, kind, name, document in _CORRECTIONS:
        days[day] = CalendarDay(date=day, kind=kind, name=name, source=document)
    return [days[day] for day in sorted(days) if day.year == year]
