"""A refusal is worded when it is shown, not when it is raised: once in each language, if need be."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from onestop.common.errors import InputRefused, Refused, reasons_of, sentence
from onestop.common.web.form_errors import show_on_form
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from tests import people


def in_both(refusal: Refused) -> tuple[str, str]:
    with translation.override("vi"):
        vietnamese = str(refusal)
    with translation.override("en"):
        return vietnamese, str(refusal)


@pytest.mark.django_db
@pytest.mark.parametrize("raised_in", ["vi", "en"])
def test_a_move_that_is_refused_says_so_in_either_language_wherever_it_was_raised(raised_in: str) -> None:
    dossier = people.a_dossier()
    with translation.override(raised_in), pytest.raises(lifecycle.MoveRefused) as refused:
        lifecycle.return_result(dossier, people.lan())
    vietnamese, english = in_both(refused.value)
    assert vietnamese.startswith(
        "Hồ sơ đang ở trạng thái “được tiếp nhận” nên không thể thực hiện “trả kết quả”. Các thao tác hiện có:"
    )
    assert english.startswith(
        "The dossier is in state “accepted”, so “return result” is not possible. Actions available now"
    )
    assert not set(english) & set("đơăưĐƠĂƯ")


@pytest.mark.django_db
def test_so_do_the_fields_of_an_input_and_what_the_database_columns_refuse() -> None:
    dossier = people.a_new_dossier(email="không", phone="1", applicant_name="A\u202eB")
    with translation.override("vi"), pytest.raises(InputRefused) as refused:
        lifecycle.receive(dossier, people.lan())
    assert set(refused.value.fields) == {"email", "phone", "applicant_name"}
    vietnamese, english = in_both(refused.value)
    assert "U+202E" in vietnamese
    assert "U+202E" in english
    assert not set(english) & set("đơăưĐƠĂƯ")
    assert not Dossier.objects.exists()


def test_reasons_keep_their_codes_and_their_fields() -> None:
    refused = InputRefused({"a": "x", "b": Refused("%(n)d y", "many", {"n": 2}), "": [Refused("z"), Refused("w")]})
    codes = {name: [(str(reason), reason.code) for reason in reasons] for name, reasons in refused.fields.items()}
    assert codes == {"a": [("x", "invalid")], "b": [("2 y", "many")], "": [("z", "invalid"), ("w", "invalid")]}
    assert str(refused) == "x 2 y z w"
    by_field = ValidationError({"c": ValidationError("%(n)d v", "few", {"n": 1}), "__all__": "u"})
    assert {name: [str(one) for one in reasons] for name, reasons in reasons_of(by_field).items()} == {
        "c": ["1 v"],
        "__all__": ["u"],
    }
    assert [str(one) for one in reasons_of(ValidationError("t"))[""]] == ["t"]


def test_a_form_shows_each_reason_at_its_field_or_at_the_top() -> None:
    class Name(forms.Form):
        name = forms.CharField()

    form = Name({"name": "A"})
    show_on_form(form, InputRefused({"name": Refused("no", "taken"), "other": "neither", "": "nor"}))
    assert form.errors == {"name": ["no"], "__all__": ["neither", "nor"]}
    assert form.has_error("name", "taken")
    form = Name({"name": "A"})
    show_on_form(form, Refused("never"))
    assert form.errors == {"__all__": ["never"]}


def test_a_sentence_is_filled_each_time_that_it_is_shown() -> None:
    words = iter(["one", "two"])

    class Next:
        def __str__(self) -> str:
            return next(words)

    shown = sentence("%(word)s", word=Next())
    assert [str(shown), str(shown)] == ["one", "two"]
