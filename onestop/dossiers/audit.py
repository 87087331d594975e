"""The logs for auditors: who made which move, who read which dossier, who signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

import django_filters
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from onestop.common.downloads import MOST_ROWS, READ_AT_ONCE, csv_file
from onestop.common.pagination import requested_page
from onestop.common.spreadsheets import Value
from onestop.common.time import start_of
from onestop.common.web.visitors import network_of
from onestop.common.wording import grouped
from onestop.staff.models import AccessLog, SignIn, User
from onestop.staff.requests import StaffRequest

from .lists.filters import date_filter
from .models import Dossier, Move, Transition
from .roles import may_read_log


class DaysOfLog(forms.Form):
    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        if first and last and first > last:
            self.add_error("last_day", _("Ngày cuối không được trước ngày đầu."))
        return cleaned


class LogFilter(django_filters.FilterSet):  # type: ignore[misc] # the package ships no types
    """The filters that all logs share. `whom`: the field that holds who did it."""

    whom: str
    who = django_filters.CharFilter(label=gettext_lazy("người thực hiện"), method="filter_person", max_length=150)
    first_day = date_filter(gettext_lazy("từ ngày"), "filter_from")
    last_day = date_filter(gettext_lazy("đến hết ngày"), "filter_until")

    class Meta:
        form = DaysOfLog

    def filter_person(self, rows: QuerySet[Model], _name: str, text: str) -> QuerySet[Model]:
        named = User.objects.filter(Q(username__iexact=text) | Q(full_name__icontains=text))
        return rows.filter(**{f"{self.whom}__in": named.values("pk")})

    def filter_from(self, rows: QuerySet[Model], _name: str, day: date) -> QuerySet[Model]:
        return rows.filter(at__gte=start_of(day))

    def filter_until(self, rows: QuerySet[Model], _name: str, day: date) -> QuerySet[Model]:
        return rows.filter(at__lt=start_of(day + timedelta(days=1)))


class MoveFilter(LogFilter):
    whom = "actor"
    move = django_filters.ChoiceFilter(
        label=gettext_lazy("thao tác"), choices=Move.choices, empty_label=gettext_lazy("mọi thao tác")
    )
    code = django_filters.CharFilter(label=gettext_lazy("mã hồ sơ"), field_name="dossier__code", max_length=60)


class ReadingFilter(LogFilter):
    whom = "user"
    act = django_filters.ChoiceFilter(
        label=gettext_lazy("thao tác"), choices=AccessLog.Act.choices, empty_label=gettext_lazy("mọi thao tác")
    )
    dossier = django_filters.UUIDFilter(field_name="subject", widget=forms.HiddenInput)


class SignInFilter(LogFilter):
    whom = "user"
    outcome = django_filters.ChoiceFilter(
        label=gettext_lazy("kết quả"), choices=SignIn.Outcome.choices, empty_label=gettext_lazy("mọi kết quả")
    )
    address = django_filters.CharFilter(label=gettext_lazy("địa chỉ mạng"), method="filter_address", max_length=49)

    def filter_address(self, rows: QuerySet[Model], _name: str, text: str) -> QuerySet[Model]:
        return rows.filter(network=network_of(text))


@require_GET
@never_cache
def moves(request: StaffRequest) -> HttpResponseBase:
    _require_auditor(request.user)
    seen = Transition.objects.filter(dossier__in=Dossier.objects.visible_to(request.user))
    filters = MoveFilter(request.GET, seen.select_related("dossier", "unit").order_by("-at", "-pk"), request=request)
    if "csv" in request.GET:
        return _file(request, filters, "thao-tac", MOVE_HEADINGS, _move_line)
    return _page(request, "dossiers/log_of_moves.html", filters)


@require_GET
@never_cache
def readings(request: StaffRequest) -> HttpResponseBase:
    _require_auditor(request.user)
    seen = AccessLog.objects.of_staff_of(request.user)
    filters = ReadingFilter(request.GET, seen.select_related("user__agency").order_by("-at", "-pk"), request=request)
    if "csv" in request.GET:
        return _file(request, filters, "truy-cap", READING_HEADINGS, _reading_line)
    return _page(request, "dossiers/log_of_readings.html", filters)


@require_GET
@never_cache
def sign_ins(request: StaffRequest) -> HttpResponseBase:
    _require_auditor(request.user)
    seen = SignIn.objects.of_staff_of(request.user)
    filters = SignInFilter(request.GET, seen.select_related("user__agency").order_by("-at", "-pk"), request=request)
    if "csv" in request.GET:
        return _file(request, filters, "dang-nhap", SIGN_IN_HEADINGS, _sign_in_line)
    return _page(request, "dossiers/log_of_sign_ins.html", filters)


# ---- a log as a file

Line = Sequence[Value]
WHEN, WHO, ACT = gettext_lazy("Thời điểm"), gettext_lazy("Người thực hiện"), gettext_lazy("Thao tác")
AGENCY, DOSSIER = gettext_lazy("Đơn vị"), gettext_lazy("Mã hồ sơ")
MOVE_HEADINGS = (WHEN, DOSSIER, ACT, WHO, AGENCY)
READING_HEADINGS = (WHEN, WHO, AGENCY, ACT, DOSSIER, gettext_lazy("Số hồ sơ"))
SIGN_IN_HEADINGS = (WHEN, WHO, AGENCY, gettext_lazy("Kết quả"), gettext_lazy("Địa chỉ mạng"))


def _move_line(row: Transition, _dossier: Dossier | None) -> Line:
    return row.at, row.dossier.code or "", str(row.get_move_display()), row.actor_name, row.unit.name


def _reading_line(row: AccessLog, dossier: Dossier | None) -> Line:
    code = (dossier.code if dossier else "") or ""
    return row.at, str(row.user), _agency_of(row.user), str(row.get_act_display()), code, row.number


def _sign_in_line(row: SignIn, _dossier: Dossier | None) -> Line:
    who, agency = (str(row.user), _agency_of(row.user)) if row.user else (row.mark, "")
    return row.at, who, agency, str(row.get_outcome_display()), row.address


def _agency_of(user: User) -> str:
    return user.agency.name if user.agency else ""


def _file(
    request: StaffRequest, filters: LogFilter, name: str, headings: Sequence[Promise], line: Callable[..., Line]
) -> HttpResponseBase:
    """All rows of the log that the page shows in pages, the latest first. It is noted as an export."""
    number = filters.qs.order_by().values("pk")[: MOST_ROWS + 1].count() if filters.is_valid() else 0
    if number > MOST_ROWS:
        message = _("Có hơn %(most)s dòng, nhiều hơn một tệp có thể chứa. Vui lòng lọc hẹp hơn.")
        messages.error(request, message % {"most": grouped(MOST_ROWS)})
    if not filters.is_valid() or number > MOST_ROWS:
        query = request.GET.copy()
        query.pop("csv")
        return redirect(f"{request.path}?{query.urlencode()}")
    AccessLog.note(request.user, AccessLog.Act.EXPORT, number=number)

    def lines() -> Iterator[Line]:
        yield [str(heading) for heading in headings]
        batch: list[Row] = []
        for row in filters.qs.iterator(chunk_size=READ_AT_ONCE):
            batch.append(row)
            if len(batch) == READ_AT_ONCE:
                yield from (line(*pair) for pair in _with_dossiers(batch))
                batch = []
        yield from (line(*pair) for pair in _with_dossiers(batch))

    return csv_file(lines(), f"nhat-ky-{name}-{timezone.localtime():%Y%m%d-%H%M}")


# ---- a log as a page


def _page(request: StaffRequest, template: str, filters: LogFilter) -> HttpResponse:
    page = requested_page(request, filters.qs if filters.is_valid() else filters.queryset.none())
    context: dict[str, object] = {
        "filter": filters,
        "filtered": any(request.GET.get(name) for name in filters.form.fields),
        "query": request.GET.urlencode(),
        "rows": page.rows if filters.queryset.model is SignIn else _with_dossiers(page.rows),
        "previous": page.previous,
        "next": page.next,
    }
    return render(request, template, context)


Row = AccessLog | Transition | SignIn


def _with_dossiers(rows: Sequence[Row]) -> list[tuple[Row, Dossier | None]]:
    """Each row with its dossier, or None if it has none."""
    subjects = {row.subject for row in rows if isinstance(row, AccessLog) and row.subject}
    known: dict[UUID | None, Dossier] = {each.uuid: each for each in Dossier.objects.filter(uuid__in=subjects)}
    return [
        (row, known.get(row.subject) if isinstance(row, AccessLog) else getattr(row, "dossier", None)) for row in rows
    ]


def _require_auditor(user: User) -> None:
    if not may_read_log(user):
        raise PermissionDenied(_("Nhật ký dành cho thanh tra, kiểm tra."))
