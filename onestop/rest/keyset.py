"""Pages of a list that stay exact while rows are added: each page begins after the last row of the previous page."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Model, Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

USUAL, MOST = 50, 200
# A count is exact up to here; counting further would take longer than reading the page.
COUNTED = 10_000


class KeysetPaging(BasePagination):
    """Reads `?limit=`, `?cursor=` from `next`, and `?count=true` for the number of rows up to `COUNTED`.

    The view's `ordering` names columns. The last one is unique, and all are ascending, or all descending.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """One page of a query set of rows or of `values()`. Any: the framework's method takes sequences, too.

        Raises ValidationError for a parameter that is not valid.
        """
        ordering: Sequence[str] = view.ordering  # type: ignore[union-attr] # every list has one
        text = request.query_params.get("limit", str(USUAL))
        if not text.isascii() or not text.isdigit() or len(text) > 4 or not 1 <= int(text) <= MOST:
            raise ValidationError({"limit": [_("Phải là số từ 1 đến %(most)d.") % {"most": MOST}]})
        limit = int(text)
        # Not the address of this call: behind gateways that is one that the partner cannot reach.
        self.url = settings.PUBLIC_URL + request.get_full_path()
        wants_count = request.query_params.get("count", "false")
        if wants_count not in ("true", "false"):
            raise ValidationError({"count": [_("Phải là true hoặc false.")]})
        counted = queryset.order_by().values("pk")[: COUNTED + 1]
        self.counted = counted.count() if wants_count == "true" else None
        cursor = request.query_params.get("cursor")
        if cursor is not None:
            queryset = queryset.filter(_after(ordering, _decoded(cursor, ordering)))
        rows = list(view.first(queryset, limit + 1))  # type: ignore[union-attr] # see above
        self.cursor = _encoded(rows[limit - 1], ordering) if len(rows) > limit else None
        return rows[:limit]

    def get_paginated_response(self, data: object) -> Response:
        following = replace_query_param(self.url, "cursor", self.cursor) if self.cursor else None
        answer: dict[str, object] = {"next": following}
        if self.counted is not None:
            answer |= {"count": min(self.counted, COUNTED), "more": self.counted > COUNTED}
        return Response(answer | {"results": data})

    def get_paginated_response_schema(self, schema: Mapping[str, object]) -> dict[str, object]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": "string", "format": "uri", "nullable": True, "example": None},
                "count": {"type": "integer", "minimum": 0, "maximum": COUNTED, "example": 1},
                "more": {"type": "boolean", "example": False},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, object]]:
        return [
            _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
            _parameter("cursor", {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
            _parameter("count", {"type": "boolean", "default": False}),
        ]


def _parameter(name: str, schema: dict[str, object]) -> dict[str, object]:
    descriptions = {
        "limit": _("Số dòng trong một trang."),
        "cursor": _("Lấy từ `next` của trang trước."),
        "count": _("true: kèm số dòng, đếm đúng đến %(most)d; quá thì `more` là true.") % {"most": COUNTED},
    }
    return {"name": name, "in": "query", "required": False, "description": descriptions[name], "schema": schema}


def _encoded(row: Model | Mapping[str, object], ordering: Sequence[str]) -> str:
    names = [name.lstrip("-") for name in ordering]
    values = [getattr(row, name) if isinstance(row, Model) else row[name] for name in names]
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decoded(text: str, ordering: Sequence[str]) -> list[object]:
    try:
        values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return [_value(name.lstrip("-"), value) for name, value in zip(ordering, values, strict=True)]
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise ValidationError({"cursor": [_("Không phải cursor do máy chủ này đưa ra.")]}) from error


def _value(name: str, value: object) -> object:
    """The value of the column `name` from a cursor. Raises ValueError, TypeError for a value that no row can have."""
    if name.endswith("_at"):
        if not isinstance(value, str):
            raise TypeError(value)
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(value)
        return at.astimezone(UTC)
    if name in ("pk", "id"):
        if type(value) is not int or not 0 <= value < 1 << 63:
            raise ValueError(value)
        return value
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    # Half of a character: the database would refuse the query.
    value.encode()
    return value


def _after(ordering: Sequence[str], values: Sequence[object]) -> Q:
    """The condition for rows after the row with those `values`."""
    beyond = "lt" if ordering[0].startswith("-") else "gt"
    (name, value), *rest = zip((name.lstrip("-") for name in ordering), values, strict=True)
    if not rest:
        return Q(**{f"{name}__{beyond}": value})
    # An index scan can begin at the first condition. The second leaves out those of its rows that come before.
    after = _after(ordering[1:], values[1:])
    return Q(**{f"{name}__{beyond}e": value}) & (Q(**{f"{name}__{beyond}": value}) | after)
