"""The logs for auditors: who made which move, who read which dossier, who signed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from onestop.common.pagination import requested_page
from onestop.common.time import start_of
from onestop.common.web.visitors import network_of
from onestop.staff.models import AccessLog, SignIn, User
from onestop.staff.requests import StaffRequest

from .lists.filters import date_filter
from .models import Dossier, Move, Transition
from .roles import may_read_log


class LogFilter(django_filters.FilterSet):  # type: ignore[misc] # the package ships no types
    """The filters that all logs share. `whom`: the field that holds who did it."""

    whom: str
    who = django_filters.CharFilter(label=gettext_lazy("người thực hiện"), method="filter_person", max_length=150)
    day = date_filter(gettext_lazy("ngày"), "filter_day")

    def filter_person(self, rows: QuerySet[Model], _name: str, text: str) -> QuerySet[Model]:
        named = User.objects.filter(Q(username__iexact=text) | Q(full_name__icontains=text))
        return rows.filter(**{f"{self.whom}__in": named.values("pk")})

    def filter_day(self, rows: QuerySet[Model], _name: str, day: date) -> QuerySet[Model]:
        return rows.filter(at__gte=start_of(day), at__lt=start_of(day + timedelta(days=1)))


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
def moves(request: StaffRequest) -> HttpResponse:
    _require_auditor(request.user)
    seen = Transition.objects.filter(dossier__in=Dossier.objects.visible_to(request.user))
    filters = MoveFilter(request.GET, seen.select_related("dossier", "unit").order_by("-pk"), request=request)
    return _page(request, "dossiers/log_of_moves.html", filters)


@require_GET
@never_cache
def readings(request: StaffRequest) -> HttpResponse:
    _require_auditor(request.user)
    seen = AccessLog.objects.of_staff_of(request.user)
    filters = ReadingFilter(request.GET, seen.select_related("user__agency").order_by("-pk"), request=request)
    return _page(request, "dossiers/log_of_readings.html", filters)


@require_GET
@never_cache
def sign_ins(request: StaffRequest) -> HttpResponse:
    _require_auditor(request.user)
    seen = SignIn.objects.of_staff_of(request.user)
    filters = SignInFilter(request.GET, seen.select_related("user__agency").order_by("-pk"), request=request)
    return _page(request, "dossiers/log_of_sign_ins.html", filters)


def _page(request: StaffRequest, template: str, filters: LogFilter) -> HttpResponse:
    page = requested_page(request, filters.qs if filters.is_valid() else filters.queryset.none())
    context: dict[str, object] = {
        "filter": filters,
        "filtered": any(request.GET.get(name) for name in filters.form.fields),
        "rows": page.rows if filters.queryset.model is SignIn else _with_dossiers(page.rows),
        "previous": page.previous,
        "next": page.next,
    }
    return render(request, template, context)


def _with_dossiers(rows: Sequence[AccessLog | Transition]) -> list[tuple[AccessLog | Transition, Dossier | None]]:
    """Each row with its dossier, or None if it has none."""
    subjects = {row.subject for row in rows if isinstance(row, AccessLog) and row.subject}
    known: dict[UUID | None, Dossier] = {each.uuid: each for each in Dossier.objects.filter(uuid__in=subjects)}
    return [(row, known.get(row.subject) if isinstance(row, AccessLog) else row.dossier) for row in rows]


def _require_auditor(user: User) -> None:
    if not may_read_log(user):
        raise PermissionDenied(_("Nhật ký dành cho thanh tra, kiểm tra."))
