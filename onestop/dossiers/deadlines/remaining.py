"""How much time a running dossier has left, or by how much it is late, in the unit of its procedure's limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import ngettext

from onestop.catalog.calendar import calendars_of
from onestop.catalog.models import Procedure
from onestop.common.wording import DAY, WORKING_DAY, minutes_in_words, span_in_words
from onestop.dossiers.models import Dossier

from .rules import working_time_between


@dataclass(frozen=True)
class Remaining:
    """The `span` between the clock of a dossier and its due instant, after which it `is_late`.

    `unit`: that of the procedure's limit where `span` is working time; empty where it is time of the clock on the
    wall, for limits in calendar days and for spans without a minute of working time.
    """

    span: timedelta
    is_late: bool
    unit: str = ""

    @property
    def days(self) -> float:
        return self.span / (WORKING_DAY if self.unit else DAY)

    @property
    def in_words(self) -> str:
        """The greatest unit only: 3 ngày làm việc. A limit in hours has its time in hours, however many they are."""
        if not self.unit:
            return span_in_words(self.span)
        if self.unit == Procedure.Unit.WORKING_DAYS and self.span >= WORKING_DAY:
            days = self.span // WORKING_DAY
            return ngettext("%(count)d ngày làm việc", "%(count)d ngày làm việc", days) % {"count": days}
        minutes = self.span // timedelta(minutes=1)
        if minutes < 60:
            return minutes_in_words(minutes)
        return ngettext("%(count)d giờ làm việc", "%(count)d giờ làm việc", minutes // 60) % {"count": minutes // 60}


def remaining(dossier: Dossier, due_at: datetime, now: datetime) -> Remaining:
    """What is left until `due_at`, or was left when the pause began in which the dossier is."""
    clock = dossier.clock_at(now)
    start, end = sorted((clock, due_at))
    unit = dossier.procedure.limit_unit
    if unit in (Procedure.Unit.WORKING_DAYS, Procedure.Unit.HOURS):
        working = working_time_between(start, end, dossier.calendar)
        if working >= timedelta(minutes=1):
            return Remaining(working, due_at < clock, unit)
    return Remaining(end - start, due_at < clock)


def share_calendars(dossiers: Iterable[Dossier]) -> None:
    """Reads the calendars of all running `dossiers` with a due date in one query."""
    running = [dossier for dossier in dossiers if dossier.due_at is not None and dossier.finished_at is None]
    calendars = calendars_of({dossier.agency_id: dossier.agency for dossier in running}.values())
    for dossier in running:
        dossier.calendar = calendars[dossier.agency_id]
