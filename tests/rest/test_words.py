"""What a field says of what it does not take, it says in Vietnamese, and in English for who asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from onestop.rest.fields import (
    ChoiceInput,
    DayInput,
    FlagInput,
    InstantInput,
    LineInput,
    LinesInput,
    ListInput,
    Strict,
    WholeInput,
)


def sayings() -> Iterator[tuple[str, str]]:
    for field in (
        LineInput(),
        LinesInput(),
        WholeInput(),
        FlagInput(),
        ChoiceInput(choices=["a"]),
        InstantInput(),
        DayInput(),
        ListInput(child=LineInput()),
    ):
        for code in field.error_messages:
            yield type(field).__name__, code
    for code in Strict().error_messages:
        yield "Strict", code


def said(kind: str, code: str, language: str) -> str:
    fields = {
        "ChoiceInput": lambda: ChoiceInput(choices=["a"]),
        "ListInput": lambda: ListInput(child=LineInput()),
        "Strict": Strict,
    }
    made = (
        fields.get(kind)
        or {each.__name__: each for each in (LineInput, LinesInput, WholeInput, FlagInput, InstantInput, DayInput)}[
            kind
        ]
    )
    with translation.override(language):
        return str(made().error_messages[code])


# What only the framework's own code can raise, or no partner can be told.
UNSAID = {"date", "overflow", "make_aware", "max_string_length", "datetime"}


@pytest.mark.parametrize(("kind", "code"), sorted(set(sayings())))
def test_every_refusal_is_vietnamese(kind: str, code: str) -> None:
    if code not in UNSAID:
        vietnamese, english = said(kind, code, "vi"), said(kind, code, "en")
        assert vietnamese != english
        assert not vietnamese.isascii()
