"""The working calendar of an agency: weekly hours, without the days off, with the days worked to make up for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from itertools import groupby
from typing import Final

from django.db.models import BigIntegerField, DateField, Field, IntegerField, Q, TimeField, Value

from onestop.common.time import VIETNAM

from .holidays import LAST_ANNOUNCED_YEAR, public_holidays
from .models import Agency, CalendarDay, WorkingHours

Session = tuple[time, time]
# The days off, and the days worked to make up for them.
Days = tuple[frozenset[date], frozenset[date]]

_EIGHT_HOURS: Final[tuple[Session, ...]] = ((time(7, 30), time(11, 30)), (time(13), time(17)))
DEFAULT_HOURS: Final[Mapping[int, tuple[Session, ...]]] = {
    weekday.value: _EIGHT_HOURS
    for weekday in WorkingHours.Weekday
    if weekday not in (WorkingHours.Weekday.SATURDAY, WorkingHours.Weekday.SUNDAY)
}


@dataclass(frozen=True)
class Calendar:
    """The working time of one agency.

    `hours` has the sessions of each weekday (Monday is 0), in order and without overlaps. `off` and `makeup` are the
    recorded days, for the `years` that have any. For another year the days of `otherwise` count, if it is set.
    """

    hours: Mapping[int, tuple[Session, ...]]
    off: frozenset[date] = frozenset()
    makeup: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    otherwise: Callable[[int], Days] | None = None
    _sessions: dict[date, list[tuple[datetime, datetime]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def sessions(self, day: date) -> list[tuple[datetime, datetime]]:
        """The working sessions of `day`, in order; a make-up day has Monday's hours. Callers must not change them."""
        # Cached: when many dossiers are counted, the same few days are requested thousands of times.
        if day not in self._sessions:
            self._sessions[day] = [
                (datetime.combine(day, opens, VIETNAM), datetime.combine(day, closes, VIETNAM))
                for opens, closes in self._hours_of(day)
            ]
        return self._sessions[day]

    def _hours_of(self, day: date) -> tuple[Session, ...]:
        if self.is_off(day):
            return ()
        return self.hours.get(0 if self.is_makeup(day) else day.weekday(), ())

    def is_off(self, day: date) -> bool:
        """Whether `day` is a holiday, on whichever weekday."""
        return day in self.off or (day not in self.makeup and self._is_otherwise(day, 0))

    def is_makeup(self, day: date) -> bool:
        return day in self.makeup or self._is_otherwise(day, 1)

    def _is_otherwise(self, day: date, place: int) -> bool:
        return self.otherwise is not None and day.year not in self.years and day in self.otherwise(day.year)[place]

    def is_working(self, day: date) -> bool:
        return bool(self._hours_of(day))

    def knows(self, year: int) -> bool:
        """Whether the public holidays of `year` are known, either from the records or from the program."""
        return year in self.years or (self.otherwise is not None and any(self.otherwise(year)))


@cache
def shipped_days(year: int) -> Days:
    """The days off and make-up days of `year` that come with the program. They count while none is recorded."""
    days = public_holidays(year)
    return (
        frozenset(day.date for day in days if day.kind == CalendarDay.Kind.OFF),
        frozenset(day.date for day in days if day.kind == CalendarDay.Kind.WORKING),
    )


def calendar_of(agency: Agency | None) -> Calendar:
    """The calendar of `agency`, in one query; without an agency, the common calendar.

    The hours are the agency's own, otherwise its nearest superior's, otherwise those recorded for all, otherwise
    `DEFAULT_HOURS`.
    """
    return _calendars([_line(agency)])[0]


def calendars_of(agencies: Iterable[Agency]) -> dict[int, Calendar]:
    """The calendars of many agencies by key, in one query. Agencies with the same hours share one object."""
    lines = {agency.pk: _line(agency) for agency in agencies}
    return dict(zip(lines, _calendars(list(lines.values())), strict=True)) if lines else {}


