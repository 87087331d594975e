"""The report of a scope and a period: the content of the page of figures, of its workbook and of its CSV."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onestop.catalog.models import Agency, Field, Procedure, SubmissionChannel
from onestop.catalog.placements import units_below
from onestop.common.wording import pair
from onestop.statistics.figures.figures import Figures, GroupKey, grouped_figures, median_seconds, monthly_figures
from onestop.statistics.figures.satisfaction import ballots_in, monthly_tallies
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import Reach, last_published, unpublished_periods
from onestop.statistics.scope import FigureScope
from onestop.votes.results import VoteCount

# So many procedures, the busiest, have a row of their own.
MOST_PROCEDURES = 50
MONTHS_SHOWN = 12

K = TypeVar("K")

# In the order of the files.
LABELS = {
    "carried_over": gettext_lazy("tồn kỳ trước"),
    "new_reception": gettext_lazy("nhận trong kỳ"),
    "total": gettext_lazy("phải giải quyết"),
    "solved_in_time": gettext_lazy("giải quyết đúng hạn"),
    "solved_late": gettext_lazy("giải quyết trễ hạn"),
    "solved": gettext_lazy("đã giải quyết"),
    "pending": gettext_lazy("đang giải quyết, chưa đến hạn"),
    "pending_late": gettext_lazy("đang giải quyết, quá hạn"),
    "still_open": gettext_lazy("đang giải quyết"),
    "refused": gettext_lazy("không tiếp nhận"),
    "denied": gettext_lazy("từ chối giải quyết"),
    "withdrawn": gettext_lazy("công dân rút hồ sơ"),
    "stopped": gettext_lazy("dừng xử lý"),
}


@dataclass(frozen=True)
class ReportRow:
    """Figures counted together. `scope` has their dossiers; None for a row that no single scope describes."""

    key: str
    name: str
    figures: Figures
    period: Period
    scope: FigureScope | None = None

    @property
    def in_time(self) -> tuple[int, int]:
        """The shares of the solved ones that were in time and late, in tenths of a percent."""
        return pair(self.figures.solved_in_time, self.figures.solved)

    @property
    def open_in_time(self) -> tuple[int, int]:
        """The shares of the open ones that are not overdue and overdue, in tenths of a percent."""
        return pair(self.figures.pending, self.figures.still_open)


@dataclass(frozen=True)
class Table:
    """All figures, divided by one property; `division` names it for programs."""

    division: str
    title: str
    heading: str
    rows: list[ReportRow]


@dataclass(frozen=True)
class Report:
    """Each part is counted once, when it is first used."""

    scope: FigureScope
    period: Period
    now: datetime

    @property
    def is_provisional(self) -> bool:
        return self.now < self.period.end

    @cached_property
    def is_publishable(self) -> bool:
        """Whether figures of this scope are published: all dossiers of an agency that was level 1 in the period."""
        return self.scope.is_whole and not self.scope.alone and self._reach.was_level1(self.period)

    @cached_property
    def total(self) -> ReportRow:
        counted = sum(self._by_agency.values(), Figures())
        return ReportRow(self.scope.agency.code, self.scope.agency.name, counted, self.period, self.scope)

    @cached_property
    def median_seconds(self) -> int | None:
        return median_seconds(self.scope, self.period, self.total.figures.solved)

    @cached_property
    def tables(self) -> list[Table]:
        tables = [self.months, self.fields, self.procedures, self.channels]
        return tables if self.units is None else [self.months, self.units, *tables[1:]]

    @cached_property
    def months(self) -> Table:
        counted = monthly_figures(self.scope, self.months_shown, self.now, self._eras)
        rows = [
            ReportRow(str(month), capfirst(month.in_words), counted[month], month, self.scope)
            for month in self.months_shown
        ]
        return Table("month", _("12 tháng gần nhất"), _("Tháng"), rows)

    @cached_property
    def months_shown(self) -> list[Period]:
        """The last month of the period, or the current one, and the months before it."""
        last = min(self.period.months[-1], Period.month_of(self.now), key=lambda month: month.first_day)
        months = [last]
        while len(months) < MONTHS_SHOWN and months[0].year > 1900:
            months.insert(0, months[0].previous)
        return months

    @cached_property
    def units(self) -> Table | None:
        """The agencies directly below, each with all below it, and the agency itself; None if there is only that one.

        By the tree on the last day of the period.
        """
        agency = self.scope.agency
        unit_of = {} if self.scope.alone else units_below(agency, self.period.last_day)
        counted = defaultdict[Agency, Figures](Figures)
        for (pk,), figures in self._by_agency.items():
            counted[unit_of.get(pk, agency)] += figures
        if not counted.keys() - {agency}:
            return None
        rows = [self._unit(unit, figures) for unit, figures in counted.items()]
        return Table("unit", _("Theo đơn vị"), _("Đơn vị"), _busiest_first(rows))

    def _unit(self, agency: Agency, figures: Figures) -> ReportRow:
        if agency == self.scope.agency:
            name = _("%(agency)s (tự tiếp nhận)") % {"agency": agency.name}
            return ReportRow(agency.code, name, figures, self.period, replace(self.scope, alone=True))
        if not agency.path.startswith(self.scope.agency.path):
            # It is no longer below this agency, so its dossiers are not linked; those who oversee it now see them.
            name = _("%(agency)s (nay không còn trực thuộc)") % {"agency": agency.name}
            return ReportRow(agency.code, name, figures, self.period)
        return self._row(agency, figures, replace(self.scope, agency=agency))

    @cached_property
    def fields(self) -> Table:
        counted = _summed((key[1], figures) for key, figures in self._by_kind.items())
        fields = Field.objects.in_bulk(counted)
        rows = [self._row(fields[pk], counted[pk], replace(self.scope, field=fields[pk])) for pk in counted]
        return Table("field", _("Theo lĩnh vực"), _("Lĩnh vực"), _busiest_first(rows))

    @cached_property
    def procedures(self) -> Table:
        counted = _summed((key[0], figures) for key, figures in self._by_kind.items())
        busiest = sorted(counted, key=lambda pk: (-counted[pk].total, -counted[pk].solved, pk))
        shown, rest = busiest[:MOST_PROCEDURES], busiest[MOST_PROCEDURES:]
        known = Procedure.objects.only("code", "name").in_bulk(shown)
        rows = [self._row(known[pk], counted[pk], replace(self.scope, procedure=known[pk])) for pk in shown]
        if rest:
            name = _("%(number)s thủ tục khác") % {"number": len(rest)}
            rows.append(ReportRow("", name, sum((counted[pk] for pk in rest), Figures()), self.period))
        return Table("procedure", _("Theo thủ tục"), _("Thủ tục"), rows)

    @cached_property
    def channels(self) -> Table:
        counted = _summed((key[2], figures) for key, figures in self._by_kind.items())
        rows = [
            ReportRow(kind, str(kind.label), counted[kind], self.period, replace(self.scope, channel=kind))
            for kind in SubmissionChannel
            if kind in counted
        ]
        return Table("channel", _("Theo hình thức nộp"), _("Hình thức nộp"), rows)

    @cached_property
    def tallies(self) -> dict[Period, VoteCount]:
        return monthly_tallies(self.scope, self._eras)

    @cached_property
    def tally(self) -> VoteCount:
        """The ratings of the whole period."""
        in_period = [tally for month, tally in self.tallies.items() if month in self.period.months]
        return VoteCount("", *(sum(column) for column in zip((0, 0, 0), *map(_ratings, in_period), strict=True)))

    @cached_property
    def ballots(self) -> int:
        return ballots_in(self.scope, self.period)

    @cached_property
    def last_publication(self) -> Publication | None:
        """The publication of these figures that is in force; None if there is none."""
        if not self.is_publishable or self.period.is_quarter:
            return None
        return last_published(self.scope.agency, self.period)

    @cached_property
    def differences(self) -> list[tuple[str, object, object]]:
        """The figures that differ today from the publication: name, published value, value of today."""
        if self.last_publication is None:
            return []
        counts = {name: getattr(self.total.figures, name) for name in Publication.FIGURES}
        today = Publication(**counts, ballots=self.ballots, tallies=self.last_publication.tallies)
        return today.differences(self.last_publication)

    @cached_property
    def unpublished(self) -> list[Period]:
        return unpublished_periods(self.scope.agency, self.now, self._reach) if self.is_publishable else []

    @cached_property
    def _reach(self) -> Reach:
        return Reach(self.scope.agency)

    @cached_property
    def _eras(self) -> list[list[Period]]:
        return self.scope.eras(self.months_shown)

    @cached_property
    def _by_agency(self) -> dict[GroupKey, Figures]:
        return grouped_figures(self.scope, self.period, ["agency"], self.now)

    @cached_property
    def _by_kind(self) -> dict[GroupKey, Figures]:
        return grouped_figures(self.scope, self.period, ["procedure", "procedure__field", "channel"], self.now)

    def _row(self, item: Agency | Field | Procedure, figures: Figures, scope: FigureScope) -> ReportRow:
        return ReportRow(item.code, item.name, figures, self.period, scope)


def _summed(parts: Iterable[tuple[K, Figures]]) -> dict[K, Figures]:
    counted: dict[K, Figures] = {}
    for key, figures in parts:
        counted[key] = counted.get(key, Figures()) + figures
    return counted


def _busiest_first(rows: list[ReportRow]) -> list[ReportRow]:
    return sorted(rows, key=lambda row: (-row.figures.total, -row.figures.solved, row.key))


def _ratings(tally: VoteCount) -> tuple[int, int, int]:
    return tally.very_good, tally.good, tally.bad
