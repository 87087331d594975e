"""What a resource tells of a row: named in a serializer, read from the database as plain columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from .rendering import local


def columns(serializer: type[BaseSerializer[Any]]) -> dict[str, str]:
    """Where each field of a flat serializer comes from: `agency` from `agency__code`."""
    fields = serializer().fields  # type: ignore[attr-defined] # of serializers with fields
    return {name: field.source.replace(".", "__") for name, field in fields.items()}


def asked(request: Request, names: Iterable[str]) -> list[str]:
    """Those of `names` that `?fields=a,b` asks for; all without it."""
    names, text = list(names), request.query_params.get("fields")
    if text is None:
        return names
    wanted = dict.fromkeys(text.split(","))
    if unknown := [name for name in wanted if name not in names]:
        said = _("Không có trường “%(name)s”. Có: %(names)s.")
        told = {"name": unknown[0][:100], "names": ", ".join(names)}
        raise ValidationError({"fields": [said % told]})
    return list(wanted)


def row(values: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """One row of `.values()` as the contract tells it."""
    return {name: _plain(values[source]) for name, source in fields.items()}


def row_of(instance: Model, fields: Mapping[str, str]) -> dict[str, Any]:
    """The same of an instance."""
    return {name: _plain(_follow(instance, source)) for name, source in fields.items()}


def _follow(instance: Any, source: str) -> Any:
    for name in source.split("__"):
        instance = getattr(instance, name) if instance is not None else None
    return instance


def _plain(value: Any) -> Any:
    return local(value) if isinstance(value, datetime) else value
