"""Whether an applicant's numbers can be right: what is refused at every door, and what the desk asks back once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from django.core.exceptions import ValidationError
from django.db import models

from onestop.common.input import identity_numbers, phones
from onestop.common.input.numbers import Objection
from onestop.dossiers.models import Dossier

NUMBERS: Final = ("identity_no", "phone")


def as_kept(name: str, value: str) -> str:
    """`value` as that column of a dossier keeps it."""
    column = cast("models.Field[Any, Any]", Dossier._meta.get_field(name))
    return cast("str", column.to_python(value))


def objections(dossier: Dossier, changed: Iterable[str] = NUMBERS) -> dict[str, Objection]:
    """What is wrong with the numbers that were `changed`, by field. Whose an identity number is, decides its shape."""
    changed = set(changed)
    found = {
        "identity_no": identity_numbers.objection(dossier.identity_no, dossier.applicant_kind)
        if changed & {"identity_no", "applicant_kind"}
        else None,
        "phone": phones.objection(dossier.phone) if "phone" in changed else None,
    }
    return {name: objection for name, objection in found.items() if objection}


def faults(dossier: Dossier, changed: Iterable[str] = NUMBERS) -> dict[str, list[ValidationError]]:
    """What no door takes, by field."""
    return {
        name: [ValidationError(str(objection.text), objection.code)]
        for name, objection in objections(dossier, changed).items()
        if objection.is_final
    }
