"""`agencies/`: who receives dossiers and who works on them."""

from __future__ import annotations

import django_filters.rest_framework as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from onestop.catalog.models import Agency

from .paging import Paging


class AgencySerializer(serializers.ModelSerializer[Agency]):
    # DRF takes declared fields out of the class, so this hides no attribute of its own `Field`.
    parent: serializers.SlugRelatedField[Agency] = serializers.SlugRelatedField(  # type: ignore[assignment] # see above
        slug_field="code", read_only=True, allow_null=True
    )

    class Meta:
        model = Agency
        fields = ["code", "name", "parent", "level", "is_active"]
        read_only_fields = fields


class AgencyFilter(filters.FilterSet):  # type: ignore[misc] # the package ships no types
    parent = filters.ModelChoiceFilter(to_field_name="code", queryset=Agency.objects.all())

    class Meta:
        model = Agency
        fields = ["code", "parent", "level", "is_active"]


@extend_schema_view(
    list=extend_schema(summary=_("Danh sách cơ quan, đơn vị")),
    retrieve=extend_schema(summary=_("Một cơ quan, đơn vị theo mã định danh")),
)
class AgencyViewSet(ReadOnlyModelViewSet[Agency]):
    queryset = Agency.objects.select_related("parent")
    serializer_class = AgencySerializer
    filterset_class = AgencyFilter
    pagination_class = Paging
    lookup_field = "code"
