"""The columns that a user has chosen for the list of dossiers, and the lists that they have saved by name."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onestop.common.input.form_fields import LineField
from onestop.common.input.text import check_line
from onestop.common.web.methods import post_only
from onestop.staff.models import SavedList, User
from onestop.staff.requests import StaffRequest

from .columns import CODE, COLUMNS
from .filters import DossierFilter

# With more names a user would lose the overview.
MOST_SAVED = 20


class ColumnsForm(forms.Form):
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("cột được hiện"),
        choices=[(column.name, column.heading) for column in COLUMNS if column is not CODE],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class SavedListForm(forms.Form):
    name = LineField(
        label=gettext_lazy("tên danh sách"),
        max_length=60,
        validators=[check_line],
        widget=forms.TextInput({"size": 24}),
    )
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)


def saved_lists(user: User) -> QuerySet[SavedList]:
    return SavedList.objects.filter(user=user)


def narrowing(query: QueryDict) -> str:
    """The parameters of an address that filter the list, always in the same order."""
    narrowed = QueryDict(mutable=True)
    for name in DossierFilter.base_filters:
        if value := query.get(name, "").strip():
            narrowed[name] = value
    return narrowed.urlencode()


def list_at(query: str) -> HttpResponseRedirect:
    address = reverse("dossiers:list")
    return redirect(f"{address}?{query}" if query else address)


@post_only
def keep(request: StaffRequest) -> HttpResponse:
    """Saves the list under a name, in place of an earlier list of that name."""
    form = SavedListForm(request.POST)
    query = narrowing(QueryDict(request.POST.get("query", "")[:2000]))
    if not form.is_valid():
        messages.error(request, _("Chưa lưu: cần một tên, không quá 60 ký tự."))
    elif not query:
        messages.error(request, _("Chưa lưu: vui lòng lọc danh sách trước khi lưu."))
    elif saved_lists(request.user).exclude(name=form.cleaned_data["name"]).count() >= MOST_SAVED:
        messages.error(request, _("Chưa lưu: đã có %(most)d danh sách, vui lòng xóa bớt.") % {"most": MOST_SAVED})
    else:
        saved_lists(request.user).update_or_create(
            user=request.user, name=form.cleaned_data["name"], defaults={"query": query}
        )
        messages.success(request, _("Đã lưu danh sách “%(name)s”.") % {"name": form.cleaned_data["name"]})
    return list_at(query)


@post_only
def drop(request: StaffRequest, pk: int) -> HttpResponse:
    saved_list = get_object_or_404(saved_lists(request.user), pk=pk)
    saved_list.delete()
    messages.success(request, _("Đã xóa danh sách “%(name)s”.") % {"name": saved_list.name})
    return list_at(saved_list.query)


@post_only
def choose_columns(request: StaffRequest) -> HttpResponse:
    """Stores the user's columns for every list of dossiers; without a choice, the usual ones."""
    form = ColumnsForm(request.POST)
    if form.is_valid():
        request.user.list_columns = form.cleaned_data["columns"]
        request.user.save(update_fields=["list_columns"])
    return list_at(narrowing(QueryDict(request.POST.get("query", "")[:2000])))
