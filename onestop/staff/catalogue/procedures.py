"""The pages of procedures' local settings: what an office decides itself about a procedure that others published."""

from __future__ import annotations

from typing import Any, Final, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.catalog.models import Field, Procedure, SubmissionChannel
from onestop.common.input.form_fields import LineField
from onestop.common.pagination import requested_page
from onestop.staff.administration.history import history_of, note_form
from onestop.staff.administration.views import require
from onestop.staff.requests import StaffRequest

from .hours import ClockField
from .rules import may_change_catalogue

OFFERED, WITHDRAWN = "offered", "withdrawn"
CHANNELS: Final = [channel.value for channel in SubmissionChannel]


class SettingsFilter(forms.Form):
    q = LineField(
        label=gettext_lazy("mã hoặc tên thủ tục"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"type": "search", "placeholder": gettext_lazy("có thể nhập không dấu")}),
    )
    field = forms.ModelChoiceField[Field](
        label=gettext_lazy("lĩnh vực"),
        queryset=Field.objects.all(),
        required=False,
        empty_label=gettext_lazy("mọi lĩnh vực"),
    )
    status = forms.ChoiceField(
        label=gettext_lazy("trạng thái"),
        choices=[
            ("", gettext_lazy("tất cả")),
            (OFFERED, gettext_lazy("đang tiếp nhận")),
            (WITHDRAWN, gettext_lazy("ngừng tiếp nhận")),
        ],
        required=False,
    )

    @property
    def is_used(self) -> bool:
        return any(self.data.get(name) for name in self.fields)


class SettingsForm(forms.ModelForm[Procedure]):
    """Name, limit, papers and fees are those that were published, and come with the import of the catalogue."""

    next_day_after = ClockField(gettext_lazy("nhận sau giờ này thì tính từ ngày làm việc tiếp theo"))

    class Meta:
        model = Procedure
        fields = [
            "is_active",
            *CHANNELS,
            "takes_drawings",
            "count_from_next_day",
            "next_day_after",
            "after_supplement",
            "supplement_days",
        ]
        widgets = {"after_supplement": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: the arguments of Django's form
        super().__init__(*args, **kwargs)
        after = cast(forms.ChoiceField, self.fields["after_supplement"])
        after.choices = Procedure.AfterSupplement.choices
        after.help_text = _("Theo NĐ 61/2018/NĐ-CP điều 19: tính lại từ đầu, trừ khi có quy định khác.")
        self.fields["next_day_after"].help_text = _("Ví dụ 15:00; để trống nếu không áp dụng.")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        params = self.cleaned_data
        if params.get("is_active") and not any(params.get(channel) for channel in CHANNELS):
            self.add_error("direct", _("Thủ tục đang tiếp nhận phải có ít nhất một hình thức nộp."))
        is_fixed = params.get("after_supplement") == Procedure.AfterSupplement.FIXED
        if is_fixed and not params.get("supplement_days") and "supplement_days" not in self.errors:
            self.add_error("supplement_days", _("Cách này cần số ngày cho bổ sung."))
        return cleaned


@require_GET
def procedures(request: StaffRequest) -> HttpResponse:
    require(request.user, "see_catalogue")
    form = SettingsFilter(request.GET)
    rows = Procedure.objects.select_related("field").defer("legal_basis", "subjects", "search")
    if form.is_valid():
        params = form.cleaned_data
        rows = rows.matching(params["q"])
        if params["field"]:
            rows = rows.filter(field=params["field"])
        if params["status"]:
            rows = rows.filter(is_active=params["status"] == OFFERED)
    else:
        rows = rows.none()
    page = requested_page(request, rows)
    context = {"form": form, "procedures": page.rows, "previous": page.previous, "next": page.next}
    return render(request, "staff/procedures.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def procedure(request: StaffRequest, pk: int) -> HttpResponse:
    require(request.user, "see_catalogue")
    may_change = may_change_catalogue(request.user)
    if request.method == "POST" and not may_change:
        raise PermissionDenied(_("Thủ tục áp dụng cho mọi cơ quan; chỉ quản trị hệ thống được sửa."))
    row = get_object_or_404(Procedure.objects.select_related("field", "promulgator"), pk=pk)
    form = SettingsForm(request.POST or None, instance=row)
    if form.is_valid():
        with transaction.atomic():
            form.save()
            note_form(request.user, row, form)
        messages.success(request, _("Đã lưu. Hồ sơ đã tiếp nhận giữ cách tính thời hạn khi tiếp nhận."))
        return redirect("procedure", pk)
    stored = Procedure.objects.select_related("field", "promulgator").get(pk=pk) if form.errors else row
    context = {"procedure": stored, "form": form, "may_change": may_change, "history": history_of(row)}
    return render(request, "staff/procedure.html", context)
