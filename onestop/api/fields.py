"""`fields`: the fields of administration that procedures belong to."""

from __future__ import annotations

import django_filters.rest_framework as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.catalog.models import Field
from onestop.rest.schema import FIELDS

from .catalogue import CatalogueView


class FieldRow(serializers.ModelSerializer[Field]):
    class Meta:
        model = Field
        fields = ["code", "name"]
        read_only_fields = fields


class FieldFilter(filters.FilterSet):  # type: ignore[misc] # the package ships no types
    class Meta:
        model = Field
        fields = ["code"]


EXAMPLE = OpenApiExample("Hộ tịch", {"code": "G15-TP07", "name": "Hộ tịch"}, response_only=True, status_codes=["200"])


class FieldsView(CatalogueView):
    queryset = Field.objects.all()
    serializer_class = FieldRow
    filterset_class = FieldFilter

    @extend_schema(
        summary=_("Danh sách lĩnh vực"),
        description=_("Mọi lĩnh vực trong danh mục, xếp theo mã."),
        responses=FieldRow(many=True),
        parameters=[FIELDS],
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        return self.several(request)


class FieldView(CatalogueView):
    queryset = Field.objects.all()
    serializer_class = FieldRow

    @extend_schema(
        summary=_("Một lĩnh vực theo mã"),
        description=_("Mã và tên của một lĩnh vực."),
        responses=FieldRow,
        parameters=[FIELDS],
        examples=[EXAMPLE],
    )
    def get(self, request: Request, code: str) -> Response:
        return self.one(request, code)
