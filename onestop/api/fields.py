"""`fields/`: the fields of administration that procedures belong to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from onestop.catalog.models import Field

from .paging import Paging


class FieldSerializer(serializers.ModelSerializer[Field]):
    class Meta:
        model = Field
        fields = ["code", "name"]
        read_only_fields = fields


@extend_schema_view(
    list=extend_schema(summary=_("Danh sách lĩnh vực")),
    retrieve=extend_schema(summary=_("Một lĩnh vực theo mã")),
)
class FieldViewSet(ReadOnlyModelViewSet[Field]):
    # By code: names are not unique, and pages need a fixed order.
    queryset = Field.objects.order_by("code")
    serializer_class = FieldSerializer
    filterset_fields = ["code"]
    pagination_class = Paging
    lookup_field = "code"
