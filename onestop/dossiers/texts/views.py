"""The pages of ready texts: all that a user sees, one of them, a new one."""

from __future__ import annotations

from contextlib import nullcontext

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.common.pagination import requested_page
from onestop.staff.administration.history import history_of, note_added, note_form
from onestop.staff.administration.views import require
from onestop.staff.requests import StaffRequest

from .forms import ReadyTextForm, TextFilter
from .rules import may_change_text, texts_seen_by


@require_GET
def ready_texts(request: StaffRequest) -> HttpResponse:
    require(request.user, "set_texts")
    form = TextFilter(request.GET)
    rows = texts_seen_by(request.user).select_related("agency", "procedure")
    if form.is_valid():
        use, words = form.cleaned_data["use"], form.cleaned_data["q"]
        rows = rows.filter(use=use) if use else rows
        rows = rows.filter(Q(title__icontains=words) | Q(text__icontains=words)) if words else rows
    else:
        rows = rows.none()
    ordered = rows.order_by("-is_active", "use", F("agency__path").asc(nulls_first=True), "title", "pk")
    page = requested_page(request, ordered)
    context = {"form": form, "texts": page.rows, "previous": page.previous, "next": page.next}
    return render(request, "dossiers/texts.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def add_ready_text(request: StaffRequest) -> HttpResponse:
    require(request.user, "set_texts")
    initial = {"agency": request.user.agency, "use": request.GET.get("use", "")}
    form = ReadyTextForm(request.user, request.POST or None, initial=initial)
    if form.is_valid():
        with transaction.atomic():
            note_added(request.user, form.save())
        messages.success(request, _("Đã thêm câu mẫu."))
        return redirect("dossiers:ready-texts")
    return render(request, "dossiers/text.html", {"form": form, "may_change": True})


@require_http_methods(["GET", "POST"])
@never_cache
def ready_text(request: StaffRequest, pk: int) -> HttpResponse:
    require(request.user, "set_texts")
    is_sent, seen = request.method == "POST", texts_seen_by(request.user).select_related("agency", "procedure")
    with transaction.atomic() if is_sent else nullcontext():
        text = get_object_or_404(seen.select_for_update(of=("self",)) if is_sent else seen, pk=pk)
        may_change = may_change_text(request.user, text)
        if is_sent and not may_change:
            raise PermissionDenied(_("Câu mẫu chung áp dụng cho mọi cơ quan; chỉ quản trị hệ thống được sửa."))
        form = ReadyTextForm(request.user, request.POST or None, instance=text)
        if form.is_valid():
            note_form(request.user, form.save(), form)
            messages.success(request, _("Đã lưu câu mẫu."))
            return redirect("dossiers:ready-texts")
    stored = seen.get(pk=pk) if form.errors else text
    context = {"text": stored, "form": form, "may_change": may_change, "history": history_of(text)}
    return render(request, "dossiers/text.html", context)
