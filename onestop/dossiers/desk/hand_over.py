"""Handing a dossier over to a unit, or one of its people. A province has too many people for one list."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from onestop.catalog.models import Agency
from onestop.common.input.dates import MomentField
from onestop.dossiers.models import Dossier
from onestop.staff.models import User
from onestop.staff.requests import StaffRequest

from .forms import Data, Files, MoveForm

# Reloads the list of people when another unit is chosen.
OFFICERS = {"hx-get": reverse_lazy("dossiers:officers"), "hx-target": "#id_officer", "hx-trigger": "change"}


class HandOverForm(MoveForm):
    """Offers the people of the unit that has the dossier, and of the chosen unit."""

    field_order = ["unit", "officer", "step_due", "comment"]

    def __init__(self, dossier: Dossier, user: User, data: Data | None = None, files: Files | None = None) -> None:
        super().__init__(dossier, user, data, files)
        units = Agency.objects.taking_in().filter(level1=dossier.agency.level1_id)
        self.fields["unit"] = forms.ModelChoiceField[Agency](
            units,
            label=_("đơn vị"),
            required=False,
            empty_label=_("giữ nguyên, hoặc đơn vị của cán bộ được chọn"),
            widget=forms.Select(OFFICERS),
        )
        self.fields["officer"] = forms.ModelChoiceField[User](
            officers_of([dossier.unit_id, *_keys(data.get("unit") if data else None)]),
            label=_("cán bộ"),
            required=False,
            empty_label=_("để đơn vị tự phân công"),
            help_text=_("Của đơn vị được chọn."),
        )
        self.fields["step_due"] = MomentField(
            label=_("hạn của bước này"),
            required=False,
            help_text=_("Ghi trên phiếu kiểm soát; không đổi hẹn trả cho công dân."),
        )
        self.order_fields(self.field_order)


@require_GET
def officers(request: StaffRequest) -> HttpResponse:
    """The people of one unit as choices: a part of the page with the form."""
    units = Agency.objects.filter(pk__in=_keys(request.GET.get("unit")))
    if not request.user.is_superuser:
        units = units.filter(level1__in=request.user.agencies.values("level1"))
    return render(request, "dossiers/officers.html", {"officers": officers_of(units.values_list("pk", flat=True))})


def officers_of(units: Iterable[int]) -> QuerySet[User]:
    return User.objects.filter(agency__in=units, is_active=True).order_by("full_name", "username")


def _keys(text: str | None) -> list[int]:
    return [int(text)] if text and text.isascii() and text.isdecimal() and len(text) < 10 else []
