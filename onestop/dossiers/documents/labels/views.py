"""Labels at the desk: for which dossiers, on which sheet and from which label on, and the file for the printer."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from onestop.common.web.framing import shown_within_our_pages
from onestop.common.web.methods import post_only
from onestop.dossiers.documents.many import MOST, PrintRefused, few, named
from onestop.dossiers.lists.chosen import chosen_dossiers, is_uuid, query_sent
from onestop.dossiers.lists.saved import list_at
from onestop.dossiers.models import Dossier
from onestop.dossiers.roles import may_print
from onestop.staff.requests import StaffRequest

from .drawing import SHEETS, LabelSheet, labels

MOST_PLACES = max(sheet.number for sheet in SHEETS.values())


class LabelForm(forms.Form):
    """`first`: the first label of the sheet that is still there."""

    sheet = forms.ChoiceField(
        label=gettext_lazy("loại nhãn"),
        choices=[(sheet.name, sheet.label) for sheet in SHEETS.values()],
        widget=forms.RadioSelect,
    )
    first = forms.TypedChoiceField(
        label=gettext_lazy("nhãn đầu tiên còn trống trên tờ A4"),
        choices=[(place, str(place)) for place in range(1, MOST_PLACES + 1)],
        coerce=int,
        required=False,
        widget=forms.RadioSelect,
    )

    @property
    def chosen(self) -> tuple[LabelSheet, int]:
        """The sheet and the number of the first label; a roll has no used labels."""
        sheet = SHEETS[self.cleaned_data["sheet"]]
        return sheet, (self.cleaned_data["first"] or 1) if sheet.number > 1 else 1


@post_only
def choose_labels(request: StaffRequest) -> HttpResponse:
    """From the list, with the ticked dossiers, to the page that asks for the sheet."""
    try:
        query = QueryDict(mutable=True)
        query.setlist("dossier", [str(dossier.uuid) for dossier in few(chosen_dossiers(request))])
    except PrintRefused as error:
        messages.error(request, str(error))
        return list_at(query_sent(request))
    return redirect(f"{reverse('dossiers:labels')}?{query.urlencode()}")


@require_GET
@never_cache
def label_page(request: StaffRequest) -> HttpResponse:
    """The dossiers are in the address; with a sheet there, too, the answer is the file."""
    if not may_print(request.user):
        raise PermissionDenied(_("Vai trò của bạn không in phiếu."))
    chosen = [text for text in request.GET.getlist("dossier")[: MOST + 1] if is_uuid(text)]
    seen = Dossier.objects.visible_to(request.user).filter(uuid__in=chosen).select_related("procedure", "agency")
    try:
        dossiers = few(seen.order_by("pk"))
    except PrintRefused as error:
        messages.error(request, str(error))
        return redirect("dossiers:list")
    without = [dossier for dossier in dossiers if not dossier.code]
    form = LabelForm(request.GET if "sheet" in request.GET else None, initial={"sheet": "a4", "first": 1})
    if not without and form.is_valid():
        sheet, first = form.chosen
        answer = HttpResponse(labels(dossiers, sheet, first), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="nhan-ho-so-{len(dossiers)}.pdf"'
        shown_within_our_pages(answer)
        return answer
    context = {"dossiers": dossiers, "without": named(without), "form": form}
    return render(request, "dossiers/labels.html", context)
