"""What a list is narrowed by, read from an address as strictly as a body is."""

from __future__ import annotations

from typing import Any

import django_filters.rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field


@extend_schema_field(OpenApiTypes.BOOL)
class FlagFilter(filters.TypedChoiceFilter):  # type: ignore[misc] # the package ships no types
    """true or false. The package's own one takes anything else for no filter at all."""

    def __init__(self, **more: Any) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], coerce=lambda text: text == "true", **more)
