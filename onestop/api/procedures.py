"""`procedures`: what citizens can apply for, with the limit, the papers and the fees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import django_filters.rest_framework as filters
from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.catalog.models import Field, Procedure, ProcedureFee, ProcedurePaper, ProcedureQuerySet, ProcedureResult
from onestop.rest.filters import FlagFilter
from onestop.rest.rows import columns, requested_fields, row
from onestop.rest.schema import FIELDS

from .catalogue import CatalogueView


class ProcedurePaperRow(serializers.ModelSerializer[ProcedurePaper]):
    class Meta:
        model = ProcedurePaper
        fields = ["ordinal", "code", "name", "originals", "copies", "group", "form"]
        read_only_fields = fields


class ProcedureFeeRow(serializers.ModelSerializer[ProcedureFee]):
    class Meta:
        model = ProcedureFee
        fields = ["ordinal", "name", "amount", "text", "direct", "online", "postal", "phase", "is_mandatory"]
        read_only_fields = fields


class ProcedureResultRow(serializers.ModelSerializer[ProcedureResult]):
    class Meta:
        model = ProcedureResult
        fields = ["ordinal", "code", "name"]
        read_only_fields = fields


class ProcedureRow(serializers.ModelSerializer[Procedure]):
    """Of the procedure's own row."""

    field = serializers.CharField(source="field.code", help_text=_("Mã lĩnh vực."))
    promulgator = serializers.CharField(
        source="promulgator.code", allow_null=True, help_text=_("Mã định danh của cơ quan công bố.")
    )
    limit_unit = serializers.ChoiceField(
        choices=Procedure.Unit.choices, allow_blank=True, help_text=_("Trống: thủ tục không có thời hạn bằng số.")
    )
    subjects = serializers.ListField(child=serializers.CharField())
    legal_basis = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Procedure
        fields = [
            "code",
            "name",
            "field",
            "promulgator",
            "level",
            "executed_by",
            "limit",
            "limit_unit",
            "limit_text",
            "direct",
            "online",
            "postal",
            "takes_drawings",
            "subjects",
            "decision_no",
            "legal_basis",
            "is_active",
        ]
        read_only_fields = fields


class ProcedureDetail(ProcedureRow):
    """With what it asks for and what it gives."""

    papers = ProcedurePaperRow(many=True)
    fees = ProcedureFeeRow(many=True)
    results = ProcedureResultRow(many=True)

    class Meta(ProcedureRow.Meta):
        fields = [*ProcedureRow.Meta.fields, "papers", "fees", "results"]
        read_only_fields = fields


PARTS: dict[str, tuple[type[Model], dict[str, str]]] = {
    "papers": (ProcedurePaper, columns(ProcedurePaperRow)),
    "fees": (ProcedureFee, columns(ProcedureFeeRow)),
    "results": (ProcedureResult, columns(ProcedureResultRow)),
}


def parts_of(procedures: Iterable[int], name: str) -> dict[int, list[dict[str, object]]]:
    """The papers, fees or results of each procedure, in their order."""
    model, fields = PARTS[name]
    rows = model._default_manager.filter(procedure__in=procedures).order_by("procedure", "ordinal")
    parts = defaultdict[int, list[dict[str, object]]](list)
    for values in rows.values("procedure_id", *fields.values()):
        parts[values["procedure_id"]].append(row(values, fields))
    return parts


class ProcedureFilter(filters.FilterSet):  # type: ignore[misc] # the package ships no types
    field = filters.ModelChoiceFilter(to_field_name="code", queryset=Field.objects.all(), help_text=_("Mã lĩnh vực."))
    is_active = FlagFilter()
    q = filters.CharFilter(
        method="matching", max_length=200, help_text=_("Các từ trong mã và tên, không kể dấu và chữ hoa.")
    )

    class Meta:
        model = Procedure
        fields = ["code", "field", "level", "is_active", "q"]

    def matching(self, queryset: ProcedureQuerySet, _name: str, text: str) -> ProcedureQuerySet:
        return queryset.matching(text)


EXAMPLE = OpenApiExample(
    "Đăng ký khai sinh",
    {
        "code": "1.001193",
        "name": "Thủ tục đăng ký khai sinh",
        "field": "G15-TP07",
        "promulgator": None,
        "level": "commune",
        "executed_by": "Ủy ban nhân dân cấp xã",
        "limit": "1.00",
        "limit_unit": "working_days",
        "limit_text": "Ngay trong ngày tiếp nhận yêu cầu",
        "direct": True,
        "online": True,
        "postal": True,
        "takes_drawings": False,
        "subjects": ["Công dân Việt Nam"],
        "decision_no": "",
        "legal_basis": ["Luật 60/2014/QH13"],
        "is_active": True,
        "papers": [
            {
                "ordinal": 1,
                "code": "",
                "name": "Tờ khai đăng ký khai sinh theo mẫu",
                "originals": 1,
                "copies": 0,
                "group": "",
                "form": "",
            }
        ],
        "fees": [],
        "results": [{"ordinal": 1, "code": "", "name": "Giấy khai sinh (bản chính)"}],
    },
    response_only=True,
    status_codes=["200"],
)


class ReadingProcedures(CatalogueView):
    """What is not asked for is not read either."""

    queryset = Procedure.objects.all()

    def names(self, request: Request) -> list[str]:
        return requested_fields(request, ProcedureDetail().fields)

    @property
    def columns(self) -> dict[str, str]:
        return columns(ProcedureRow)

    def described(self, rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> list[dict[str, object]]:
        keys = [cast(int, values["pk"]) for values in rows]
        parts = {name: parts_of(keys, name) for name in PARTS if name in names}
        own = super().described(rows, names)
        return [
            row | {name: rows_of.get(key, []) for name, rows_of in parts.items()}
            for key, row in zip(keys, own, strict=True)
        ]


class ProceduresView(ReadingProcedures):
    serializer_class = ProcedureDetail
    filterset_class = ProcedureFilter

    @extend_schema(
        summary=_("Danh sách thủ tục hành chính"),
        description=_("Xếp theo mã. Mỗi thủ tục kèm thời hạn, thành phần hồ sơ, phí, lệ phí và kết quả."),
        responses=ProcedureDetail(many=True),
        parameters=[FIELDS],
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        return self.several(request)


class ProcedureView(ReadingProcedures):
    serializer_class = ProcedureDetail

    @extend_schema(
        summary=_("Một thủ tục hành chính theo mã"),
        description=_("Thời hạn, thành phần hồ sơ, phí, lệ phí và kết quả của một thủ tục."),
        responses=ProcedureDetail,
        parameters=[FIELDS],
        examples=[EXAMPLE],
    )
    def get(self, request: Request, code: str) -> Response:
        return self.one(request, code)
