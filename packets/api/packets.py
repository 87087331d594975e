"""`packets`: the state of each message about a dossier, why it waits, and who must act. Never its content."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import django_filters.rest_framework as filters
from django.db.models import Case, F, TextField, Value, When
from django.http import Http404
from django.utils.choices import CallableChoiceIterator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.partners.models import PartnerActor
from onestop.partners.scopes import ApiScope
from onestop.rest.rows import columns, row
from onestop.rest.views import ApiView
from packets.desk.comparison import named_errors
from packets.models import Packet, PacketQuerySet, PacketState
from packets.models.kinds import kind_choices
from packets.models.reasons import ADVICE, WHO, Reason

EXAMPLE = {
    "key": "0198c1f4-5a70-7cc1-b1c4-2f6f1f0a8c11",
    "portal": "quoc-gia",
    "kind": "document",
    "dossier": "0198c1f0-91aa-7b1e-9d5c-5d0f4c1b7a42",
    "dossier_code": "H22.101.00-261001-0001",
    "history_id": 4711,
    "state": "stopped",
    "reason": "invalid",
    "reason_text": "dữ liệu hồ sơ chưa đúng chuẩn",
    "advice": "Cán bộ một cửa sửa thông tin hồ sơ theo chi tiết dưới đây, rồi bấm gửi lại.",
    "who_acts": "cán bộ một cửa",
    "faults": ["Chủ hồ sơ: Không được để trống."],
    "tries": 0,
    "collected_at": "2026-10-01T08:00:02+07:00",
    "first_tried_at": None,
    "due_at": None,
    "settled_at": None,
}


class PacketColumns(serializers.ModelSerializer[Packet]):
    """The columns of a packet's row."""

    portal = serializers.CharField(source="portal.code")
    dossier = serializers.UUIDField(source="dossier.uuid")
    dossier_code = serializers.CharField(source="dossier.code", allow_null=True)
    history_id = serializers.IntegerField(source="transition_id", help_text=_("Bước xử lý được báo."))

    class Meta:
        model = Packet
        fields = [
            "key",
            "portal",
            "kind",
            "dossier",
            "dossier_code",
            "history_id",
            "state",
            "reason",
            "tries",
            "collected_at",
            "first_tried_at",
            "due_at",
            "settled_at",
        ]
        read_only_fields = fields


class PacketRow(PacketColumns):
    """A packet: how it stands, and in words why and what is to be done."""

    reason = serializers.ChoiceField(choices=Reason.choices, allow_blank=True, help_text=_("Trống: không có gì."))
    reason_text = serializers.CharField()
    advice = serializers.CharField()
    who_acts = serializers.CharField(help_text=_("Ai phải làm gì đó, nếu có."))
    faults = serializers.ListField(child=serializers.CharField(), help_text=_("Trường nào sai, không kèm giá trị."))

    class Meta(PacketColumns.Meta):
        fields = [*PacketColumns.Meta.fields, "reason_text", "advice", "who_acts", "faults"]
        read_only_fields = fields


COLUMNS = columns(PacketColumns)


def for_partner(colleague: PartnerActor) -> PacketQuerySet:
    """The partner's packets. Only invalid ones carry their errors: a portal's own words may hold personal data."""
    wrong = Case(When(reason=Reason.INVALID, then=F("detail")), default=Value(""), output_field=TextField())
    return Packet.objects.for_partner(colleague).annotate(wrong=wrong)  # scope: read packets


def in_words(values: Mapping[str, object]) -> dict[str, object]:
    reason = str(values["reason"])
    return row(values, COLUMNS) | {
        "reason_text": str(Reason(reason).label) if reason else "",
        "advice": str(ADVICE.get(reason, "")),
        "who_acts": str(WHO.get(reason, "")),
        "faults": named_errors(str(values["wrong"]), str(values["portal__dialect"])),
    }


class PartnerPacketFilter(filters.FilterSet):  # type: ignore[misc] # the package ships no types
    dossier = filters.UUIDFilter(method="of_dossier", help_text=_("uuid của hồ sơ."))
    kind = filters.ChoiceFilter(choices=CallableChoiceIterator(kind_choices))
    state = filters.MultipleChoiceFilter(choices=PacketState.choices)
    reason = filters.MultipleChoiceFilter(choices=Reason.choices)

    class Meta:
        model = Packet
        fields = ["kind"]

    def of_dossier(self, packets: PacketQuerySet, _name: str, uuid: UUID) -> PacketQuerySet:
        # Their keys are looked up first: a planner without statistics would read all packets in the order of the page.
        return packets.filter(pk__in=list(Packet.objects.filter(dossier__uuid=uuid).values_list("pk", flat=True)))


class PacketsView(ApiView):
    """Of all dossiers that the partner sees."""

    scopes = {"get": ApiScope.PACKETS_READ}
    ordering = ("-pk",)
    queryset = Packet.objects.none()
    serializer_class = PacketRow
    filterset_class = PartnerPacketFilter

    @extend_schema(
        summary=_("Tình trạng các gói tin của hồ sơ, gói mới trước"),
        description=_("Mỗi bước xử lý tạo một gói dữ liệu cho mỗi Cổng. Nội dung của gói không có ở đây."),
    )
    def get(self, request: Request) -> Response:
        rows = self.filter_queryset(for_partner(self.colleague))
        page = self.paginate_queryset(rows.values("pk", "wrong", "portal__dialect", *COLUMNS.values()))
        return self.get_paginated_response([in_words(values) for values in page or ()])


class PacketView(ApiView):
    """One of them."""

    scopes = {"get": ApiScope.PACKETS_READ}
    queryset = Packet.objects.none()
    serializer_class = PacketRow

    @extend_schema(
        summary=_("Một gói tin theo khóa chống trùng"),
        description=_("Gói dừng lại có lý do, người cần xử lý và các trường chưa đúng."),
        examples=[OpenApiExample("Gói đã dừng", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, key: UUID) -> Response:
        values = (
            for_partner(self.colleague).filter(key=key).values("wrong", "portal__dialect", *COLUMNS.values()).first()
        )
        if values is None:
            raise Http404
        return Response(in_words(values))
