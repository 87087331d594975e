"""The figures, and the dossiers that a figure counts, as workbooks and as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from onestop.common.downloads import MOST_ROWS, READ_AT_ONCE, SheetColumn, WorkbookSheet, csv_file, workbook_file
from onestop.common.spreadsheets import INSTANT, TEXT, Value
from onestop.common.wording import grouped, on_one_line
from onestop.dossiers.access import sees
from onestop.dossiers.models import Dossier, State
from onestop.staff.models import AccessLog, User
from onestop.staff.requests import StaffRequest
from onestop.statistics.figures.figures import Figures
from onestop.votes.models import Rating

from .forms import FiguresForm
from .report import LABELS, Report, ReportRow, Table
from .views import FigureDossiers, as_of_one_moment, figure_dossiers, in_order, show_overview
from .wording import provisional_mark, scope_in_words

# In the order of both files.
COLUMNS = (*LABELS, "in_time_percent", "average_seconds")
HOUR = 3600


# ---- the page of figures


@as_of_one_moment
def overview_xlsx(request: StaffRequest, uncounted: int) -> HttpResponseBase:
    form = FiguresForm(request.user, request.GET)
    if not _may_be_made(form):
        return show_overview(request, form, uncounted, status=400)
    report = _report(form)
    sheets = [
        WorkbookSheet(table.title, _lines(report), _columns(table.heading), map(_workbook_row, table.rows))
        for table in _tables(report)
    ]
    return workbook_file([*sheets, _satisfaction(report)], f"thong-ke-{report.period}")


@as_of_one_moment
def overview_csv(request: StaffRequest, uncounted: int) -> HttpResponseBase:
    form = FiguresForm(request.user, request.GET)
    if not _may_be_made(form):
        return show_overview(request, form, uncounted, status=400)
    report = _report(form)
    return csv_file(_flat_rows(report), f"thong-ke-{report.period}")


def _may_be_made(form: FiguresForm) -> bool:
    return form.is_valid_or_404() and form.cleaned_data["agency"] is not None


def _report(form: FiguresForm) -> Report:
    return Report(form.scope, form.requested_period, form.now)


def _tables(report: Report) -> list[Table]:
    """The table of the total first, then the others."""
    return [Table("total", _("Toàn bộ"), _("Cơ quan"), [report.total]), *report.tables]


def _lines(report: Report) -> list[str]:
    made = date_format(localtime(report.now), "H:i d/m/Y")
    lines = [
        scope_in_words(report.scope),
        capfirst(report.period.in_words),
        _("Lập lúc %(time)s") % {"time": made},
    ]
    return [*lines, provisional_mark(report.now)] if report.is_provisional else lines


def _columns(heading: str) -> list[SheetColumn]:
    figures = [SheetColumn(capfirst(str(label)), 14) for label in LABELS.values()]
    more = [
        SheetColumn(_("Tỷ lệ đúng hạn (%)"), 14, "0.0"),
        SheetColumn(_("Thời gian xử lý trung bình (giờ)"), 16, "0.0"),
    ]
    return [SheetColumn(_("Mã"), 18, TEXT), SheetColumn(heading, 60, TEXT), *figures, *more]


def _satisfaction(report: Report) -> WorkbookSheet:
    columns = [SheetColumn(_("Mã"), 18, TEXT), SheetColumn(_("Tháng"), 60, TEXT)]
    columns += [SheetColumn(capfirst(str(rating.label)), 14) for rating in Rating]
    rows = [
        (str(month), capfirst(month.in_words), tally.very_good, tally.good, tally.bad)
        for month, tally in report.tallies.items()
    ]
    return WorkbookSheet(_("Mức độ hài lòng"), _lines(report), columns, rows)


def _workbook_row(row: ReportRow) -> list[Value]:
    average = row.figures.average_seconds
    hours = None if average is None else round(average / HOUR, 1)
    return [row.key, on_one_line(row.name), *_counts(row.figures), row.in_time[0] / 10, hours]


def _counts(figures: Figures) -> list[Value]:
    return [getattr(figures, name) for name in LABELS]


def _flat_rows(report: Report) -> Iterator[Sequence[Value]]:
    """For programs: the same columns for every division, named in English."""
    yield ("division", "key", "name", *COLUMNS)
    for table in _tables(report):
        for row in table.rows:
            shares = (row.in_time[0] / 10, row.figures.average_seconds)
            yield (table.division, row.key, on_one_line(row.name), *_counts(row.figures), *shares)


# ---- the dossiers that a figure counts


@as_of_one_moment
def dossiers_xlsx(request: StaffRequest, uncounted: int) -> HttpResponseBase:
    form = FiguresForm(request.user, request.GET)
    drill_down = _not_too_many(form, request.GET.get("figure", ""))
    if drill_down is None:
        return show_overview(request, form, uncounted, status=400)
    AccessLog.note(request.user, AccessLog.Act.EXPORT, number=drill_down.number)
    headline = _("%(figure)s: %(number)s hồ sơ") % {"figure": capfirst(drill_down.label), "number": drill_down.number}
    lines = [headline, scope_in_words(drill_down.scope), capfirst(drill_down.period.in_words)]
    columns = [SheetColumn(heading, width, number_format) for heading, width, number_format in _dossier_columns()]
    return workbook_file(
        [WorkbookSheet(_("Hồ sơ"), lines, columns, _dossier_rows(drill_down, request.user))], _name(drill_down)
    )


@as_of_one_moment
def dossiers_csv(request: StaffRequest, uncounted: int) -> HttpResponseBase:
    form = FiguresForm(request.user, request.GET)
    drill_down = _not_too_many(form, request.GET.get("figure", ""))
    if drill_down is None:
        return show_overview(request, form, uncounted, status=400)
    AccessLog.note(request.user, AccessLog.Act.EXPORT, number=drill_down.number)
    headings = [heading for heading, _width, _number_format in _dossier_columns()]
    return csv_file(chain([headings], _dossier_rows(drill_down, request.user)), _name(drill_down))


def _not_too_many(form: FiguresForm, figure: str) -> FigureDossiers | None:
    """The figure's dossiers; None, with an error on the form, if there are more than a file may contain."""
    if not form.is_valid_or_404():
        return None
    drill_down = figure_dossiers(form, figure)
    if drill_down.number > MOST_ROWS:
        message = _(
            "Có hơn %(most)s hồ sơ, nhiều hơn một tệp có thể chứa. Vui lòng chọn kỳ ngắn hơn hoặc lọc hẹp hơn."
        )
        form.add_error("period", ValidationError(message, params={"most": grouped(MOST_ROWS)}))
        return None
    return drill_down


