"""`dossiers/`: where a request stands. Without identity numbers and addresses: who only tracks needs none."""

from __future__ import annotations

from datetime import UTC, datetime

import django_filters.rest_framework as filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from onestop.catalog.models import Agency, Procedure
from onestop.dossiers.models import Dossier, DossierQuerySet, State
from onestop.staff.models import User

from .paging import Paging

# Away from the ends of the calendar, where time zones cannot be reckoned.
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


class DossierSerializer(serializers.ModelSerializer[Dossier]):
    procedure: serializers.SlugRelatedField[Procedure] = serializers.SlugRelatedField(
        slug_field="code", read_only=True
    )
    agency: serializers.SlugRelatedField[Agency] = serializers.SlugRelatedField(slug_field="code", read_only=True)
    unit: serializers.SlugRelatedField[Agency] = serializers.SlugRelatedField(slug_field="code", read_only=True)

    class Meta:
        model = Dossier
        fields = [
            "uuid",
            "code",
            "procedure",
            "agency",
            "unit",
            "state",
            "channel",
            "from_portal",
            "is_test",
            "applicant_kind",
            "applicant_name",
            "summary",
            "registered_at",
            "accepted_at",
            "due_at",
            "decided_at",
            "approved",
            "returned_at",
            "finished_at",
            "moved_at",
        ]
        read_only_fields = fields


def instant(lookup: str, help_text: object) -> filters.IsoDateTimeFilter:
    bounds = [MinValueValidator(FIRST), MaxValueValidator(LAST)]
    return filters.IsoDateTimeFilter(
        field_name="accepted_at", lookup_expr=lookup, validators=bounds, help_text=help_text
    )


class DossierFilter(filters.FilterSet):  # type: ignore[misc] # the package ships no types
    state = filters.MultipleChoiceFilter(choices=State.choices)
    procedure = filters.ModelChoiceFilter(to_field_name="code", queryset=Procedure.objects.all())
    agency = filters.ModelChoiceFilter(
        to_field_name="code",
        queryset=Agency.objects.all(),
        method="received_within",
        help_text=_("Mã định danh của cơ quan tiếp nhận; gồm cả các đơn vị trực thuộc."),
    )
    accepted_from = instant("gte", _("Tiếp nhận từ thời điểm này."))
    accepted_before = instant("lt", _("Tiếp nhận trước thời điểm này."))

    class Meta:
        model = Dossier
        fields = ["code", "state", "procedure", "agency", "accepted_from", "accepted_before"]

    def received_within(self, found: DossierQuerySet, _name: str, agency: Agency) -> DossierQuerySet:
        return found.received_within(agency)


@extend_schema_view(
    list=extend_schema(summary=_("Danh sách hồ sơ trong phạm vi được xem")),
    retrieve=extend_schema(summary=_("Một hồ sơ trong phạm vi được xem")),
)
class DossierViewSet(ReadOnlyModelViewSet[Dossier]):
    serializer_class = DossierSerializer
    filterset_class = DossierFilter
    pagination_class = Paging
    lookup_field = "uuid"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> DossierQuerySet:
        user = self.request.user
        seen = Dossier.objects.visible_to(user) if isinstance(user, User) else Dossier.objects.none()
        return seen.select_related("procedure", "agency", "unit")
