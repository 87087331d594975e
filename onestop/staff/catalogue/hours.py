"""The pages of working hours: which agency has its own, and the week of one agency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import time
from typing import Any, Final, NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django_stubs_ext import StrOrPromise

from onestop.catalog.calendar import Session, calendar_of
from onestop.catalog.models import Agency, AgencyQuerySet, WorkingHours
from onestop.common.input.form_fields import LineField
from onestop.common.input.text import without_accents
from onestop.common.pagination import requested_page
from onestop.staff.administration.history import history_of, history_of_all, note_changed
from onestop.staff.administration.views import require
from onestop.staff.requests import StaffRequest

from .rules import may_set_hours_of

Weekday = WorkingHours.Weekday
# Morning and afternoon; a week that has more sessions in a day keeps them.
USUAL_SESSIONS: Final = 2
HOURS_CHANGED: Final = gettext_lazy("giờ làm việc")


class AgencySearch(forms.Form):
    q = LineField(
        label=gettext_lazy("tên hoặc mã cơ quan"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"type": "search", "placeholder": gettext_lazy("có thể nhập không dấu")}),
    )

    def narrowed(self, agencies: AgencyQuerySet) -> AgencyQuerySet:
        """Those of `agencies` with every word in their code or name. There are few enough to read all names."""
        words = without_accents(self.cleaned_data["q"]).split() if self.is_valid() else []
        if not words:
            return agencies
        named = agencies.order_by().values_list("pk", "code", "name")
        searched = ((pk, without_accents(f"{code} {name}")) for pk, code, name in named)
        return agencies.filter(pk__in=[pk for pk, text in searched if all(word in text for word in words)])


class ClockField(forms.TimeField):
    """A time as people write it: 7:30, 07h30, 7.30. Text, because browsers may show `type=time` with AM and PM."""

    widget = forms.TextInput
    default_error_messages = {"invalid": gettext_lazy("Nhập giờ theo dạng hh:mm, ví dụ 07:30.")}

    def __init__(self, label: StrOrPromise) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "placeholder": "hh:mm", "size": 5, "maxlength": 5}
        super().__init__(label=label, required=False, widget=forms.TextInput(attrs))

    def to_python(self, value: str | time | None) -> time | None:
        text = value.strip().lower().replace("h", ":").replace(".", ":") if isinstance(value, str) else value
        return super().to_python(f"{text}00" if isinstance(text, str) and text.endswith(":") else text)

    def prepare_value(self, value: object) -> object:
        return f"{value:%H:%M}" if isinstance(value, time) else value


class Row(NamedTuple):
    """The fields of one weekday: pairs of opening and closing."""

    name: str
    pairs: list[tuple[forms.BoundField, forms.BoundField]]


class WeekForm(forms.Form):
    """The sessions of each weekday. A day without any is free."""

    def __init__(self, week: dict[int, tuple[Session, ...]], *args: Any, **kwargs: Any) -> None:  # Any: as Django's
        super().__init__(*args, **kwargs)
        self._number = max([USUAL_SESSIONS, *map(len, week.values())])
        for weekday, number, opens, closes in self._places():
            day, sessions = Weekday(weekday).label, week.get(weekday, ())
            session = sessions[number] if number < len(sessions) else (None, None)
            params = {"day": day, "number": number + 1}
            self.fields[opens] = ClockField(_("%(day)s, buổi %(number)s: từ") % params)
            self.fields[closes] = ClockField(_("%(day)s, buổi %(number)s: đến") % params)
            self.initial.update({opens: session[0], closes: session[1]})

    def _places(self) -> Iterator[tuple[int, int, str, str]]:
        for weekday in Weekday.values:
            for number in range(self._number):
                yield weekday, number, f"opens_{weekday}_{number}", f"closes_{weekday}_{number}"

    def rows(self) -> list[Row]:
        pairs = defaultdict(list)
        for weekday, _number, opens, closes in self._places():
            pairs[weekday].append((self[opens], self[closes]))
        return [Row(str(Weekday(weekday).label), pairs[weekday]) for weekday in Weekday.values]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        latest: dict[int, time] = {}
        for weekday, _number, opens, closes in self._places():
            start, end = cleaned.get(opens), cleaned.get(closes)
            if start is None and opens not in self.errors and (end is not None or closes in self.errors):
                self.add_error(opens, _("Nhập cả giờ bắt đầu và giờ kết thúc của buổi."))
            elif end is None and closes not in self.errors and (start is not None or opens in self.errors):
                self.add_error(closes, _("Nhập cả giờ bắt đầu và giờ kết thúc của buổi."))
            elif start is not None and end is not None:
                if start >= end:
                    self.add_error(closes, _("Giờ bắt đầu phải trước giờ kết thúc."))
                elif weekday in latest and start < latest[weekday]:
                    self.add_error(opens, _("Buổi này phải bắt đầu sau khi buổi trước kết thúc."))
                else:
                    latest[weekday] = end
        if not self.errors and not latest:
            self.add_error(next(iter(self.fields)), _("Tuần làm việc phải có ít nhất một buổi."))
        return cleaned

    @property
    def week(self) -> dict[int, list[Session]]:
        """The sessions typed into a valid form."""
        week: dict[int, list[Session]] = defaultdict(list)
        for weekday, _number, opens, closes in self._places():
            if self.cleaned_data[opens] is not None:
                week[weekday].append((self.cleaned_data[opens], self.cleaned_data[closes]))
        return dict(week)


@require_GET
def working_hours(request: StaffRequest) -> HttpResponse:
    """The agencies that the user oversees, and which of them have hours of their own."""
    require(request.user, "set_hours")
    form = AgencySearch(request.GET)
    agencies = request.user.agencies.annotate(has_own_hours=Exists(WorkingHours.objects.filter(agency=OuterRef("pk"))))
    page = requested_page(request, form.narrowed(agencies).order_by("path"))
    context = {
        "form": form,
        "agencies": page.rows,
        "previous": page.previous,
        "next": page.next,
        "common": _in_words(dict(calendar_of(None).hours)),
        "is_narrowed": bool(request.GET.get("q")),
        "may_set_common": may_set_hours_of(request.user, None),
    }
    return render(request, "staff/working_hours.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def hours_of_all(request: StaffRequest) -> HttpResponse:
    return _week_page(request, None)


@require_http_methods(["GET", "POST"])
@never_cache
def hours_of_agency(request: StaffRequest, pk: int) -> HttpResponse:
    require(request.user, "set_hours")
    return _week_page(request, get_object_or_404(request.user.agencies, pk=pk))


def _week_page(request: StaffRequest, agency: Agency | None) -> HttpResponse:
    if not may_set_hours_of(request.user, agency):
        raise PermissionDenied(_("Giờ làm việc chung áp dụng cho mọi cơ quan; chỉ quản trị hệ thống được sửa."))
    recorded = WorkingHours.objects.filter(agency=agency)
    form = WeekForm(dict(calendar_of(agency).hours), request.POST or None)
    is_inherited = request.method == "POST" and "inherit" in request.POST
    if is_inherited or form.is_valid():
        _record(request, agency, {} if is_inherited else form.week)
        message = (
            _("Đã bỏ giờ làm việc riêng.")
            if is_inherited
            else _("Đã lưu giờ làm việc. Hạn trả của hồ sơ đã tiếp nhận không thay đổi.")
        )
        messages.success(request, message)
        return redirect("working-hours")
    context = {
        "agency": agency,
        "form": form,
        "has_own": recorded.exists(),
        "history": history_of(agency) if agency else history_of_all(WorkingHours),
    }
    return render(request, "staff/hours.html", context)


def _record(request: StaffRequest, agency: Agency | None, week: dict[int, list[Session]]) -> None:
    """Replaces the sessions of `agency` by those of `week`, and notes the change with the agency.

    The hours of all agencies have no row that stays; their change is noted with one of the sessions.
    """
    with transaction.atomic():
        # Locked, so that two who save at the same instant do not both insert the same sessions.
        if agency is not None:
            Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
        replaced = list(WorkingHours.objects.select_for_update().filter(agency=agency).order_by("pk"))
        WorkingHours.objects.filter(agency=agency).delete()
        new = WorkingHours.objects.bulk_create(
            WorkingHours(agency=agency, weekday=weekday, opens=opens, closes=closes)
            for weekday, sessions in week.items()
            for opens, closes in sessions
        )
        if rows := [agency] if agency is not None else [*new, *replaced]:
            note_changed(request.user, rows[0], HOURS_CHANGED)


def _in_words(week: dict[int, tuple[Session, ...]]) -> list[tuple[str, str]]:
    """The sessions of the week; days that follow one another and have the same ones share a line."""
    lines: list[tuple[list[int], str]] = []
    for day in sorted(week):
        sessions = ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in week[day])
        if lines and lines[-1][1] == sessions and lines[-1][0][-1] == day - 1:
            lines[-1][0].append(day)
        else:
            lines.append(([day], sessions))
    return [(_days(days), sessions) for days, sessions in lines]


def _days(days: list[int]) -> str:
    first, last = Weekday(days[0]).label, Weekday(days[-1]).label
    return str(first) if len(days) == 1 else _("%(first)s đến %(last)s") % {"first": first, "last": last}
