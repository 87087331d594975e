"""The contract of the lines that answer a bulk intake: one for each row, and the totals at the end."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_serializer
from rest_framework import serializers

from onestop.rest.schema import ErrorRow

STATUSES: Final = ["created", "updated", "unchanged", "rejected"]


@extend_schema_serializer(component_name="BulkErrorRow")
class BulkErrorRow(ErrorRow):
    """An error of a row: as all errors, and with the names that this resource had for them first."""

    field = serializers.CharField(allow_null=True, help_text=_("Như `attr`; tên cũ."))
    vi = serializers.CharField(help_text=_("Câu báo lỗi bằng tiếng Việt."))
    en = serializers.CharField(help_text=_("Câu báo lỗi bằng tiếng Anh."))


class BulkRow(serializers.Serializer[object]):
    row = serializers.IntegerField(help_text=_("Số thứ tự của hồ sơ trong lần gửi, từ 1."))
    external_id = serializers.CharField(allow_null=True, help_text=_("null khi không đọc được."))
    status = serializers.ChoiceField(choices=STATUSES, help_text=_("Kết quả của dòng này."))
    uuid = serializers.UUIDField(
        required=False, allow_null=True, help_text=_("Vắng mặt khi bị từ chối; null khi làm thử một hồ sơ mới.")
    )
    code = serializers.CharField(
        required=False,
        allow_null=True,
        help_text=_("Mã hồ sơ. Vắng mặt khi bị từ chối; null khi chưa có mã hoặc làm thử một hồ sơ mới."),
    )
    errors = BulkErrorRow(  # type: ignore[assignment] # DRF takes declared fields out of the class
        many=True, required=False, help_text=_("Chỉ có khi bị từ chối.")
    )


class BulkCounts(serializers.Serializer[object]):
    def get_fields(self) -> dict[str, Any]:  # Any: fields of different types
        return {status: serializers.IntegerField() for status in STATUSES}


class BulkSummary(serializers.Serializer[object]):
    summary = BulkCounts(help_text=_("Số dòng theo kết quả; chỉ có ở dòng cuối."))


LINE: Final = PolymorphicProxySerializer(
    component_name="BulkLine", serializers=[BulkRow, BulkSummary], resource_type_field_name=None
)
