"""The register as a page, as a workbook and as PDF: the same query in the address gives the same lines."""

from __future__ import annotations

import tempfile
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from typing import IO, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_stubs_ext import StrOrPromise

from onestop.catalog.models import Agency, Field
from onestop.common.downloads import MOST_ROWS
from onestop.common.input.dates import DayField
from onestop.common.input.filter_forms import FilterForm
from onestop.common.pagination import PAGE_SIZE, requested_page
from onestop.common.spreadsheets import XLSX
from onestop.common.time import FIRST_DAY, LAST_DAY
from onestop.common.wording import grouped
from onestop.staff.models import AccessLog
from onestop.staff.requests import StaffRequest

from .entries import MOST_PRINTED, Register, entry
from .pdf import write_pdf
from .xlsx import write_xlsx

PDF = "application/pdf"


def day_field(label: StrOrPromise) -> forms.DateField:
    return DayField(
        label=label,
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )


def check_order(first_day: date | None, last_day: date) -> date:
    """Returns `last_day`. Raises ValidationError if it is before `first_day`."""
    if first_day and last_day < first_day:
        raise ValidationError(_("Ngày cuối không được trước ngày đầu."))
    return last_day


class RegisterForm(FilterForm):
    """Chooses the dossiers of the register. Without days in the address, those of this month."""

    agency = forms.ModelChoiceField[Agency](
        label=_("cơ quan tiếp nhận"), queryset=Agency.objects.none(), required=False, empty_label=_("mọi cơ quan")
    )
    field = forms.ModelChoiceField[Field](
        label=_("lĩnh vực"), queryset=Field.objects.all(), required=False, empty_label=_("mọi lĩnh vực")
    )
    received_from = day_field(_("nhận từ ngày"))
    received_to = day_field(_("đến hết ngày"))

    def __init__(self, request: StaffRequest) -> None:
        super().__init__(this_month() | request.GET.dict())
        self.user = request.user
        agencies = cast("forms.ModelChoiceField[Agency]", self.fields["agency"])
        agencies.queryset = request.user.agencies

    def clean_received_to(self) -> date:
        return check_order(self.cleaned_data.get("received_from"), self.cleaned_data["received_to"])

    def register(self) -> Register:
        data = self.cleaned_data
        return Register(self.user, data["received_from"], data["received_to"], data["agency"], data["field"])


def this_month() -> dict[str, str]:
    today = timezone.localdate()
    last_day = monthrange(today.year, today.month)[1]
    return {
        "received_from": today.replace(day=1).isoformat(),
        "received_to": today.replace(day=last_day).isoformat(),
    }


@require_GET
@never_cache
def register(request: StaffRequest) -> HttpResponse:
    return _page(request, RegisterForm(request))


@require_GET
@never_cache
def register_xlsx(request: StaffRequest) -> HttpResponseBase:
    return _file(request, write_xlsx, XLSX, "xlsx", MOST_ROWS)


@require_GET
@never_cache
def register_pdf(request: StaffRequest) -> HttpResponseBase:
    return _file(request, write_pdf, PDF, "pdf", MOST_PRINTED)


def _page(request: StaffRequest, form: RegisterForm, status: int = 200, *, fits_a_file: bool = False) -> HttpResponse:
    """`fits_a_file`: the register is too long for a PDF, but not for a workbook, which the page then offers."""
    context: dict[str, object] = {"form": form, "fits_a_file": fits_a_file}
    if form.is_valid():
        page = requested_page(request, form.register().dossiers())
        first = page.previous * PAGE_SIZE + 1
        context |= {
            "rows": [(dossier, entry(number, dossier)) for number, dossier in enumerate(page.rows, first)],
            "previous": page.previous,
            "next": page.next,
        }
    return render(request, "dossiers/register.html", context, status=status)


def _file(
    request: StaffRequest, write: Callable[[Register, IO[bytes]], None], content_type: str, ending: str, most: int
) -> HttpResponseBase:
    """The register as a file of at most `most` lines; if it has more, the page with an error."""
    form = RegisterForm(request)
    number = form.register().number() if form.is_valid() else 0
    if number > MOST_ROWS:
        message = _("Có hơn %(most)s hồ sơ trong kỳ này, nhiều hơn một tệp có thể chứa. Vui lòng chọn kỳ ngắn hơn.")
        form.add_error("received_to", ValidationError(message, params={"most": grouped(MOST_ROWS)}))
    elif number > most:
        message = _(
            "Có %(number)s hồ sơ trong kỳ này, nhiều hơn %(most)s hồ sơ mà một tệp PDF có thể "
            "chứa. Vui lòng tải Excel, hoặc chọn kỳ ngắn hơn."
        )
        params = {"number": grouped(number), "most": grouped(most)}
        form.add_error("received_to", ValidationError(message, params=params))
    if not form.is_valid():
        return _page(request, form, status=400, fits_a_file=most < number <= MOST_ROWS)
    register = form.register()
    AccessLog.note(request.user, AccessLog.Act.EXPORT, number=number)
    # Written completely before it is sent, so that a failure shows as an error, not as a file that is cut short.
    file = tempfile.TemporaryFile()  # noqa: SIM115 the answer closes it when it has been sent
    write(register, file)
    file.seek(0)
    name = f"so-theo-doi-{register.first_day:%Y%m%d}-{register.last_day:%Y%m%d}.{ending}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
