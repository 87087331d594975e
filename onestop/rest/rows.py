"""Rows of a resource. A serializer names the fields, and the database reads them as plain columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from .rendering import local

Instance = TypeVar("Instance")


def columns(serializer: type[BaseSerializer[Instance]]) -> dict[str, str]:
    """The column of each field of a flat serializer: `agency__code` for `agency`."""
    fields = serializer().fields  # type: ignore[attr-defined] # of serializers with fields
    return {name: field.source.replace(".", "__") for name, field in fields.items()}


def requested_fields(request: Request, names: Iterable[str]) -> list[str]:
    """Those of `names` that `?fields=a,b` requests; all of them without the parameter. Raises ValidationError."""
    names, text = list(names), request.query_params.get("fields")
    if text is None:
        return names
    requested = dict.fromkeys(text.split(","))
    if unknown := [name for name in requested if name not in names]:
        message = _("Không có trường “%(name)s”. Có: %(names)s.")
        params = {"name": unknown[0][:100], "names": ", ".join(names)}
        raise ValidationError({"fields": [message % params]})
    return list(requested)


def row(values: Mapping[str, object], fields: Mapping[str, str]) -> dict[str, object]:
    """One row of `.values()` with the field names of the contract."""
    return {name: _plain(values[source]) for name, source in fields.items()}


def row_of(instance: Model, fields: Mapping[str, str]) -> dict[str, object]:
    """The same for an instance of a model."""
    values: dict[str, object] = {}
    for name, source in fields.items():
        value: object = instance
        for part in source.split("__"):
            value = getattr(value, part) if value is not None else None
        values[name] = _plain(value)
    return values


def _plain(value: object) -> object:
    return local(value) if isinstance(value, datetime) else value
