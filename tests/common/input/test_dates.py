"""Days and moments in forms: dd/mm/yyyy whatever the language, and what else people and links write."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django import forms
from django.utils import translation

from onestop.common.input.dates import DayField, MomentField
from onestop.common.time import VIETNAM


class DayForm(forms.Form):
    day = DayField(label="từ ngày")
    moment = MomentField(label="hẹn trả mới", required=False)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "text", ["05/01/2027", "5/1/2027", "5/1/27", "05-01-2027", "5.1.2027", " 05 / 01 / 2027 ", "2027-01-05"]
)
def test_a_day_is_read_as_people_write_it(text: str, language: str) -> None:
    with translation.override(language):
        assert DayField().clean(text) == date(2027, 1, 5)


@pytest.mark.parametrize(
    "text", ["31/02/2027", "01/13/2027", "2027-13-01", "hôm qua", "05/01", "05/01/20277", "٠٥/٠١/x"]
)
def test_what_is_no_day_is_refused_with_an_example(text: str) -> None:
    with translation.override("vi"), pytest.raises(forms.ValidationError, match="dd/mm/yyyy, ví dụ 27/11/2026"):
        DayField().clean(text)


@pytest.mark.parametrize(
    "text", ["05/01/2027 16:30", "5/1/27 16:30", "5-1-2027, 16:30", "2027-01-05T16:30", "2027-01-05 16:30:00"]
)
def test_a_moment_is_read_as_people_write_it(text: str) -> None:
    assert MomentField().clean(text) == datetime(2027, 1, 5, 16, 30, tzinfo=VIETNAM)


def test_a_moment_without_an_hour_is_refused() -> None:
    with pytest.raises(forms.ValidationError):
        MomentField().clean("05/01/2027")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_form_shows_the_day_of_a_link_as_it_would_show_its_own(language: str) -> None:
    with translation.override(language):
        linked = str(DayForm({"day": "2027-01-05", "moment": "2027-01-05T16:30"}))
        begun = str(DayForm(initial={"day": date(2027, 1, 5), "moment": datetime(2027, 1, 5, 9, 30, tzinfo=VIETNAM)}))
    assert 'value="05/01/2027"' in linked
    assert 'value="05/01/2027 16:30"' in linked
    assert 'value="05/01/2027"' in begun
    assert 'value="05/01/2027 09:30"' in begun
    assert 'type="text"' in begun


def test_what_was_typed_wrong_is_shown_as_it_was_typed() -> None:
    assert 'value="31/02/2027"' in str(DayForm({"day": "31/02/2027"}))
    assert 'value="9999-99-99"' in str(DayForm({"day": "9999-99-99"}))
