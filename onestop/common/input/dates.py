"""Days and moments in forms, written dd/mm/yyyy whatever the language of the browser.

A browser shows `type=date` in its own language, often mm/dd/yyyy. These fields are plain text, and `dates.js` adds the
browser's calendar beside them. They also take one digit for a day or a month, two for a year, dots and hyphens for
slashes, and ISO 8601, in which the links between pages write days.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from django import forms
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

DAY, MOMENT = "%d/%m/%Y", "%d/%m/%Y %H:%M"
DAYS, MOMENTS = [DAY, "%d/%m/%y", "%Y-%m-%d"], [MOMENT, "%d/%m/%y %H:%M"]
# What Django gives a field to read: a text, or the value that the form began with.
Entered = str | datetime | date | None
WITH_OTHER_SIGNS = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4}|\d{2})(?:[\s,]+(\d{1,2}:\d{2}))?")


class TypedDay(forms.DateInput):
    def __init__(self) -> None:
        attrs = {"data-picker": "date", "data-picker-label": _("Chọn trên lịch"), "placeholder": _("dd/mm/yyyy")}
        super().__init__(attrs | {"autocomplete": "off"}, format=DAY)

    def format_value(self, value: object) -> str | None:
        return super().format_value(_parsed(parse_date, value))


class TypedMoment(forms.DateTimeInput):
    def __init__(self) -> None:
        attrs = {"data-picker": "datetime-local", "data-picker-label": _("Chọn trên lịch")}
        super().__init__(attrs | {"placeholder": _("dd/mm/yyyy hh:mm"), "autocomplete": "off"}, format=MOMENT)

    def format_value(self, value: object) -> str | None:
        return super().format_value(_parsed(parse_datetime, value))


class DayField(forms.DateField):
    widget = TypedDay
    default_error_messages = {"invalid": _("Nhập ngày theo dạng dd/mm/yyyy, ví dụ 27/11/2026.")}

    def __init__(self, **options: object) -> None:
        super().__init__(**{"input_formats": DAYS} | options)  # type: ignore[arg-type] # the options of Django's field

    def to_python(self, value: Entered) -> date | None:
        return super().to_python(_with_slashes(value))


class MomentField(forms.DateTimeField):
    widget = TypedMoment
    default_error_messages = {"invalid": _("Nhập ngày giờ theo dạng dd/mm/yyyy hh:mm, ví dụ 27/11/2026 16:30.")}

    def __init__(self, **options: object) -> None:
        super().__init__(**{"input_formats": MOMENTS} | options)  # type: ignore[arg-type] # the options of Django's field

    def to_python(self, value: Entered) -> datetime | None:
        return super().to_python(_with_slashes(value))


def _with_slashes(value: Entered) -> Entered:
    """A typed day or moment with the signs that `DAYS` and `MOMENTS` expect; anything else as it is."""
    matched = WITH_OTHER_SIGNS.fullmatch(value.strip()) if isinstance(value, str) else None
    if matched is None:
        return value
    day, month, year, clock = matched.groups()
    return f"{day}/{month}/{year}" + (f" {clock}" if clock else "")


def _parsed(parse: Callable[[str], object], value: object) -> object:
    """The day or moment that `value` writes by ISO 8601, or `value` itself."""
    try:
        return parse(value) or value if isinstance(value, str) else value
    except ValueError:
        return value
