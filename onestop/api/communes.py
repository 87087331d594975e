"""`communes`: the wards and communes of today, found by their names of today and of before the mergers."""

from __future__ import annotations

import django_filters.rest_framework as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.catalog.models import Commune, FormerCommune
from onestop.catalog.models.place import PlaceQuerySet
from onestop.catalog.places.finding import typed_words
from onestop.rest.filters import FlagFilter
from onestop.rest.schema import FIELDS

from .catalogue import CatalogueView


class CommuneRow(serializers.ModelSerializer[Commune]):
    province = serializers.CharField(source="province.code", help_text=_("Mã tỉnh, thành phố."))
    province_name = serializers.CharField(source="province.name")

    class Meta:
        model = Commune
        fields = ["code", "name", "province", "province_name", "is_active"]
        read_only_fields = fields


class CommuneFilter(filters.FilterSet):  # type: ignore[misc] # the package ships no types
    q = filters.CharFilter(
        method="matching",
        max_length=200,
        help_text=_("Các từ trong tên hiện nay hoặc tên trước sắp xếp (có thể kèm huyện, tỉnh), không kể dấu."),
    )
    province = filters.CharFilter(field_name="province__code", max_length=2, help_text=_("Mã tỉnh, thành phố."))
    former_code = filters.CharFilter(
        method="with_former_code",
        max_length=5,
        help_text=_("Mã của xã, phường, thị trấn trước sắp xếp: trả về các đơn vị hiện nay trên địa bàn đó."),
    )
    is_active = FlagFilter()

    class Meta:
        model = Commune
        fields = ["code", "province", "is_active"]

    def matching(self, queryset: PlaceQuerySet, _name: str, text: str) -> PlaceQuerySet:
        words = typed_words(text)
        today, former = Commune.objects.matching(words), FormerCommune.objects.matching(words)
        return queryset.filter(Q(pk__in=today.values("pk")) | Q(pk__in=former.values("commune")))

    def with_former_code(self, queryset: PlaceQuerySet, _name: str, code: str) -> PlaceQuerySet:
        return queryset.filter(pk__in=FormerCommune.objects.filter(code=code).values("commune"))


EXAMPLE = OpenApiExample(
    "Phường Sài Gòn",
    {
        "code": "26740",
        "name": "Phường Sài Gòn",
        "province": "79",
        "province_name": "Thành phố Hồ Chí Minh",
        "is_active": True,
    },
    response_only=True,
    status_codes=["200"],
)


class CommunesView(CatalogueView):
    queryset = Commune.objects.all()
    serializer_class = CommuneRow
    filterset_class = CommuneFilter

    @extend_schema(
        summary=_("Danh sách xã, phường, đặc khu"),
        description=_(
            "Đơn vị hành chính cấp xã theo danh mục của cơ quan thống kê, xếp theo mã. Tìm được bằng tên hoặc mã "
            "trước ngày 01/7/2025; `is_active` là false với đơn vị không còn sử dụng."
        ),
        responses=CommuneRow(many=True),
        parameters=[FIELDS],
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        return self.several(request)


class CommuneView(CatalogueView):
    queryset = Commune.objects.all()
    serializer_class = CommuneRow

    @extend_schema(
        summary=_("Một xã, phường, đặc khu theo mã"),
        description=_("Tên và tỉnh, thành phố của một đơn vị hành chính cấp xã."),
        responses=CommuneRow,
        parameters=[FIELDS],
        examples=[EXAMPLE],
    )
    def get(self, request: Request, code: str) -> Response:
        return self.one(request, code)
