"""Refusals. The domain raises `Refused`; desk, API and import each render it in their own way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django_stubs_ext import StrOrPromise

# One reason or several why a field is refused.
Reasons: TypeAlias = "StrOrPromise | Refused | Sequence[Refused]"

# The key in `InputRefused.fields` for errors of the input as a whole.
WHOLE: Final = ""


class Refused(Exception):
    """An act is refused, and nothing was changed. `str()` gives the reason in the language in force at that moment.

    `message` is a lazy sentence with places for `params`, so that one refusal can be shown in several languages.
    `code` tells programs which refusal it is.
    """

    code = "invalid"

    def __init__(
        self, message: StrOrPromise = "", code: str | None = None, params: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.code, self.params = message, code or self.code, params

    def __str__(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)


class InputRefused(Refused):
    """Input was refused. `fields` has the reasons by field."""

    def __init__(self, reasons: StrOrPromise | Mapping[str, Reasons]) -> None:
        super().__init__()
        self.fields: dict[str, list[Refused]] = {}
        for name, reason in (reasons if isinstance(reasons, Mapping) else {WHOLE: reasons}).items():
            if isinstance(reason, Refused):
                self.fields[name] = [reason]
            elif isinstance(reason, Sequence) and not isinstance(reason, str):
                self.fields[name] = list(reason)
            else:
                self.fields[name] = [Refused(reason)]

    def __str__(self) -> str:
        return " ".join(str(reason) for reasons in self.fields.values() for reason in reasons)


def reasons_of(error: ValidationError) -> dict[str, list[Refused]]:
    """The errors of Django's validators by field, still to be translated."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {WHOLE: error.error_list}
    return {name: [Refused(one.message, one.code, one.params) for one in errors] for name, errors in by_field.items()}


def sentence(text: StrOrPromise, **params: object) -> str:
    """`text` with its places filled each time that it is shown, not now. `params` may be lazy themselves."""
    return lazy(lambda: str(text) % params, str)()
