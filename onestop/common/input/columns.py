"""Text in tables: the last door, through which every row goes, whoever writes it.

Forms and serializers have told people what is refused; here text that came another way is mended all the same, and
what is looked for by its exact text is mended alike. In migrations these are Django's own columns: none is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

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
    """What the columns below share. `typed_in` is the form's field that they are typed in."""

    tidy = staticmethod(tidy_line)
    typed_in: type[LineField] = LineField

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc] # of the column it is mixed into
        kind = next(kind for kind in type(self).__mro__ if kind.__module__.startswith("django.db.models"))
        return name, f"django.db.models.{kind.__name__}", args, kwargs

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)  # type: ignore[misc] # of the column it is mixed into
        return self.tidy(text) if isinstance(text, str) else text

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)  # type: ignore[misc] # of the column it is mixed into
        return self.tidy(text) if isinstance(text, str) else text

    def pre_save(self, row: models.Model, add: bool) -> Any:
        """The row itself holds what is written."""
        value = super().pre_save(row, add)  # type: ignore[misc] # of the column it is mixed into
        if isinstance(value, str) and (tidied := self.tidy(value)) != value:
            setattr(row, self.attname, tidied)  # type: ignore[attr-defined] # of the column it is mixed into
            return tidied
        return value

    def formfield(self, **how: Any) -> Any:
        if getattr(self, "choices", None) is None:
            how = {"form_class": self.typed_in} | how
        return super().formfield(**how)  # type: ignore[misc] # of the column it is mixed into


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
