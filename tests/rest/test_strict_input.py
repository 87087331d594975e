"""JSON that could be understood in two ways is not taken."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from typing import Any

import pytest
import pytest_django
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from onestop.rest.errors import TooLarge
from onestop.rest.strict_input import NotStrictJSON, StrictJSONParser, read, rows

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False) | TEXT
VALUES = st.recursive(
    PLAIN.filter(lambda value: value not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=15,
)


class InDrops(io.BytesIO):
    """A file that gives a few bytes at a time, however many are asked for."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 3, 3))


def read_rows(body: bytes) -> list[Any]:
    """The rows, the same whether they come at once or in drops."""
    at_once = list(rows(io.BytesIO(body)))
    in_drops = list(rows(InDrops(body)))
    assert [(number, str(row)) for number, row in at_once] == [(number, str(row)) for number, row in in_drops]
    assert [number for number, _row in at_once] == list(range(1, len(at_once) + 1))
    return [row for _number, row in at_once]


@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_whatever_json_writes_is_read_equal(value: Any, ascii_only: bool, indent: int | None) -> None:
    assert read(json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()) == value


@given(st.lists(VALUES, max_size=5), st.booleans(), st.sampled_from([None, 2]))
def test_an_array_is_read_row_by_row_as_it_is_read_whole(
    values: list[Any], ascii_only: bool, indent: int | None
) -> None:
    assert read_rows(json.dumps(values, ensure_ascii=ascii_only, indent=indent).encode()) == values


@given(
    st.lists(st.dictionaries(TEXT, VALUES, max_size=3), min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n", "\n \n"]),
)
def test_lines_are_read_row_by_row(values: list[Any], ending: str) -> None:
    assert read_rows("".join(json.dumps(value) + ending for value in values).encode()) == values


@given(st.binary(max_size=200) | st.text('[]{}",:\\u0ntfalse1e-. ', max_size=60).map(str.encode))
def test_nothing_but_the_one_error_ever_comes_out(body: bytes) -> None:
    for reading in (lambda: read(body), lambda: list(rows(io.BytesIO(body))), lambda: list(rows(InDrops(body)))):
        with suppress(NotStrictJSON):
            reading()


REFUSED = [
    (b'{"a": 1, "a": 2}', "“a” có hai lần"),
    (b'[{"x": {"a": 1, "b": 2, "\\u0061": 1}}]', "“a” có hai lần"),
    (b"NaN", "NaN"),
    (b'{"a": -Infinity}', "-Infinity"),
    (b"9223372036854775808", "quá lớn"),
    (b"-9223372036854775808", "quá lớn"),
    (b"1" * 10_000, "quá lớn"),
    (b"1e999", "quá lớn"),
    (b"[" * 21 + b"]" * 21, "quá 20 tầng"),
    (b"[" * 100_000, "quá 20 tầng"),
    (b'{"a":' * 100_000, "quá 20 tầng"),
    (b'"\xff"', "byte thứ 2"),
    (b'"\xed\xa0\x80"', "UTF-8"),
    (b'"\\ud800"', "nửa ký tự"),
    (b'{"\\udfff": 1}', "nửa ký tự"),
    (b'{"a": 1}\n x', "dòng 2, cột 2"),
    (b"", "dòng 1, cột 1"),
    (b'{"a": 1,}', "dòng 1"),
    (b'"a\nb"', "dòng 1"),
    (b"{'a': 1}", "dòng 1, cột 2"),
    (b"01", "cột 2"),
]


@pytest.mark.parametrize(("body", "why"), REFUSED, ids=[why for _body, why in REFUSED])
def test_what_could_be_understood_in_two_ways_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(NotStrictJSON, match=why):
        read(body)


def test_what_is_just_within_the_limits_is_taken() -> None:
    assert read(b"[9223372036854775807, -9223372036854775807, 1.7e308]")[0] == 2**63 - 1
    assert read(b"[" * 20 + b"]" * 20)
    assert read(b'"\\ud83d\\ude00"') == "😀"


def test_a_byte_order_mark_is_let_pass_at_the_beginning_only() -> None:
    mark = b"\xef\xbb\xbf"
    assert read(mark + b"{}") == {}
    assert read_rows(mark + b"[1, 2]") == [1, 2]
    assert read_rows(mark + b"{}\n{}") == [{}, {}]
    with pytest.raises(NotStrictJSON):
        read(b"{}" + mark)


def test_a_bad_line_is_that_lines_fault_alone() -> None:
    first, second, third, fourth = read_rows(b'{"a": 1}\n{"a": 1\n\n{"a": 1, "a": 2}\n{"a": 4}')
    assert (first, fourth) == ({"a": 1}, {"a": 4})
    assert isinstance(second, NotStrictJSON)
    assert "hai lần" in str(third)


def test_a_refused_value_in_an_array_is_that_rows_fault_alone() -> None:
    read_in = read_rows(b'[{"a": 1, "a": 2}, NaN, "\\ud800", 1e999, {"a": 5}]')
    assert [isinstance(row, NotStrictJSON) for row in read_in] == [True, True, True, True, False]


@pytest.mark.parametrize("body", [b"[1 2]", b"[1,]", b"[,1]", b"[1", b"[", b"[1] 2", b'[{"a": ]', b'["\xff"]', b"[1}"])
def test_an_array_with_a_fault_of_syntax_is_read_no_further(body: bytes) -> None:
    for file in (io.BytesIO(body), InDrops(body)):
        with pytest.raises(NotStrictJSON):
            list(rows(file))


def test_the_rows_before_the_fault_have_been_read_by_then() -> None:
    reading = rows(io.BytesIO(b"[1, 2, }"))
    assert [next(reading), next(reading)] == [(1, 1), (2, 2)]
    with pytest.raises(NotStrictJSON, match="thứ 8"):
        next(reading)


def test_nothing_at_all_is_no_rows() -> None:
    assert read_rows(b"") == read_rows(b" \n ") == read_rows(b" [ ] ") == []


def test_a_row_that_is_too_long_is_not_kept_in_memory(settings: pytest_django.Settings) -> None:
    settings.API_BODY_MAX_BYTES = 100 * 1024
    long = b'"' + b"x" * 300_000 + b'"'
    first, second, third = (row for _number, row in rows(io.BytesIO(b"1\n" + long + b"\n3")))
    assert (first, third) == (1, 3)
    assert "100 KB" in str(second)
    with pytest.raises(NotStrictJSON, match="100 KB"):
        list(rows(io.BytesIO(b"[1, " + long + b"]")))


def test_the_parser_refuses_a_body_that_is_too_large(settings: pytest_django.Settings) -> None:
    settings.API_BODY_MAX_BYTES = 10
    assert StrictJSONParser().parse(io.BytesIO(b'"12345678"')) == "12345678"
    with pytest.raises(TooLarge):
        StrictJSONParser().parse(io.BytesIO(b'"123456789"'))
    with pytest.raises(ParseError, match="cột 1"):
        StrictJSONParser().parse(io.BytesIO(b"x"))
