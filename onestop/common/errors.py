"""What the office refuses. The domain raises `Refused`; desk, API and import render it, each in its own form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.utils.functional import lazy
from django_stubs_ext import StrOrPromise

# What may be given as the reasons of one field.
Reasons: TypeAlias = "StrOrPromise | Refused | Sequence[Refused]"

# The name under which `InputRefused.fields` has what is wrong with the input as a whole.
WHOLE: Final = ""


class Refused(Exception):
    """An act is refused, and nothing was changed. `str()` says why, in the language that is in force at that moment.

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
    """What was typed or sent will not do. `fields` has the reasons by field."""

    def __init__(self, reasons: StrOrPromise | Mapping[str, Reasons]) -> None:
        super().__init__()
        by_field = reasons if isinstance(reasons, Mapping) else {WHOLE: reasons}
        self.fields: dict[str, list[Refused]] = {name: _listed(given) for name, given in by_field.items()}

    def __str__(self) -> str:
        return " ".join(str(reason) for reasons in self.fields.values() for reason in reasons)


def _listed(reasons: Reasons) -> list[Refused]:
    if isinstance(reasons, Refused):
        return [reasons]
    if isinstance(reasons, Sequence) and not isinstance(reasons, str):
        return list(reasons)
    return [Refused(reasons)]


def reasons_of(error: ValidationError) -> dict[str, list[Refused]]:
    """The faults that Django's validators found, by field, still to be translated."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {WHOLE: error.error_list}
    return {name: [Refused(one.message, one.code, one.params) for one in faults] for name, faults in by_field.items()}


def show_on_form(form: BaseForm, error: Refused) -> None:
    """Puts the reasons on the form: by field where the form has it, else at the top."""
    by_field = error.fields if isinstance(error, InputRefused) else {WHOLE: [error]}
    for name, reasons in by_field.items():
        for reason in reasons:
            form.add_error(name if name in form.fields else None, ValidationError(str(reason), reason.code))


def sentence(text: StrOrPromise, **params: object) -> str:
    """`text` with its places filled each time it is shown, not now. `params` may be lazy themselves."""
    return lazy(lambda: str(text) % params, str)()
