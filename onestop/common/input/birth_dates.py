"""Birth dates, kept as precisely as they are known: of many older people only the year is on record.

The stored forms are the reduced ones of ISO 8601: `1950`, `1950-03`, `1950-03-07`. Nothing is made up.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .columns import LineColumn
from .form_fields import LineField
from .numbers import plainly

_ST = TypeVar("_ST", contravariant=True)
_GT = TypeVar("_GT", covariant=True)

LENGTH: Final = 10
_EARLIEST_YEAR: Final = 1850
_KEPT: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
# 7/3/1950, 07-03-1950, 07031950 as on an identity card; 3/1950; 00/00/1950 as some papers write a year alone.
_TYPED: Final = re.compile(
    r"(?:([0-9]{1,2})\s*[./ -]\s*)?([0-9]{1,2})\s*[./ -]\s*([0-9]{4})|([0-9]{2})([0-9]{2})([0-9]{4})"
)


def canonical(text: str) -> str:
    """`text` in its stored form. Text that is no date is only tidied."""
    plain = plainly(text)
    if not (typed := _TYPED.fullmatch(plain)):
        return plain
    day, month, year = typed.group(1, 2, 3) if typed[3] else typed.group(4, 5, 6)
    known = [year]
    for part in (month, day or "0"):
        if int(part) == 0:
            break
        known.append(f"{int(part):02}")
    return "-".join(known)


def shown(kept: str) -> str:
    """07/03/1950, 03/1950 or 1950. Text that is no date as it is."""
    return "/".join(reversed(kept.split("-"))) if _KEPT.fullmatch(kept) else kept


def check(kept: str) -> None:
    """Raises ValidationError for a stored text that is not the birth date of a person alive now."""
    known = _KEPT.fullmatch(kept)
    try:
        year, month, day = (int(part or 1) for part in known.groups()) if known else (0, 0, 0)
        first = date(year, month, day)
    except ValueError:
        first = date.min
    if first.year < _EARLIEST_YEAR:
        message = _("Nhập ngày sinh theo dạng dd/mm/yyyy, ví dụ 07/03/1950; chỉ biết năm thì nhập 1950.")
        raise ValidationError(message, "invalid")
    if first > timezone.localdate():
        raise ValidationError(_("Ngày sinh ở sau hôm nay."), "future")


class BirthDateField(LineField):
    """A birth date in a form, shown as people write it."""

    tidy = staticmethod(canonical)
    default_validators = [check]
    longest_typed = 20

    def prepare_value(self, value: object) -> object:
        return shown(value) if isinstance(value, str) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        return {**super().widget_attrs(widget), "maxlength": str(self.longest_typed)}


class BirthDateColumn(LineColumn[_ST, _GT]):
    tidy = staticmethod(canonical)
    typed_in = BirthDateField
    default_validators = [*LineColumn.default_validators, check]
