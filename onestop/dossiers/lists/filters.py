"""The filters of the list of dossiers. All values are in the address, so a list can be bookmarked."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, AgencyQuerySet, Field, Procedure
from onestop.common.input.dates import DayField
from onestop.common.input.filter_forms import FilterForm
from onestop.common.time import FIRST_DAY, LAST_DAY, start_of
from onestop.dossiers.models import PAUSED, DossierQuerySet, State
from onestop.staff.models import User

# From tomorrow on, how many days are “the next days”.
NEXT_DAYS = 3


class Turn(models.TextChoices):
    """Who has to act now."""

    DESK = "desk", _("một cửa")
    OFFICE = "office", _("cán bộ xử lý")
    CITIZEN = "citizen", _("người nộp hồ sơ")


STATES: dict[Turn, tuple[State, ...]] = {
    Turn.DESK: (State.REGISTERED, State.COMPLETED),
    Turn.OFFICE: (State.ACCEPTED, State.IN_PROGRESS),
    Turn.CITIZEN: PAUSED,
}


class Due(models.TextChoices):
    LATE = "late", _("đã quá hạn")
    TODAY = "today", _("hôm nay")
    SOON = "soon", _("từ nay đến hết 3 ngày tới")
    PRESSING = "pressing", _("đã quá hạn hoặc trong 3 ngày tới")


# How the list can be sorted, each in both directions. The database has an index for each.
SORTS: dict[str, str] = {"code": "pk", "due": "due_at", "accepted": "accepted_at", "moved": "changed_at"}


def colleagues(request: HttpRequest) -> QuerySet[User]:
    """The people who work at an agency that the user sees."""
    return User.objects.filter(agency__in=agencies_seen(request))


def agencies_seen(request: HttpRequest) -> AgencyQuerySet:
    return request.user.agencies if isinstance(request.user, User) else Agency.objects.none()


def end_of_next_days(now: datetime) -> datetime:
    return start_of(timezone.localdate(now) + timedelta(days=1 + NEXT_DAYS))


class DayFilter(django_filters.DateFilter):  # type: ignore[misc] # the package ships no types
    field_class = DayField


def date_filter(label: object, method: str) -> DayFilter:
    return DayFilter(
        label=label,
        method=method,
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )


class DaysInOrder(FilterForm):
    """A first day after the last one would only show an empty list."""

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        first, last = self.cleaned_data.get("received_from"), self.cleaned_data.get("received_to")
        if first and last and first > last:
            self.add_error("received_to", _("Ngày cuối không được trước ngày đầu."))
        return cleaned


class DossierFilter(django_filters.FilterSet):  # type: ignore[misc] # the package ships no types
    q = django_filters.CharFilter(
        label=_("tìm kiếm"),
        method="filter_text",
        max_length=200,
        widget=forms.TextInput({"type": "search", "placeholder": _("mã hồ sơ, chủ hồ sơ, trích yếu")}),
    )
    state = django_filters.ChoiceFilter(label=_("trạng thái"), choices=State.choices, empty_label=_("mọi trạng thái"))
    field = django_filters.ModelChoiceFilter(
        label=_("lĩnh vực"),
        method="filter_field",
        queryset=Field.objects.all(),
        empty_label=_("mọi lĩnh vực"),
    )
    agency = django_filters.ModelChoiceFilter(
        label=_("cơ quan"), method="filter_agency", queryset=agencies_seen, empty_label=_("mọi cơ quan")
    )
    received_from = date_filter(_("nhận từ ngày"), "filter_from")
    received_to = date_filter(_("đến hết ngày"), "filter_until")
    turn = django_filters.ChoiceFilter(
        label=_("đang chờ"), choices=Turn.choices, method="filter_turn", empty_label=_("tất cả")
    )
    due = django_filters.ChoiceFilter(
        label=_("hạn trả"), choices=Due.choices, method="filter_due", empty_label=_("tất cả")
    )
    # Only set by links: a province has too many units and officers for a list to choose from.
    unit = django_filters.ModelChoiceFilter(label=_("đơn vị"), queryset=agencies_seen, widget=forms.HiddenInput)
    officer = django_filters.ModelChoiceFilter(
        label=_("cán bộ"), queryset=colleagues, null_label=_("chưa ai phụ trách"), widget=forms.HiddenInput
    )
    changed_from = django_filters.DateFilter(
        label=_("có bước xử lý từ"),
        method="filter_changed",
        widget=forms.HiddenInput,
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )

    # The last, so that it holds against the order of another filter. Set by the heads of the table.
    sort = django_filters.ChoiceFilter(
        label=_("sắp xếp"),
        choices=[(order, order) for name in SORTS for order in (name, f"-{name}")],
        method="filter_sort",
        widget=forms.HiddenInput,
    )

    class Meta:
        form = DaysInOrder

    @property
    def is_by_urgency(self) -> bool:
        """Whether all dossiers of the list are running, the next to be due first."""
        typed = self.form.cleaned_data if self.is_valid() else {}
        return not typed.get("sort") and (bool(typed.get("due")) or typed.get("turn") == Turn.OFFICE)

    def in_words(self) -> list[tuple[str, str]]:
        """The filters that a link set and that no field of the form shows, each with the address without it."""
        if not self.is_valid():
            return []
        choices = []
        for name in ("unit", "officer", "changed_from"):
            if value := self.form.cleaned_data.get(name):
                rest = self.data.copy()
                rest.pop(name)
                field = self.form.fields[name]
                shown = date_format(value, "d/m/Y") if isinstance(value, date) else str(value)
                if name == "officer" and value == field.null_value:
                    shown = field.null_label
                choices.append((f"{capfirst(field.label)}: {shown}", f"?{rest.urlencode()}"))
        return choices

    def filter_text(self, dossiers: DossierQuerySet, _name: str, text: str) -> DossierQuerySet:
        return dossiers.matching(text)

    def filter_field(self, dossiers: DossierQuerySet, _name: str, field: Field) -> DossierQuerySet:
        # A subquery: with a condition on the joined procedure, all dossiers would be searched for a rare field.
        return dossiers.filter(procedure__in=Procedure.objects.filter(field=field).order_by().values("pk"))

    def filter_agency(self, dossiers: DossierQuerySet, _name: str, agency: Agency) -> DossierQuerySet:
        """Received or now processed by `agency` or one below it."""
        within = Agency.objects.within(agency).values("pk")
        return dossiers.filter(Q(agency__in=within) | Q(unit__in=within))

    def filter_from(self, dossiers: DossierQuerySet, _name: str, day: date) -> DossierQuerySet:
        return dossiers.filter(accepted_at__gte=start_of(day)).order_by("-accepted_at", "-pk")

    def filter_until(self, dossiers: DossierQuerySet, _name: str, day: date) -> DossierQuerySet:
        return dossiers.filter(accepted_at__lt=start_of(day + timedelta(days=1))).order_by("-accepted_at", "-pk")

    def filter_turn(self, dossiers: DossierQuerySet, _name: str, turn: str) -> DossierQuerySet:
        """The officers' work by urgency; without a due date last."""
        waiting = dossiers.filter(state__in=STATES[Turn(turn)])
        return waiting.order_by(F("due_at").asc(nulls_last=True), "pk") if turn == Turn.OFFICE else waiting

    def filter_due(self, dossiers: DossierQuerySet, _name: str, due: str) -> DossierQuerySet:
        """Orders by due instant: the next to work on first."""
        now = timezone.now()
        match Due(due):
            case Due.LATE:
                narrowed = dossiers.overdue(now)
            case Due.TODAY:
                narrowed = dossiers.due_between(now, start_of(timezone.localdate(now) + timedelta(days=1)))
            case Due.SOON:
                narrowed = dossiers.due_between(now, end_of_next_days(now))
            case Due.PRESSING:
                narrowed = dossiers.overdue(end_of_next_days(now))
        return narrowed.order_by("due_at", "pk")

    def filter_sort(self, dossiers: DossierQuerySet, _name: str, order: str) -> DossierQuerySet:
        """Dossiers without the instant stand behind in one direction, and in front in the other."""
        column = F(SORTS[order.lstrip("-")])
        if order.startswith("-"):
            return dossiers.order_by(column.desc(nulls_first=True), "-pk")
        return dossiers.order_by(column.asc(nulls_last=True), "pk")

    def filter_changed(self, dossiers: DossierQuerySet, _name: str, day: date) -> DossierQuerySet:
        """Moved since that day. `changed_at` has an index, and no row was written before its last move."""
        start = start_of(day)
        return dossiers.filter(changed_at__gte=start, moved_at__gte=start).order_by("-changed_at", "-pk")
