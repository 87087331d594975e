"""Fields of a partner's input: exact types, no unknown fields, no invisible characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final, TypeAlias

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty

from onestop.common.input.text import check_line, check_lines, tidy_line, tidy_lines
from onestop.common.time import FIRST_DAY, LAST_DAY

from .error_list import MOST_ERRORS

# The validated input by field. Any: the framework does not know the types of the values.
Validated: TypeAlias = dict[str, Any]

FIRST = datetime.combine(FIRST_DAY, time(), UTC)
LAST = datetime.combine(LAST_DAY + timedelta(days=1), time(), UTC)
# The longest text that is read as an instant.
LONGEST_INSTANT: Final = 40
# The greatest whole number that every reader of JSON holds exactly (RFC 8259, section 6).
MOST_EXACT: Final = 2**53 - 1


class LineInput(serializers.CharField):
    """Text in one line, tidied as `onestop.common.input.text` tidies all text. Numbers and booleans are refused."""

    check = staticmethod(check_line)
    tidy = staticmethod(tidy_line)

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        # As the contract counts: the letters that were sent, before any is taken away.
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        self.check(data)
        return self.read(self.tidy(super().to_internal_value(data)))

    def run_validation(self, data: object = empty) -> object:
        """Text of nothing but hidden characters and blanks counts as blank."""
        if isinstance(data, str) and data and not self.tidy(data):
            self.check(data)
            data = ""
        return super().run_validation(data)

    @staticmethod
    def read(text: str) -> str:
        """The stored form of tidy `text`. A subclass may have its own."""
        return text


class LinesInput(LineInput):
    """Text that may have several lines."""

    check = staticmethod(check_lines)
    tidy = staticmethod(tidy_lines)


class WholeInput(serializers.IntegerField):
    """A whole number that every reader of JSON holds exactly. A number in quotes is refused."""

    def __init__(
        self, *, min_value: int = -MOST_EXACT, max_value: int = MOST_EXACT, **more: Any
    ) -> None:  # Any: as there
        super().__init__(min_value=min_value, max_value=max_value, **more)

    def to_internal_value(self, data: object) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagInput(serializers.BooleanField):
    """true or false. Other values that could mean one of them are refused."""

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class ChoiceInput(serializers.ChoiceField):
    """One of the words of `choices`."""

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data))
        return str(super().to_internal_value(data))


class InstantInput(serializers.DateTimeField):
    """An instant with its offset from UTC, as in RFC 3339. The value is in UTC."""

    default_error_messages = {
        "no_offset": _("Thời điểm phải có múi giờ, như 2026-10-01T08:00:00+07:00."),
        "out_of_range": _("Thời điểm này nằm ngoài lịch dùng được."),
    }

    def to_internal_value(self, value: object) -> datetime:
        try:
            at = parse_datetime(value) if isinstance(value, str) and len(value) <= LONGEST_INSTANT else None
        except ValueError:
            at = None
        if at is None:
            self.fail("invalid", format="2026-10-01T08:00:00+07:00")
        if at.tzinfo is None:
            self.fail("no_offset")
        if not FIRST <= at < LAST:
            self.fail("out_of_range")
        # PostgreSQL refuses an offset that no time zone has.
        return at.astimezone(UTC)


class DayInput(serializers.DateField):
    """A day such as 2026-10-01. The other forms of ISO 8601 are refused."""

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


class Strict(serializers.Serializer[object]):
    """An object without any field that it does not know."""

    default_error_messages = {"unknown": _("Không có trường này.")}

    def to_internal_value(self, data: object) -> Validated:
        # The search ends after a hundred unknown fields, so an object with a million takes no longer.
        names: Iterable[str] = data if isinstance(data, Mapping) else ()
        unknown = list(islice((name for name in names if name not in self.fields), MOST_ERRORS))
        message = str(self.error_messages["unknown"])
        errors: dict[str, Any] = {name: [serializers.ErrorDetail(message, "unknown")] for name in unknown}
        try:
            value: Validated = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not errors or not isinstance(error.detail, dict):
                raise
            errors = {**error.detail, **errors}
        if self.parent is not None and getattr(self.root, "partial", False):
            # A partial body may leave out fields of the whole, and none of an object that it sends.
            missing = (name for name, field in self.fields.items() if field.required and name not in names)
            message = str(serializers.Field.default_error_messages["required"])
            errors |= {name: [serializers.ErrorDetail(message, "required")] for name in missing}
        if errors:
            raise serializers.ValidationError(errors)
        return value


class NoInput(Strict):
    """Of a call that takes no body, or an empty object."""


class ListInput(serializers.ListSerializer[object]):
    """A list of strict objects."""
