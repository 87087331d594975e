"""What is read quickly is what the serializer would have taken, and as it would have read it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rest_framework import serializers

from onestop.rest.fast_input import NotPlain, reading_by
from onestop.rest.fields import ChoiceInput, FlagInput, InstantInput, LineInput, LinesInput, Strict, WholeInput


class PaperIn(Strict):
    name = LineInput(max_length=20)
    quantity = WholeInput(min_value=1, max_value=99, required=False)


class RowIn(Strict):
    external_id = LineInput(max_length=10)
    name = LineInput(max_length=10, min_length=2)
    email = serializers.EmailField(required=False, allow_blank=True)
    note = LinesInput(max_length=10, required=False, allow_blank=True)
    kind = ChoiceInput(choices=["citizen", "business"], required=False)
    is_test = FlagInput(required=False)
    at = InstantInput(required=False, allow_null=True)
    papers: serializers.ListSerializer[Any] = serializers.ListSerializer(child=PaperIn(), required=False, max_length=2)

    def validate(self, attrs: Any) -> Any:
        if attrs["external_id"] == attrs["name"]:
            raise serializers.ValidationError({"name": "as the number"})
        return attrs


PLAIN = {
    "external_id": "A-1",
    "name": "Đặng Văn Ước"[:10],
    "email": "x@example.vn",
    "note": "",
    "kind": "citizen",
    "is_test": False,
    "at": "2026-10-01T08:00:00+07:00",
    "papers": [{"name": "Tờ khai", "quantity": 2}],
}
READ = reading_by(RowIn())
ODD = st.sampled_from(
    ["", " ", "x", " x", "e\u0301\u0302", "a\u202eb", "a\tb", "a\nb", "\0", "\ud800", "\xa0x\xa0", "citizen", "x" * 11]
)
VALUE = st.none() | st.booleans() | st.integers(-2, 101) | st.floats(allow_nan=False) | ODD | st.text(max_size=12)
PAPER = st.dictionaries(st.sampled_from(["name", "quantity", "more"]), VALUE, max_size=3)
ANY = VALUE | st.lists(PAPER, max_size=3) | PAPER


@given(st.dictionaries(st.sampled_from([*PLAIN, "unknown"]), ANY, max_size=3), st.sets(st.sampled_from([*PLAIN])))
@example({}, set())
@example({"at": "2026-02-30T08:00:00+07:00"}, set())
@example({"external_id": "Đặng Văn Ư", "name": "Đặng Văn Ư"}, set())
def test_what_is_read_quickly_is_what_the_serializer_takes_and_as_it_reads_it(
    changed: dict[str, Any], left_out: set[str]
) -> None:
    row = {name: value for name, value in {**PLAIN, **changed}.items() if name not in left_out}
    try:
        quickly = READ(row)
    except NotPlain:
        return
    serializer = RowIn(data=row)
    assert serializer.is_valid(), serializer.errors
    assert quickly == serializer.validated_data


@given(
    st.text(st.characters(categories=["L", "N", "P"]), min_size=2, max_size=10),
    st.sampled_from(["citizen", "business"]),
    st.booleans(),
)
def test_ordinary_rows_are_read_quickly(name: str, kind: str, is_test: bool) -> None:
    row = {**PLAIN, "name": name, "kind": kind, "is_test": is_test}
    serializer = RowIn(data=row)
    if serializer.is_valid() and serializer.validated_data["name"] == name:
        assert READ(row) == serializer.validated_data


@pytest.mark.parametrize("row", [None, [], "x", 1, {}, {**PLAIN, "unknown": 1}, {**PLAIN, "papers": [1]}])
def test_what_is_no_such_object_is_left_to_the_serializer(row: Any) -> None:
    with pytest.raises(NotPlain):
        READ(row)


def test_a_field_with_a_default_is_left_to_the_serializer_where_it_is_missing() -> None:
    class WithDefault(Strict):
        name = LineInput(default="x")

    with pytest.raises(NotPlain):
        reading_by(WithDefault())({})
    assert reading_by(WithDefault())({"name": "y"}) == {"name": "y"}


def test_a_serializer_with_readings_of_its_own_is_asked_itself() -> None:
    class Reading(Strict):
        name = LineInput()

        def validate_name(self, name: str) -> str:
            return name.upper()

    assert reading_by(Reading())({"name": "y"}) == {"name": "Y"}
