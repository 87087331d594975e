"""`agencies`: who receives dossiers and who works on them."""

from __future__ import annotations

import django_filters.rest_framework as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.catalog.models import Agency
from onestop.rest.filters import FlagFilter
from onestop.rest.schema import FIELDS

from .catalogue import CatalogueView


class AgencyRow(serializers.ModelSerializer[Agency]):
    # The framework takes declared fields out of the class, so this hides no attribute of its own `Field`.
    parent = serializers.CharField(  # type: ignore[assignment] # see above
        source="parent.code", allow_null=True, help_text=_("Mã định danh của cơ quan cấp trên; null ở cấp 1.")
    )

    class Meta:
        model = Agency
        fields = ["code", "name", "parent", "level", "is_active"]
        read_only_fields = fields


class AgencyFilter(filters.FilterSet):  # type: ignore[misc] # the package ships no types
    parent = filters.ModelChoiceFilter(
        to_field_name="code",
        queryset=Agency.objects.all(),
        help_text=_("Mã định danh của cơ quan cấp trên trực tiếp."),
    )
    is_active = FlagFilter()

    class Meta:
        model = Agency
        fields = ["code", "parent", "level", "is_active"]


EXAMPLE = OpenApiExample(
    "UBND phường Trần Phú",
    {"code": "H22.101", "name": "UBND phường Trần Phú", "parent": "H22", "level": "commune", "is_active": True},
    response_only=True,
    status_codes=["200"],
)


class AgenciesView(CatalogueView):
    queryset = Agency.objects.all()
    serializer_class = AgencyRow
    filterset_class = AgencyFilter

    @extend_schema(
        summary=_("Danh sách cơ quan, đơn vị"),
        description=_("Mọi cơ quan, đơn vị trong danh mục, xếp theo mã; cả những cơ quan không còn hoạt động."),
        responses=AgencyRow(many=True),
        parameters=[FIELDS],
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        return self.several(request)


class AgencyView(CatalogueView):
    queryset = Agency.objects.all()
    serializer_class = AgencyRow

    @extend_schema(
        summary=_("Một cơ quan, đơn vị theo mã định danh"),
        description=_("Tên, cấp và cơ quan cấp trên của một cơ quan, đơn vị."),
        responses=AgencyRow,
        parameters=[FIELDS],
        examples=[EXAMPLE],
    )
    def get(self, request: Request, code: str) -> Response:
        return self.one(request, code)
