"""Describes the contract: one format of errors, and operations named after their resource."""

from __future__ import annotations

from typing import Literal

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_serializer
from rest_framework import serializers

from .fields import LineInput, LinesInput, Strict

# The parameter that `rows.requested_fields` reads.
FIELDS = OpenApiParameter(
    "fields",
    str,
    description=_("Chỉ những trường này, cách nhau bằng dấu phẩy; những trường khác vắng mặt, kể cả trường bắt buộc."),
)
# Where something was created, or was found to be there already.
LOCATION = OpenApiParameter(
    "Location",
    {"type": "string", "format": "uri-reference"},
    OpenApiParameter.HEADER,
    response=[200, 201],
    description=_("Địa chỉ của đối tượng vừa tạo."),
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description=_("Gọi lại với cùng khóa thì được cùng câu trả lời."),
)
PROBLEM_TYPES = ["validation_error", "client_error", "server_error"]


@extend_schema_serializer(component_name="FaultRow")  # partners' clients are generated with this name
class ErrorRow(serializers.Serializer[object]):
    code = serializers.CharField(help_text=_("Lỗi gì, cho máy đọc."))
    detail = serializers.CharField(help_text=_("Lỗi gì, cho người đọc."))
    attr = serializers.CharField(allow_null=True, help_text=_("Ở trường nào, như papers.0.name."))


class Problem(serializers.Serializer[object]):
    """What every error looks like."""

    type = serializers.ChoiceField(choices=PROBLEM_TYPES)
    errors = ErrorRow(many=True)  # type: ignore[assignment] # DRF takes declared fields out of the class


READING = ("400", "401", "403", "404", "406", "429")
WRITING = (*READING, "409", "411", "412", "413", "415", "422")


# The characters that `text.check_line` and `check_lines` refuse, as patterns that all engines understand. Halves of
# characters are left out: JSON with one is not valid Unicode, and some engines would see two halves in a whole emoji.
A_LINE = r"^[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$"
SOME_LINES = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*$"


class ContractSchema(AutoSchema):
    def get_tags(self) -> list[str]:
        """The resource: the first part of the address after the version."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def _is_list_view(self, serializer: object = None) -> bool:
        """A view with pages is a list, unless its address ends with a parameter."""
        paged = getattr(self.view, "pagination_class", None) is not None
        whole = isinstance(serializer, serializers.ListSerializer)
        return whole or (self.method == "GET" and paged and not self.path.endswith("}"))

    def _map_basic_serializer(self, serializer: object, direction: object) -> object:
        """Declares that a strict object refuses unknown fields."""
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call] # untyped there
        return schema | {"additionalProperties": False} if isinstance(serializer, Strict) else schema

    def _insert_field_validators(self, field: object, schema: dict[str, object]) -> None:
        """Declares which characters a text may contain, and that it must not be empty."""
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call] # untyped there
        if isinstance(field, LineInput):
            schema["pattern"] = SOME_LINES if isinstance(field, LinesInput) else A_LINE
            if not field.allow_blank:
                schema["minLength"] = 1

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, object]:
        bodies: dict[str, object] = super()._get_response_bodies(direction)
        for code in READING if self.method == "GET" else WRITING:
            described = self._get_response_for_code(Problem, code)  # type: ignore[no-untyped-call] # untyped there
            bodies.setdefault(code, described)
        if self.method == "GET":
            same = OpenApiResponse()
            bodies["304"] = self._get_response_for_code(same, "304")  # type: ignore[no-untyped-call] # untyped there
        return bodies
