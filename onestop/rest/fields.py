"""What is read from a partner: exact types, no unknown field, no invisible character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, TypeAlias

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty

from onestop.common.input.text import check_line, check_lines, tidy_line, tidy_lines
from onestop.common.time import FIRST_DAY, LAST_DAY

from .fault_list import MOST_FAULTS

# What a contract has read, by field: the framework knows no types of it.
Validated: TypeAlias = dict[str, Any]

FIRST = datetime.combine(FIRST_DAY, time(), UTC)
LAST = datetime.combine(LAST_DAY + timedelta(days=1), time(), UTC)


class LineInput(serializers.CharField):
    """Text in one line. A number or a truth value is none. Kept as `onestop.common.input.text` keeps all text."""

    check = staticmethod(check_line)
    tidy = staticmethod(tidy_line)

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        self.check(data)
        return self.read(self.tidy(super().to_internal_value(data)))

    def run_validation(self, data: object = empty) -> object:
        """What is nothing but hidden characters and blanks is blank."""
        if isinstance(data, str) and data and not self.tidy(data):
            self.check(data)
            data = ""
        return super().run_validation(data)

    @staticmethod
    def read(text: str) -> str:
        """What tidy `text` is kept as, for a child class that has one way of writing what it reads."""
        return text


class LinesInput(LineInput):
    """Text that may have several lines."""

    check = staticmethod(check_lines)
    tidy = staticmethod(tidy_lines)


class WholeInput(serializers.IntegerField):
    """A whole number, not one in quotes."""

    def to_internal_value(self, data: object) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagInput(serializers.BooleanField):
    """true or false, and nothing that could be meant so."""

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class ChoiceInput(serializers.ChoiceField):
    """One of some words."""

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data))
        return str(super().to_internal_value(data))


class InstantInput(serializers.DateTimeField):
    """An instant with its offset from UTC, as in RFC 3339; read as UTC."""

    default_error_messages = {
        "no_offset": _("Thời điểm phải có múi giờ, như 2026-10-01T08:00:00+07:00."),
        "out_of_range": _("Thời điểm này nằm ngoài lịch dùng được."),
    }

    def to_internal_value(self, value: object) -> datetime:
        try:
            at = parse_datetime(value) if isinstance(value, str) and len(value) <= 40 else None
        except ValueError:
            at = None
        if at is None:
            self.fail("invalid", format="2026-10-01T08:00:00+07:00")
        if at.tzinfo is None:
            self.fail("no_offset")
        if not FIRST <= at < LAST:
            self.fail("out_of_range")
        # PostgreSQL refuses to reckon with an offset that no time zone has.
        return at.astimezone(UTC)


class DayInput(serializers.DateField):
    """A day as 2026-10-01, and in no other of the ways that ISO 8601 has."""

    default_error_messages = {"out_of_range": _("Ngày này nằm ngoài lịch dùng được.")}

    def to_internal_value(self, value: object) -> date:
        try:
            is_text = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII)
            day = date.fromisoformat(str(value)) if is_text else None
        except ValueError:
            day = None
        if day is None:
            self.fail("invalid", format="2026-10-01")
        if not FIRST.date() <= day < LAST.date():
            self.fail("out_of_range")
        return day


class Strict(serializers.Serializer[Any]):
    """An object without any field that it does not know."""

    default_error_messages = {"unknown": _("Không có trường này.")}

    def to_internal_value(self, data: Any) -> Any:
        # A hundred are named, and it takes no longer to find that there are thousands.
        names: Iterable[str] = data if isinstance(data, Mapping) else ()
        unknown = list(islice((name for name in names if name not in self.fields), MOST_FAULTS))
        message = str(self.error_messages["unknown"])
        errors: dict[str, Any] = {name: [serializers.ErrorDetail(message, "unknown")] for name in unknown}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not errors or not isinstance(error.detail, dict):
                raise
            errors = {**error.detail, **errors}
        if errors:
            raise serializers.ValidationError(errors)
        return value


class ListInput(serializers.ListSerializer[Any]):
    """A list of such objects."""
