"""What the office refuses. The domain raises `Refused`; desk, API and import render it, each in its own form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.functional import lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise


class Refused(Exception):
    """An act is refused, and nothing was changed. `str()` says why, in the language that is in force at that moment.

    `message` is a lazy sentence with places for `params`, so that one refusal can be shown in several languages.
    `code` tells programs which refusal it is. `fields` tells it by the input it is about ("" is the input as a
    whole); it is empty where no input is wrong, but the state of things forbids the act.
    """

    code = "refused"

    def __init__(
        self,
        message: Text = "",
        code: str | None = None,
        params: Mapping[str, object] | None = None,
        *,
        fields: Mapping[str, Sequence[Refused]] | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.code = message, code or self.code
        self.params, self.fields = dict(params or {}), dict(fields or {})

    def __str__(self) -> str:
        if self.fields:
            return " ".join(str(error) for errors in self.fields.values() for error in errors)
        return str(self.message) % self.params if self.params else str(self.message)


def sentence(text: Text, **params: object) -> Text:
    """`text` with its places filled each time it is shown, not now. `params` may be lazy themselves."""
    return lazy(lambda: str(text) % params, str)()
