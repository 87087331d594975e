"""What a form says about a required field that is empty: what to enter or choose there."""

from __future__ import annotations

import pytest
from django import forms
from django.utils import translation


class Intake(forms.Form):
    applicant = forms.CharField(label="Họ tên chủ hồ sơ")
    unit = forms.ChoiceField(label="đơn vị", choices=[("a", "A")])
    code = forms.CharField(label="CCCD")
    reason = forms.CharField(error_messages={"required": "Ghi rõ lý do."})


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("vi", ["Nhập họ tên chủ hồ sơ.", "Chọn đơn vị.", "Nhập CCCD.", "Ghi rõ lý do."]),
        ("en", ["Enter: họ tên chủ hồ sơ.", "Choose: đơn vị.", "Enter: CCCD.", "Ghi rõ lý do."]),
    ],
)
def test_an_empty_required_field_is_named(language: str, expected: list[str]) -> None:
    with translation.override(language):
        form = Intake({})
        assert [error for errors in form.errors.values() for error in errors] == expected
