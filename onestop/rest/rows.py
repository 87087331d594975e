"""The rows of a resource: a serializer names the fields, the database gives them as plain columns."""

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
    requested = dict.fromkeys(text.split(","))
    if unknown := [name for name in requested if name not in names]:
        message = _("Không có trường “%(name)s”. Có: %(names)s.")
        params = {"name": unknown[0][:100], "names": ", ".join(names)}
        raise ValidationError({"fields": [message % params]})
    return list(requested)


def row(values: Mapping[str, object], fields: Mapping[str, str]) -> dict[str, object]:
    """One row of `.values()` as the contract has it."""
    return {name: _plain(values[source]) for name, source in fields.items()}


def row_of(instance: Model, fields: Mapping[str, str]) -> dict[str, object]:
    """The same of an instance."""
    values: dict[str, object] = {}
    for name, source in fields.items():
        value: object = instance
        for part in source.split("__"):
            value = getattr(value, part) if value is not None else None
        values[name] = _plain(value)
    return values


def _plain(value: object) -> object:
    return local(value) if isinstance(value, datetime) else value
