"""The pages of the days off and of the weekend days worked to make up for them, year by year.

They apply to every office. Each change shows first what it does, above all on how many dossiers' due dates it falls:
apps above show that in the slot `calendar-day`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from onestop.catalog.calendar import years_only_expected, years_with_gaps
from onestop.catalog.holidays import FIRST_YEAR, LAST_YEAR, DayKind, public_holidays
from onestop.catalog.models import CalendarDay
from onestop.common.input.dates import DayField
from onestop.common.web.methods import post_only
from onestop.staff.administration.history import history_of_all, note_added, note_deleted, note_form
from onestop.staff.administration.views import require
from onestop.staff.requests import StaffRequest

SATURDAY = 5


class DayForm(forms.ModelForm[CalendarDay]):
    date = DayField(
        label=gettext_lazy("ngày"),
        error_messages={"unique": gettext_lazy("Ngày này đã có trong lịch; vui lòng sửa ngày đã có.")},
    )

    class Meta:
        model = CalendarDay
        fields = ["date", "kind", "name", "source"]
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: the arguments of Django's form
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = DayKind.choices  # type: ignore[attr-defined] # without the empty choice
        self.fields["name"].help_text = _("Ví dụ: Nghỉ Tết Nguyên đán; Làm bù cho ngày 02/01/2026.")
        self.fields["source"].help_text = _("Số, ngày của văn bản công bố.")

    def clean_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["date"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(
                _("Lịch chỉ ghi các năm từ %(first)s đến %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
            )
        return day

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        day, kind = self.cleaned_data.get("date"), self.cleaned_data.get("kind")
        if day and kind == DayKind.WORKING and day.weekday() < SATURDAY:
            self.add_error("kind", _("Chỉ thứ bảy, chủ nhật mới làm bù; ngày này đã là ngày làm việc."))
        return cleaned


class ShownDay(NamedTuple):
    """A day of the table; `pk` is None where it is not recorded and comes with the program."""

    day: dt.date
    kind: DayKind
    name: str
    source: str
    pk: int | None

    @property
    def is_off(self) -> bool:
        return self.kind == DayKind.OFF


@require_GET
def year(request: StaffRequest) -> HttpResponse:
    require(request.user, "see_catalogue")
    now = timezone.now()
    shown = _requested_year(request.GET.get("year", ""), timezone.localdate(now).year)
    recorded = list(CalendarDay.objects.filter(date__year=shown))
    context = {
        "year": shown,
        "previous_year": shown - 1 if shown > FIRST_YEAR else None,
        "next_year": shown + 1 if shown < LAST_YEAR else None,
        "days": [ShownDay(day.date, DayKind(day.kind), day.name, day.source, day.pk) for day in recorded]
        or [ShownDay(*day, None) for day in public_holidays(shown)],
        "is_recorded": bool(recorded),
        "is_expected": shown in years_only_expected(now),
        "has_gaps": shown in years_with_gaps(now),
        "may_change": request.user.is_superuser,
        "history": history_of_all(CalendarDay),
    }
    return render(request, "staff/calendar.html", context)


@post_only
def record_year(request: StaffRequest) -> HttpResponse:
    """Records the missing public holidays of a year, so that they can be compared with the announcement and edited."""
    _require_keeper(request)
    shown = _requested_year(request.POST.get("year", ""), 0)
    if not shown:
        raise Http404
    with transaction.atomic():
        present = set(CalendarDay.objects.filter(date__year=shown).values_list("date", flat=True))
        CalendarDay.record_public_holidays(shown)
        for day in CalendarDay.objects.filter(date__year=shown).exclude(date__in=present):
            note_added(request.user, day)
    messages.success(request, _("Đã ghi lịch năm %(year)s. Vui lòng đối chiếu với văn bản công bố.") % {"year": shown})
    return redirect(_address(shown))


@require_http_methods(["GET", "POST"])
@never_cache
def add_day(request: StaffRequest) -> HttpResponse:
    _require_keeper(request)
    return _day_page(request, DayForm(request.POST or None, initial={"kind": DayKind.OFF}), None)


@require_http_methods(["GET", "POST"])
@never_cache
def change_day(request: StaffRequest, pk: int) -> HttpResponse:
    _require_keeper(request)
    day = get_object_or_404(CalendarDay, pk=pk)
    return _day_page(request, DayForm(request.POST or None, instance=day), get_object_or_404(CalendarDay, pk=pk))


@require_http_methods(["GET", "POST"])
@never_cache
def remove_day(request: StaffRequest, pk: int) -> HttpResponse:
    _require_keeper(request)
    day = get_object_or_404(CalendarDay, pk=pk)
    is_last = not CalendarDay.objects.filter(date__year=day.date.year).exclude(pk=pk).exists()
    if request.method == "POST":
        with transaction.atomic():
            note_deleted(request.user, day)
            day.delete()
        messages.success(request, _("Đã xóa ngày %(day)s khỏi lịch.") % {"day": f"{day.date:%d/%m/%Y}"})
        return redirect(_address(day.date.year))
    # Without a day off on a weekday, or a make-up day on a weekend, the weekday alone decides.
    days = [day.date] if day.kind == DayKind.WORKING else []
    return render(request, "staff/calendar_remove.html", {"day": day, "days": days, "is_last": is_last})


def _day_page(request: StaffRequest, form: DayForm, before: CalendarDay | None) -> HttpResponse:
    """The form of a day, and before it is saved, what follows from it; without scripts."""
    context: dict[str, object] = {"form": form, "before": before}
    if form.is_valid():
        after = form.save(commit=False)
        if "confirmed" in request.POST:
            with transaction.atomic():
                form.save()
                if before is None:
                    note_added(request.user, after)
                else:
                    note_form(request.user, after, form)
            messages.success(request, _("Đã lưu ngày %(day)s vào lịch.") % {"day": f"{after.date:%d/%m/%Y}"})
            return redirect(_address(after.date.year))
        context |= {"after": after, "days": _days_that_become_free(before, after)}
        context["is_first"] = not CalendarDay.objects.filter(date__year=after.date.year).exists()
    return render(request, "staff/calendar_day.html", context)


def _days_that_become_free(before: CalendarDay | None, after: CalendarDay) -> list[dt.date]:
    """The days on which the office will not work any more, and on which dossiers may be due."""
    free = {after.date} if after.kind == DayKind.OFF else set()
    if before is not None and before.kind == DayKind.WORKING and before.date != after.date:
        free.add(before.date)
    return sorted(free)


def _require_keeper(request: StaffRequest) -> None:
    require(request.user, "see_catalogue")
    if not request.user.is_superuser:
        raise PermissionDenied(_("Lịch nghỉ áp dụng cho mọi cơ quan; chỉ quản trị hệ thống được sửa."))


def _requested_year(text: str, otherwise: int) -> int:
    is_year = text.isascii() and text.isdecimal() and len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR
    return int(text) if is_year else otherwise


def _address(shown: int) -> str:
    return f"{reverse('calendar')}?year={shown}"
