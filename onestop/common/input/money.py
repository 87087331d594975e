"""Amounts of money in forms: whole đồng, written and read with their thousands apart."""

from __future__ import annotations

import re
from typing import Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from onestop.common.wording import with_points

from .numbers import plainly

# 50.000, 1 500 000, 2,000,000: one sign throughout, so that no decimal fraction is read as thousands.
_IN_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:(?P<sign>[., ])[0-9]{3})(?:(?P=sign)[0-9]{3})*")


class TypedDong(forms.TextInput):
    def __init__(self) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off", "data-dong": True})

    def format_value(self, value: object) -> str | None:
        """With points between the thousands, in every language; what is no number stays as it is."""
        text = super().format_value(value)
        return with_points(int(text)) if text and text.isdecimal() else text


class DongField(forms.IntegerField):
    """Raises ValidationError (`invalid`) on a fraction: 50,5 is neither 50 nor 505 đồng."""

    widget = TypedDong
    default_error_messages = {"invalid": _("Nhập số tiền bằng đồng, không có phần lẻ, ví dụ 50.000.")}

    def to_python(self, value: object) -> int | None:
        if isinstance(value, str):
            text = plainly(value)
            if _IN_THOUSANDS.fullmatch(text):
                text = re.sub(r"[., ]", "", text)
            # Django's own field drops a fraction of zeros, and would read 50.000 as 50.
            if text and not re.fullmatch(r"-?[0-9]+", text):
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            value = text
        return super().to_python(value)
