"""The receipts of several dossiers at once: each a print of its own, and all together one file for the printer."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from pypdf import PdfWriter

from onestop.common.web.framing import shown_within_our_pages
from onestop.common.web.methods import post_only
from onestop.dossiers.lists.chosen import chosen_dossiers, query_sent
from onestop.dossiers.lists.home import unprinted_today
from onestop.dossiers.lists.saved import list_at
from onestop.dossiers.models import Dossier, DossierQuerySet, PrintedForm
from onestop.dossiers.roles import may_print
from onestop.staff.models import AccessLog
from onestop.staff.requests import StaffRequest

from .forms import receipt
from .issuing import FormsMissing, print_latest, read_for_printing

# Some seconds of drawing, and a stack that a printer at the counter has paper for.
MOST: Final = 50
# So many dossiers are named in a refusal.
NAMED: Final = 10


class PrintRefused(Exception):
    """Nothing is printed; `str()` says why in the user's language."""


@post_only
def print_many(request: StaffRequest) -> HttpResponse:
    """From the list, the ticked dossiers; from the first page one of today's, or all whose receipt is not printed.

    A page with scripts gets the part of itself that reports the outcome and has the address of the file.
    """
    if not may_print(request.user):
        raise PermissionDenied(_("Vai trò của bạn không in phiếu."))
    try:
        forms = print_latest(receipt.KIND, _chosen(request), request.user)
    except PrintRefused as error:
        return _refused(request, str(error))
    except FormsMissing as error:
        message = _("Chưa in giấy nào: %(dossiers)s không có giấy tiếp nhận. Vui lòng bỏ chọn rồi in lại.")
        return _refused(request, message % {"dossiers": named(error.dossiers)})
    address = address_of(forms)
    if request.htmx:
        return render(request, "dossiers/print_outcome.html", {"address": address, "number": len(forms)})
    return redirect(address)


def _chosen(request: StaffRequest) -> list[Dossier]:
    """Of today's receipts that are not printed, the first `MOST`: the button is pressed again for the others."""
    if "unprinted" not in request.POST:
        return few(read_for_printing(chosen_dossiers(request)))
    unprinted = list(read_for_printing(unprinted_today(request.user))[:MOST])
    if not unprinted:
        raise PrintRefused(_("Không còn giấy tiếp nhận nào chưa in."))
    return unprinted


def few(dossiers: DossierQuerySet) -> list[Dossier]:
    """The chosen dossiers. Raises PrintRefused for none, and for more than `MOST`."""
    rows = list(dossiers[: MOST + 1])
    if not rows:
        raise PrintRefused(_("Chưa chọn hồ sơ nào. Vui lòng đánh dấu hồ sơ trong bảng hoặc chọn tất cả hồ sơ."))
    if len(rows) > MOST:
        message = _("Mỗi lần chỉ in cho tối đa %(most)s hồ sơ. Vui lòng chọn ít hơn.")
        raise PrintRefused(message % {"most": MOST})
    return rows


def named(dossiers: Sequence[Dossier]) -> str:
    """The codes, and the applicants of dossiers without one; many are counted."""
    names = ", ".join(dossier.code or dossier.applicant_name for dossier in dossiers[:NAMED])
    if len(dossiers) <= NAMED:
        return names
    return _("%(names)s và %(more)s hồ sơ khác") % {"names": names, "more": len(dossiers) - NAMED}


def _refused(request: StaffRequest, message: str) -> HttpResponse:
    if request.htmx:
        return render(request, "dossiers/print_outcome.html", {"refusal": message})
    messages.error(request, message)
    return list_at(query_sent(request))


def address_of(forms: Sequence[PrintedForm]) -> str:
    query = QueryDict(mutable=True)
    query.setlist("form", [str(form.pk) for form in forms])
    return f"{reverse('dossiers:printed-many')}?{query.urlencode()}"


@require_GET
@never_cache
def printed_many(request: StaffRequest) -> HttpResponse:
    """The stored forms in the order of the address, each beginning on a page of its own."""
    keys = [int(text) for text in request.GET.getlist("form")[: MOST + 1] if text.isdecimal() and len(text) < 19]
    seen = PrintedForm.objects.filter(dossier__in=Dossier.objects.visible_to(request.user))
    forms = seen.select_related("dossier").in_bulk(keys)
    if not 0 < len(keys) <= MOST or len(forms) != len(set(keys)):
        raise Http404
    try:
        content = joined([forms[key] for key in keys])
    except FileNotFoundError:
        raise Http404(_("Tệp này không còn trong kho.")) from None
    AccessLog.note_each(request.user, AccessLog.Act.FILE, [form.dossier.uuid for form in forms.values()])
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="giay-tiep-nhan-{len(keys)}.pdf"'
    shown_within_our_pages(answer)
    return answer


def joined(forms: Sequence[PrintedForm]) -> bytes:
    """One PDF of all pages. Raises FileNotFoundError if a file is gone."""
    writer, written = PdfWriter(), BytesIO()
    for form in forms:
        with form.file.open("rb") as stored:
            writer.append(stored)
    writer.write(written)
    return written.getvalue()
