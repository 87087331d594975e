"""The list of dossiers, filtered by its address, with the columns that the user has chosen: a page, or a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from onestop.common.downloads import MOST_ROWS, READ_AT_ONCE, WorkbookSheet, csv_file, workbook_file
from onestop.common.pagination import PAGE_SIZE, NumberedPage, requested_page
from onestop.common.spreadsheets import Value
from onestop.common.wording import grouped
from onestop.dossiers.deadlines.remaining import share_calendars
from onestop.dossiers.lifecycle import moves_together
from onestop.dossiers.models import Dossier, DossierQuerySet
from onestop.staff.models import AccessLog
from onestop.staff.requests import StaffRequest

from .columns import ListColumn, chosen, without_own_unit
from .filters import DossierFilter
from .saved import ColumnsForm, SavedListForm, narrowing, saved_lists
from .urgency import by_urgency


@require_GET
@never_cache
def dossier_list(request: StaffRequest) -> HttpResponse:
    return _page(request, DossierFilter(request.GET, _seen(request), request=request))


@require_GET
@never_cache
def dossiers_xlsx(request: StaffRequest) -> HttpResponseBase:
    def workbook(columns: Sequence[ListColumn], rows: Iterable[Sequence[Value]], name: str) -> HttpResponseBase:
        message = _("Tải lúc %(now)s") % {"now": f"{timezone.localtime():%H:%M %d/%m/%Y}"}
        parts = [part.in_a_sheet for column in columns for part in column.parts]
        return workbook_file([WorkbookSheet(_("Hồ sơ"), [_("Danh sách hồ sơ"), message], parts, rows)], name)

    return _file(request, workbook)


@require_GET
@never_cache
def dossiers_csv(request: StaffRequest) -> HttpResponseBase:
    def text(columns: Sequence[ListColumn], rows: Iterable[Sequence[Value]], name: str) -> HttpResponseBase:
        def lines() -> Iterator[Sequence[Value]]:
            yield [str(part.heading) for column in columns for part in column.parts]
            yield from rows

        return csv_file(lines(), name)

    return _file(request, text)


def _seen(request: StaffRequest) -> DossierQuerySet:
    return Dossier.objects.visible_to(request.user).select_related(
        "procedure", "agency", "unit", "officer", "commune__province"
    )


def _page(request: StaffRequest, filters: DossierFilter, status: int = 200) -> HttpResponse:
    size = next((size for size in PAGE_SIZES if str(size) == request.GET.get("rows")), PAGE_SIZES[0])
    matches = filters.qs if filters.is_valid() else filters.queryset.none()
    page: NumberedPage[Dossier] = requested_page(request, matches, size)
    share_calendars(page.rows)
    # Counted up to a limit, as on the first page; where all stand on this page, not at all.
    number = len(page.rows)
    if page.previous or page.next:
        number = filters.qs.order_by().values("pk")[: COUNTED + 1].count()
    columns, narrowed_to = chosen(request.user.list_columns), narrowing(request.GET)
    groups = by_urgency(page.rows, timezone.now()) if filters.is_by_urgency else [("", page.rows)]
    context = {
        "filter": filters,
        "filtered": bool(narrowed_to),
        "narrowed": filters.in_words(),
        "query": narrowed_to,
        "columns": without_own_unit(columns, page.rows, request.user),
        "sort": request.GET.get("sort", ""),
        "dossiers": page.rows,
        "groups": groups,
        "size": size,
        "sizes": PAGE_SIZES if page.next or size != PAGE_SIZES[0] else (),
        "number": min(number, COUNTED),
        "is_more": number > COUNTED,
        "previous": page.previous,
        "next": page.next,
        "saved_lists": saved_lists(request.user),
        "save_form": SavedListForm(),
        "columns_form": ColumnsForm(initial={"columns": [column.name for column in columns]}),
        "moves_together": moves_together(request.user),
    }
    return render(request, "dossiers/list.html", context, status=status)


PAGE_SIZES = (PAGE_SIZE, 50, 100)
# Exact up to here, and “more” above: a more exact number would change no plan.
COUNTED = 1_000
Write = Callable[[Sequence[ListColumn], Iterable[Sequence[Value]], str], HttpResponseBase]


def _file(request: StaffRequest, write: Write) -> HttpResponseBase:
    """A file of all pages of the list: the same dossiers, in the same order and columns."""
    filters = DossierFilter(request.GET, _seen(request), request=request)
    number = filters.qs.values("pk")[: MOST_ROWS + 1].count() if filters.is_valid() else 0
    if number > MOST_ROWS:
        message = _("Có hơn %(most)s hồ sơ, nhiều hơn một tệp có thể chứa. Vui lòng lọc hẹp hơn.")
        filters.form.add_error(None, message % {"most": grouped(MOST_ROWS)})
    if not filters.is_valid():
        return _page(request, filters, status=400)
    AccessLog.note(request.user, AccessLog.Act.EXPORT, number=number)
    columns = chosen(request.user.list_columns)
    parts = [part for column in columns for part in column.parts]
    # Without the procedure's long texts, which would be read again with each of its dossiers.
    dossiers = filters.qs.defer("search", "procedure__legal_basis", "procedure__subjects", "procedure__search")
    rows = ([part.value(dossier) for part in parts] for dossier in dossiers.iterator(chunk_size=READ_AT_ONCE))
    return write(columns, rows, f"ho-so-{timezone.localtime():%Y%m%d-%H%M}")
