"""Reads thousands of rows by a serializer's own fields, without the framework's work around each value.

It reads only values that the serializer would accept without a change. All others, valid or not, are left to the
serializer, whose messages a refusal needs anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from django.core import validators as checks
from django.core.exceptions import ValidationError as ModelError
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from onestop.common.input.text import is_tidy_line

from .fields import ChoiceInput, FlagInput, LineInput, Strict, WholeInput

# Reads a value, or raises NotPlain.
Reading: TypeAlias = Callable[[object], Any]  # Any: the framework does not know the types of the values
InputField: TypeAlias = serializers.Field[Any, Any, Any, Any]  # Any: fields read and write different types
# The validators of lengths and bounds. A field with any other validator is read by the framework.
_KNOWN: Final = (
    checks.MaxLengthValidator,
    checks.MinLengthValidator,
    checks.MaxValueValidator,
    checks.MinValueValidator,
    checks.ProhibitNullCharactersValidator,
    ProhibitSurrogateCharactersValidator,
)


class NotPlain(Exception):
    """The serializer itself must read the value."""


def reading_by(serializer: Strict) -> Reading:
    """A function that reads an object as `serializer` would, or raises NotPlain."""
    if type(serializer).to_internal_value is not Strict.to_internal_value or serializer.validators:
        return _as_the_framework_does(serializer)
    fields = {name: (_reading(field), field) for name, field in serializer.fields.items() if not field.read_only}
    if any(field.source != name or hasattr(serializer, f"validate_{name}") for name, (_read, field) in fields.items()):
        return _as_the_framework_does(serializer)
    needed = [name for name, (_read, field) in fields.items() if field.required or field.default is not empty]
    readings = {name: read for name, (read, _field) in fields.items()}

    def read(data: object) -> object:
        if type(data) is not dict or not all(name in data for name in needed):
            raise NotPlain
        try:
            values = {name: readings[name](value) for name, value in data.items()}
        except KeyError as error:
            raise NotPlain from error
        return _refusals_left_to_it(serializer.validate, values)

    return read


def _reading(field: InputField) -> Reading:
    read = _reading_of_value(field)
    if field.allow_null:
        return lambda data: None if data is None else read(data)
    return read


def _reading_of_value(field: InputField) -> Reading:
    if isinstance(field, serializers.ListSerializer):
        return _list(field)
    if isinstance(field, Strict):
        return reading_by(field)
    if not all(type(check) in _KNOWN for check in field.validators):
        return _as_the_framework_does(field)
    bounds = {type(check): check.limit_value for check in field.validators if hasattr(check, "limit_value")}
    kind = type(field)
    if isinstance(field, LineInput) and kind.to_internal_value is LineInput.to_internal_value:
        shortest = max(bounds.get(checks.MinLengthValidator, 0), 0 if field.allow_blank else 1)
        return _text(shortest, bounds.get(checks.MaxLengthValidator, float("inf")), field.read)
    if kind is WholeInput:
        least = bounds.get(checks.MinValueValidator, float("-inf"))
        return _whole(least, bounds.get(checks.MaxValueValidator, float("inf")))
    if kind is FlagInput:
        return _flag
    if isinstance(field, ChoiceInput) and kind is ChoiceInput:
        return _choice({str(word) for word in field.choices})
    return _as_the_framework_does(field)


def _text(shortest: int, longest: float, as_kept: Callable[[str], str]) -> Reading:
    def read(data: object) -> str:
        if type(data) is str and shortest <= len(data) <= longest and is_tidy_line(data) and as_kept(data) == data:
            return data
        raise NotPlain

    return read


def _whole(least: float, most: float) -> Reading:
    def read(data: object) -> int:
        if type(data) is int and least <= data <= most:
            return data
        raise NotPlain

    return read


def _flag(data: object) -> bool:
    if type(data) is bool:
        return data
    raise NotPlain


def _choice(words: set[str]) -> Reading:
    def read(data: object) -> str:
        if type(data) is str and data in words:
            return data
        raise NotPlain

    return read


def _list(field: Any) -> Reading:  # Any: the stubs do not know the bounds of a ListSerializer
    if field.validators:
        return _as_the_framework_does(field)
    read_one = _reading(field.child)
    shortest = max(field.min_length or 0, 0 if field.allow_empty else 1)
    longest = field.max_length if field.max_length is not None else float("inf")

    def read(data: object) -> list[object]:
        if type(data) is list and shortest <= len(data) <= longest:
            return [read_one(part) for part in data]
        raise NotPlain

    return read


def _as_the_framework_does(field: InputField) -> Reading:
    return lambda data: _refusals_left_to_it(field.run_validation, data)


def _refusals_left_to_it(check: Reading, data: object) -> object:
    try:
        value = check(data)
    except (serializers.ValidationError, ModelError) as error:
        raise NotPlain from error
    return dict(value) if isinstance(value, Mapping) else value
