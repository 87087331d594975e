"""The fields of the partner API that hold to the contract by themselves."""

from __future__ import annotations

import pytest
from rest_framework.exceptions import ValidationError

from onestop.rest.fields import LineInput, LinesInput


@pytest.mark.parametrize("field", [LineInput(max_length=10), LinesInput(max_length=10)])
@pytest.mark.parametrize("end", ["a", " ", "\u200b", "\ufe02", "e\u0301"])
def test_a_text_may_be_as_long_as_the_contract_says_however_little_of_it_is_kept(field: LineInput, end: str) -> None:
    assert len(str(field.run_validation(end.rjust(10, "a")))) <= 10
    with pytest.raises(ValidationError) as refused:
        field.run_validation(end.rjust(11, "a"))
    assert refused.value.get_codes() == ["max_length"]
