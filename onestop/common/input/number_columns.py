"""Columns and form fields for an applicant's phones and identity number, which have one stored form each."""

from __future__ import annotations

from typing import TypeVar

from django import forms

from . import identity_numbers, identity_scans, phones
from .columns import LineColumn
from .form_fields import LineField

_ST = TypeVar("_ST", contravariant=True)
_GT = TypeVar("_GT", covariant=True)


class PhoneField(LineField):
    """One or several phones. The length of the stored form is limited, not that of the typed text."""

    tidy = staticmethod(phones.canonical)
    longest_typed = 200

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        return {**super().widget_attrs(widget), "maxlength": str(self.longest_typed)}


class IdentityNumberField(PhoneField):
    """A number, or the line that a scanner types from a card."""

    tidy = staticmethod(identity_numbers.canonical)
    longest_typed = identity_scans.LONGEST


class PhoneColumn(LineColumn[_ST, _GT]):
    tidy = staticmethod(phones.canonical)
    typed_in = PhoneField


class IdentityNumberColumn(LineColumn[_ST, _GT]):
    tidy = staticmethod(identity_numbers.canonical)
    typed_in = IdentityNumberField
