"""How the list of dossiers is narrowed; every choice stands in the address, so a list can be bookmarked."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, AgencyQuerySet, Field
from onestop.staff.models import User

from .models import DossierQuerySet, State

# Wide enough for any dossier, and away from the ends of the calendar, where time zones cannot be reckoned.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


def agencies_seen(request: HttpRequest) -> AgencyQuerySet:
    return request.user.agencies if isinstance(request.user, User) else Agency.objects.none()


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def date_filter(label: object, method: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(
        label=label,
        method=method,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )


class DossierFilter(django_filters.FilterSet):  # type: ignore[misc] # the package ships no types
    q = django_filters.CharFilter(
        label=_("tìm kiếm"),
        method="narrow_to_text",
        max_length=200,
        widget=forms.TextInput({"type": "search", "placeholder": _("mã hồ sơ, chủ hồ sơ, trích yếu")}),
    )
    state = django_filters.ChoiceFilter(label=_("trạng thái"), choices=State.choices, empty_label=_("mọi trạng thái"))
    field = django_filters.ModelChoiceFilter(
        label=_("lĩnh vực"),
        field_name="procedure__field",
        queryset=Field.objects.all(),
        empty_label=_("mọi lĩnh vực"),
    )
    agency = django_filters.ModelChoiceFilter(
        label=_("cơ quan"), method="narrow_to_agency", queryset=agencies_seen, empty_label=_("mọi cơ quan")
    )
    received_from = date_filter(_("nhận từ ngày"), "narrow_from")
    received_to = date_filter(_("đến hết ngày"), "narrow_to")
    overdue = django_filters.BooleanFilter(
        label=_("chỉ hồ sơ quá hạn"), method="narrow_to_overdue", widget=forms.CheckboxInput
    )

    def narrow_to_text(self, found: DossierQuerySet, _name: str, text: str) -> DossierQuerySet:
        return found.matching(text)

    def narrow_to_agency(self, found: DossierQuerySet, _name: str, agency: Agency) -> DossierQuerySet:
        """Received or now processed by `agency` or one below it."""
        within = Agency.objects.within(agency).values("pk")
        return found.filter(Q(agency__in=within) | Q(unit__in=within))

    def narrow_from(self, found: DossierQuerySet, _name: str, day: date) -> DossierQuerySet:
        return found.filter(accepted_at__gte=start_of(day))

    def narrow_to(self, found: DossierQuerySet, _name: str, day: date) -> DossierQuerySet:
        return found.filter(accepted_at__lt=start_of(day + timedelta(days=1)))

    def narrow_to_overdue(self, found: DossierQuerySet, _name: str, wanted: bool) -> DossierQuerySet:
        return found.overdue(timezone.now()) if wanted else found