def years_only_expected(now: datetime) -> list[int]:
    """This year and the next, where their holidays are only expected: neither announced nor recorded. In one query."""
    year = now.astimezone(VIETNAM).year
    known = CalendarDay.objects.filter(
        kind=CalendarDay.Kind.OFF, date__range=(date(year, 1, 1), date(year + 1, 12, 31))
    )
    recorded = {first.year for first in known.dates("date", "year")}
    return [one for one in (year, year + 1) if one > LAST_ANNOUNCED_YEAR and one not in recorded]


def years_with_gaps(now: datetime) -> list[int]:
    """This year and the next, where days are recorded, but not all four holidays with a fixed date.

    These are the holidays by the solar calendar (Bộ luật Lao động 2019 điều 112).
    """
    year = now.astimezone(VIETNAM).year
    recorded: dict[int, set[tuple[int, int]]] = defaultdict(set)
    days = CalendarDay.objects.filter(date__range=(date(year, 1, 1), date(year + 1, 12, 31)))
    for day in days.values_list("date", flat=True):
        recorded[day.year].add((day.month, day.day))
    return sorted(year for year, on_record in recorded.items() if not on_record >= _FIXED_BY_LAW)


_FIXED_BY_LAW: Final = {(1, 1), (4, 30), (5, 1), (9, 2)}
Line = list[int | None]
# The weekday, the opening and the closing time.
Hours = tuple[int, time, time]


def _line(agency: Agency | None) -> Line:
    """The keys of `agency` and its superiors, nearest first, and None for all: their hours count in this order."""
    return [*(int(pk) for pk in reversed(agency.path.split("/")) if pk), None] if agency else [None]


def _calendars(lines: list[Line]) -> list[Calendar]:
    days, hours = _on_record({pk for line in lines for pk in line if pk})
    off = frozenset(day for day, kind in days if kind == CalendarDay.Kind.OFF)
    makeup = frozenset(day for day, kind in days if kind == CalendarDay.Kind.WORKING)
    years = frozenset(day.year for day in off)

    @cache
    def worked_by(owner: int | None) -> Calendar:
        by_weekday = DEFAULT_HOURS
        if owner in hours:
            by_weekday = {
                weekday: _without_overlaps((opens, closes) for _weekday, opens, closes in of_day)
                for weekday, of_day in groupby(sorted(hours[owner]), key=lambda row: row[0])
            }
        return Calendar(by_weekday, off, makeup, years, shipped_days)

    return [worked_by(next((owner for owner in line if owner in hours), None)) for line in lines]


def _on_record(agencies: set[int]) -> tuple[list[tuple[date, str]], dict[int | None, list[Hours]]]:
    """The recorded days, and the working hours of `agencies` and for all by their owner; in one query."""
    days = CalendarDay.objects.order_by().values_list(
        "date", "kind", _none(BigIntegerField()), _none(IntegerField()), _none(TimeField()), _none(TimeField())
    )
    rows = WorkingHours.objects.filter(Q(agency=None) | Q(agency__in=agencies)).order_by()
    columns = (_none(DateField()), Value(""), "agency", "weekday", "opens", "closes")
    kinds: list[tuple[date, str]] = []
    hours: dict[int | None, list[Hours]] = defaultdict(list)
    for day, kind, agency, weekday, opens, closes in days.union(rows.values_list(*columns), all=True):
        if day is not None:
            kinds.append((day, kind))
        else:
            hours[agency].append((weekday, opens, closes))
    return kinds, hours


def _none(of_kind: Field[object, object]) -> Value:
    return Value(None, output_field=of_kind)


def _without_overlaps(sessions: Iterable[Session]) -> tuple[Session, ...]:
    """Merges `sessions`, in order of opening, where they touch or overlap, so that no minute counts twice."""
    apart: list[Session] = []
    for opens, closes in sessions:
        if apart and opens <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], closes))
        else:
            apart.append((opens, closes))
    return tuple(apart)
