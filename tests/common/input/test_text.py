"""Which texts typed by machines are taken, and what is said of the others."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from onestop.common.input.text import check_line, check_lines

TURNING = {"\u061c", "\u200e", "\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
# Every character there is, halves of characters too.
ANY_TEXT = st.text(st.characters(codec=None, categories=None))


def is_taken(check: Callable[[str], None], text: str) -> bool:
    try:
        check(text)
    except ValidationError:
        return False
    return True


def is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs") or letter in TURNING


@pytest.mark.parametrize(
    "text", ["", "Đặng Văn Ước", unicodedata.normalize("NFD", "Đặng Văn Ước"), "👨‍👩‍👧 số 1", "x\u00a0y", "Ⅻ ½"]
)
def test_what_people_write_is_taken(text: str) -> None:
    check_line(text)
    check_lines(text)


def test_of_every_character_exactly_the_hidden_ones_are_refused() -> None:
    for letter in map(chr, range(0x110000)):
        assert is_taken(check_lines, letter) == (letter in "\n\t" or not is_hidden(letter)), ascii(letter)
        assert is_taken(check_line, letter) == (letter not in "\u2028\u2029" and not is_hidden(letter)), ascii(letter)


def test_several_lines_may_have_line_ends_and_tabs_where_one_line_may_not() -> None:
    check_lines("Kính gửi:\n\tUBND phường")
    assert not is_taken(check_line, "Kính gửi:\n")
    assert not is_taken(check_line, "\tUBND")
    assert not is_taken(check_lines, "Kính gửi:\r\n")


@given(ANY_TEXT)
def test_one_line_stays_one_line_and_can_be_stored(text: str) -> None:
    if is_taken(check_line, text):
        assert text.splitlines() == ([text] if text else [])
        assert text.encode().decode() == text
        assert is_taken(check_lines, text)


def test_the_character_and_its_place_are_told() -> None:
    with pytest.raises(ValidationError, match=r"U\+202E ở vị trí 4\.") as refused:
        check_line("đơn\u202efdp")
    assert refused.value.code == "hidden_character"
    with pytest.raises(ValidationError, match=r"U\+0000 ở vị trí 1\."):
        check_lines("\0")
