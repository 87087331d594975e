"""Columns of text that tidy what they store.

Forms and serializers tidy and refuse text first. These columns also tidy text that reaches the table in another way,
such as an import or a script, and the text of a query that looks for an exact value. A migration sees Django's own
columns, so a change here needs no migration.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.db import models

from .form_fields import EmailField, LineField, LinesField
from .text import check_line, check_lines, tidy_line, tidy_lines

_ST = TypeVar("_ST", contravariant=True)
_GT = TypeVar("_GT", covariant=True)

if TYPE_CHECKING:

    class _Char(models.CharField[_ST, _GT]): ...

    class _Text(models.TextField[_ST, _GT]): ...

    class _Email(models.EmailField[_ST, _GT]): ...

else:

    class _Char(models.CharField):
        def __class_getitem__(cls, types):
            return cls

    class _Text(models.TextField):
        def __class_getitem__(cls, types):
            return cls

    class _Email(models.EmailField):
        def __class_getitem__(cls, types):
            return cls


class Tidied:
    """Shared by the columns below. `typed_in` is the field of a form for this column."""

    tidy = staticmethod(tidy_line)
    typed_in: type[LineField] = LineField

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc] # of the column it is mixed into
        kind = next(kind for kind in type(self).__mro__ if kind.__module__.startswith("django.db.models"))
        return name, f"django.db.models.{kind.__name__}", args, kwargs

    def to_python(self, value: object) -> object:
        text = super().to_python(value)  # type: ignore[misc] # of the column it is mixed into
        return self.tidy(text) if isinstance(text, str) else text

    def get_prep_value(self, value: object) -> object:
        text = super().get_prep_value(value)  # type: ignore[misc] # of the column it is mixed into
        return self.tidy(text) if isinstance(text, str) else text

    def pre_save(self, row: models.Model, add: bool) -> object:
        """Puts the tidied text into the row as well, so that the row holds what is stored."""
        value = super().pre_save(row, add)  # type: ignore[misc] # of the column it is mixed into
        if isinstance(value, str) and (tidied := self.tidy(value)) != value:
            setattr(row, self.attname, tidied)  # type: ignore[attr-defined] # of the column it is mixed into
            return tidied
        return value

    def formfield(self, **options: Any) -> forms.Field | None:  # Any: each is of its own type
        if getattr(self, "choices", None) is None:
            options = {"form_class": self.typed_in} | options
        field: forms.Field | None = super().formfield(**options)  # type: ignore[misc] # of the column it is mixed into
        return field


class LineColumn(Tidied, _Char[_ST, _GT]):
    """Text in one line."""

    default_validators = [check_line]


class LinesColumn(Tidied, _Char[_ST, _GT]):
    """Text of a bounded length that may have several lines."""

    tidy = staticmethod(tidy_lines)
    typed_in = LinesField
    default_validators = [check_lines]


class LongTextColumn(Tidied, _Text[_ST, _GT]):
    """Text of any length that may have several lines."""

    tidy = staticmethod(tidy_lines)
    typed_in = LinesField
    default_validators = [check_lines]


class EmailColumn(Tidied, _Email[_ST, _GT]):
    """An address for mail."""

    typed_in = EmailField
    default_validators = [check_line, *models.EmailField.default_validators]
