"""The columns and the fields in forms of an applicant's phones and identity number: one way of writing each."""

from __future__ import annotations

from typing import Any, TypeVar

from . import identity_numbers, identity_scans, phones
from .columns import LineColumn
from .form_fields import LineField

_ST = TypeVar("_ST", contravariant=True)
_GT = TypeVar("_GT", covariant=True)


class PhoneField(LineField):
    """One or several phones; what is too long is judged as it is kept, not as it is typed."""

    tidy = staticmethod(phones.canonical)
    longest_typed = 200

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "maxlength": str(self.longest_typed)}


class IdentityNumberField(PhoneField):
    """A number, or the line that a reader types from a card."""

    tidy = staticmethod(identity_numbers.canonical)
    longest_typed = identity_scans.LONGEST


class PhoneColumn(LineColumn[_ST, _GT]):
    tidy = staticmethod(phones.canonical)
    typed_in = PhoneField


class IdentityNumberColumn(LineColumn[_ST, _GT]):
    tidy = staticmethod(identity_numbers.canonical)
    typed_in = IdentityNumberField
