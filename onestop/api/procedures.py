"""`procedures/`: what citizens can ask for, with the limit, the papers and the fees."""

from __future__ import annotations

import django_filters.rest_framework as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from onestop.catalog.models import Agency, Field, Procedure, ProcedureFee, ProcedurePaper, ProcedureResult

from .paging import Paging


class ProcedurePaperSerializer(serializers.ModelSerializer[ProcedurePaper]):
    class Meta:
        model = ProcedurePaper
        fields = ["ordinal", "code", "name", "originals", "copies", "group", "form"]
        read_only_fields = fields


class ProcedureFeeSerializer(serializers.ModelSerializer[ProcedureFee]):
    class Meta:
        model = ProcedureFee
        fields = ["ordinal", "name", "amount", "text", "direct", "online", "postal", "phase"]
        read_only_fields = fields


class ProcedureResultSerializer(serializers.ModelSerializer[ProcedureResult]):
    class Meta:
        model = ProcedureResult
        fields = ["ordinal", "code", "name"]
        read_only_fields = fields


class ProcedureSerializer(serializers.ModelSerializer[Procedure]):
    field: serializers.SlugRelatedField[Field] = serializers.SlugRelatedField(slug_field="code", read_only=True)
    promulgator: serializers.SlugRelatedField[Agency] = serializers.SlugRelatedField(
        slug_field="code", read_only=True, allow_null=True
    )
    subjects = serializers.ListField(child=serializers.CharField(), read_only=True)
    legal_basis = serializers.ListField(child=serializers.CharField(), read_only=True)
    papers = ProcedurePaperSerializer(many=True, read_only=True)
    fees = ProcedureFeeSerializer(many=True, read_only=True)
    results = ProcedureResultSerializer(many=True, read_only=True)

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
            "subjects",
            "decision_no",
            "legal_basis",
            "is_active",
            "papers",
            "fees",
            "results",
        ]
        read_only_fields = fields


class ProcedureFilter(filters.FilterSet):  # type: ignore[misc] # the package ships no types
    field = filters.ModelChoiceFilter(to_field_name="code", queryset=Field.objects.all())

    class Meta:
        model = Procedure
        fields = ["code", "field", "level", "is_active"]


@extend_schema_view(
    list=extend_schema(summary=_("Danh sách thủ tục hành chính")),
    retrieve=extend_schema(summary=_("Một thủ tục hành chính theo mã")),
)
class ProcedureViewSet(ReadOnlyModelViewSet[Procedure]):
    queryset = Procedure.objects.select_related("field", "promulgator").prefetch_related("papers", "fees", "results")
    serializer_class = ProcedureSerializer
    filterset_class = ProcedureFilter
    pagination_class = Paging
    lookup_field = "code"
