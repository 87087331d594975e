"""Amounts of money as people type them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from onestop.common.input.money import DongField, TypedDong


@pytest.mark.parametrize("typed", ["50000", "50.000", "50,000", "50 000", " 50.000 ", "50\u00a0000", "５００００"])
def test_thousands_may_be_kept_apart_by_one_sign(typed: str) -> None:
    assert DongField().clean(typed) == 50_000


@pytest.mark.parametrize(
    "typed", ["50.5", "50,50", "50.000,5", "1.500,000", "5.0000", "50.", ".50", "1e3", "5 đồng", "50.0"]
)
def test_a_fraction_or_a_guess_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError) as error:
        DongField().clean(typed)
    assert error.value.messages == ["Nhập số tiền bằng đồng, không có phần lẻ, ví dụ 50.000."]


@given(st.integers(min_value=0, max_value=10**12))
def test_what_the_field_shows_it_reads_back(amount: int) -> None:
    shown = TypedDong().format_value(amount)
    assert shown is not None
    assert DongField().clean(shown) == amount
    assert shown.replace(".", "") == str(amount)


def test_what_was_typed_wrong_is_shown_as_it_was_typed() -> None:
    assert TypedDong().format_value("năm mươi") == "năm mươi"
