"""Filters of lists, which read an address as strictly as a body is read."""

from __future__ import annotations

from datetime import UTC, datetime

import django_filters.rest_framework as filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django_filters.fields import IsoDateTimeField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from .fields import FIRST, LAST


def takes_several(view: object, name: str) -> bool:
    """Whether the parameter `name` of a list may be given several times."""
    filterset = getattr(view, "filterset_class", None)
    return filterset is not None and isinstance(filterset.base_filters.get(name), filters.MultipleChoiceFilter)


@extend_schema_field(OpenApiTypes.BOOL)
class FlagFilter(filters.TypedChoiceFilter):  # type: ignore[misc] # the package ships no types
    """true or false. The package's own filter ignores any other value and returns the whole list."""

    def __init__(self, **more: object) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], coerce=lambda text: text == "true", **more)


class _InstantField(IsoDateTimeField):  # type: ignore[misc] # the package ships no types
    def clean(self, value: object) -> datetime | None:
        at: datetime | None = super().clean(value)
        # PostgreSQL refuses an offset that no time zone has.
        return at.astimezone(UTC) if at else None


class InstantFilter(filters.IsoDateTimeFilter):  # type: ignore[misc] # the package ships no types
    """An instant within the supported calendar."""

    field_class = _InstantField

    def __init__(self, **more: object) -> None:
        super().__init__(validators=[MinValueValidator(FIRST), MaxValueValidator(LAST)], **more)
