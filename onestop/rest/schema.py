"""Describes the contract: one format of errors, and operations named after their resource."""

from __future__ import annotations

from typing import Any, Final, Literal

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_serializer
from rest_framework import serializers

from .fields import LONGEST_INSTANT, DayInput, InstantInput, LineInput, LinesInput, Strict, WholeInput

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
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
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
HIDDEN: Final = r"\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_HIDDEN_IN_LINES: Final = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# The characters that `text.tidy_line` removes or makes blanks of. A text of nothing else is blank. Those beyond U+FFFF
# are left out: not all engines can name them.
_BLANK: Final = (
    r" \u00a0\u00ad\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200d\u202f\u205f-\u2065\u206a-\u206f"
    r"\u2800\u3000\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
)
_BLANK_IN_LINES: Final = rf"\u0009\u000a\u2028\u2029{_BLANK}"
A_LINE: Final = f"^[^{HIDDEN}]*$"
SOME_LINES: Final = f"^[^{_HIDDEN_IN_LINES}]*$"
A_FILLED_LINE: Final = f"^[{_BLANK}]*[^{HIDDEN}{_BLANK}][^{HIDDEN}]*$"
FILLED_LINES: Final = f"^[{_BLANK_IN_LINES}]*[^{_HIDDEN_IN_LINES}{_BLANK_IN_LINES}][^{_HIDDEN_IN_LINES}]*$"
# The years of `time.FIRST_DAY` to `time.LAST_DAY`, and no second 60, which no calendar of Python knows.
_DATE: Final = r"(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_HOUR: Final = r"([01][0-9]|2[0-3])"
A_DAY: Final = f"^{_DATE}$"
AN_INSTANT: Final = rf"^{_DATE}T{_HOUR}:[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]{_HOUR}:[0-5][0-9])$"
# No database stores this character, so no parameter may contain it.
WITHOUT_NUL: Final = r"^[^\u0000]*$"

# A part of the contract. Any: as deep as the library makes it.
Described = dict[str, Any]


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

    def _insert_field_validators(self, field: object, schema: Described) -> None:
        """Declares what our own fields refuse: characters, blank text, moments beyond the calendar, long lists."""
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call] # untyped there
        if isinstance(field, LineInput):
            several = isinstance(field, LinesInput)
            if field.allow_blank:
                schema["pattern"] = SOME_LINES if several else A_LINE
            else:
                schema |= {"pattern": FILLED_LINES if several else A_FILLED_LINE, "minLength": 1}
        elif isinstance(field, InstantInput):
            schema |= {"pattern": AN_INSTANT, "maxLength": LONGEST_INSTANT}
        elif isinstance(field, DayInput):
            schema["pattern"] = A_DAY
        elif isinstance(field, WholeInput):
            # `int64` makes some generators take a number of 64 bits, and write it in quotes, which are refused.
            schema.pop("format", None)
        elif isinstance(field, serializers.ListSerializer):
            schema |= _bounds(field)

    def _get_parameters(self) -> list[Described]:
        """Declares what every parameter refuses, and the names that `fields` takes."""
        parameters: list[Described] = super()._get_parameters()
        for parameter in parameters:
            schema = parameter["schema"]
            if parameter["in"] == "query" and schema.get("type") == "string":
                if parameter["name"] == FIELDS.name:
                    names = "|".join(self._row().fields)
                    schema["pattern"] = f"^({names})(,({names}))*$"
                elif schema.get("format") == "date-time":
                    schema["pattern"] = AN_INSTANT
                elif not {"format", "enum"} & set(schema):
                    schema.setdefault("pattern", WITHOUT_NUL)
                    schema.setdefault("minLength", 1)
        return parameters

    def _row(self) -> serializers.Serializer[object]:
        """The serializer of the rows that the view answers with."""
        row: serializers.Serializer[object] = self.view.get_serializer_class()()  # type: ignore[attr-defined] # of views with fields
        return row

    def _get_filter_parameters(self) -> list[Described]:
        """Declares the longest text that a filter takes."""
        parameters: list[Described] = super()._get_filter_parameters()  # type: ignore[no-untyped-call] # untyped there
        filterset = getattr(self.view, "filterset_class", None)
        filters = filterset.base_filters if filterset is not None else {}
        for parameter in parameters:
            field = filters.get(parameter["name"])
            if field is not None and "max_length" in field.extra:
                parameter["schema"]["maxLength"] = field.extra["max_length"]
        return parameters

    def _get_request_for_media_type(self, serializer: object, direction: str = "request") -> tuple[Described, bool]:
        """Declares the bounds of a list, and that a body which is a file cannot be left out."""
        described = super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call] # untyped there
        schema, required = described
        if isinstance(serializer, serializers.ListSerializer):
            schema |= _bounds(serializer)
        return schema, required or (schema or {}).get("format") == "binary"

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, object]:
        bodies: dict[str, object] = super()._get_response_bodies(direction)
        for code in READING if self.method == "GET" else WRITING:
            described = self._get_response_for_code(Problem, code)  # type: ignore[no-untyped-call] # untyped there
            bodies.setdefault(code, described)
        if self.method == "GET":
            same = OpenApiResponse()
            bodies["304"] = self._get_response_for_code(same, "304")  # type: ignore[no-untyped-call] # untyped there
        return bodies


def _bounds(rows: serializers.ListSerializer[Any]) -> Described:  # Any: of whatever is listed
    """The fewest and the most rows that a list takes."""
    # The stubs do not know these attributes.
    fewest, most = getattr(rows, "min_length", None), getattr(rows, "max_length", None)
    fewest = fewest or (0 if rows.allow_empty else 1)
    return {**({"minItems": fewest} if fewest else {}), **({} if most is None else {"maxItems": most})}