def _dossier_columns() -> list[tuple[str, int, str]]:
    return [
        (_("Mã hồ sơ"), 28, TEXT),
        (_("Chủ hồ sơ"), 30, TEXT),
        (_("Mã thủ tục"), 14, TEXT),
        (_("Thủ tục"), 60, TEXT),
        (_("Tiếp nhận"), 17, INSTANT),
        (_("Hẹn trả"), 17, INSTANT),
        (_("Kết thúc"), 17, INSTANT),
        (_("Trạng thái"), 24, TEXT),
    ]


def _dossier_rows(drill_down: FigureDossiers, reader: User) -> Iterator[Sequence[Value]]:
    keys = list(drill_down.keys())
    for first in range(0, len(keys), READ_AT_ONCE):
        for dossier in in_order(keys[first : first + READ_AT_ONCE]):
            yield _dossier_row(dossier, in_sight=sees(reader, dossier))


def _dossier_row(dossier: Dossier, *, in_sight: bool) -> Sequence[Value]:
    """The applicant's name only if the user may see the dossier: its agency may now belong to another province."""
    return (
        dossier.code or "",
        on_one_line(dossier.applicant_name) if in_sight else "",
        dossier.procedure.code,
        on_one_line(dossier.procedure.name),
        dossier.accepted_at,
        dossier.due_at,
        dossier.finished_at,
        str(State(dossier.state).label),
    )


def _name(drill_down: FigureDossiers) -> str:
    return f"ho-so-{drill_down.figure.replace('_', '-')}-{drill_down.period}"
