"""A birth date is kept as precisely as it is known, and shown as people write it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError

from onestop.common.input.birth_dates import BirthDateField, canonical, check, shown


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("07/03/1950", "1950-03-07"),
        ("7-3-1950", "1950-03-07"),
        (" 7 . 3 . 1950 ", "1950-03-07"),
        ("07031950", "1950-03-07"),
        ("1950-03-07", "1950-03-07"),
        ("3/1950", "1950-03"),
        ("1950", "1950"),
        # As older papers write that only the year or the month is known.
        ("00/00/1950", "1950"),
        ("00/03/1950", "1950-03"),
        ("không rõ", "không rõ"),
        ("7/3/50", "7/3/50"),
    ],
)
def test_every_way_to_write_one_has_one_stored_form(typed: str, kept: str) -> None:
    assert canonical(typed) == kept
    assert canonical(kept) == kept


@pytest.mark.parametrize(
    ("kept", "written"), [("1950-03-07", "07/03/1950"), ("1950-03", "03/1950"), ("1950", "1950"), ("x", "x")]
)
def test_it_is_shown_day_first(kept: str, written: str) -> None:
    assert shown(kept) == written
    assert BirthDateField().prepare_value(kept) == written


@pytest.mark.parametrize("kept", ["1950", "1950-03", "1950-03-07", "2026-03-02"])
def test_a_date_up_to_today_is_accepted(kept: str) -> None:
    # In Vietnam it is the second of March already.
    with time_machine.travel(datetime(2026, 3, 1, 18, tzinfo=UTC), tick=False):
        check(kept)


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        ("2026-03-03", "future"),
        ("2027", "future"),
        ("1950-02-30", "invalid"),
        ("1950-13", "invalid"),
        ("0195", "invalid"),
        ("7/3/50", "invalid"),
    ],
)
def test_what_is_no_birth_date_is_refused(kept: str, code: str) -> None:
    with (
        time_machine.travel(datetime(2026, 3, 1, 18, tzinfo=UTC), tick=False),
        pytest.raises(ValidationError) as error,
    ):
        check(kept)
    assert error.value.code == code
