"""Whether an applicant's numbers can be right: what is refused at every door, and what the desk asks back once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from onestop.common.errors import Refused, reasons_of
from onestop.common.input import identity_numbers, phones
from onestop.common.input.numbers import Objection
from onestop.dossiers.models import Dossier

NUMBERS: Final = ("identity_no", "phone")


def as_kept(name: str, value: str) -> str:
    """`value` as that column of a dossier keeps it."""
    column = cast("models.Field[object, object]", Dossier._meta.get_field(name))
    return cast("str", column.to_python(value))


def objections(dossier: Dossier, changed: Iterable[str] = NUMBERS) -> dict[str, Objection]:
    """What is wrong with the numbers that were `changed`, by field. Whose an identity number is, decides its shape."""
    changed = set(changed)
    both = {
        "identity_no": identity_numbers.objection(dossier.identity_no, dossier.applicant_kind)
        if changed & {"identity_no", "applicant_kind"}
        else None,
        "phone": phones.objection(dossier.phone) if "phone" in changed else None,
    }
    return {name: objection for name, objection in both.items() if objection}


def number_errors(dossier: Dossier, changed: Iterable[str] = NUMBERS) -> dict[str, list[Refused]]:
    """What no door takes of the numbers, by field."""
    return {
        name: [Refused(objection.text, objection.code)]
        for name, objection in objections(dossier, changed).items()
        if objection.is_final
    }


def field_errors(dossier: Dossier, changed: Iterable[str]) -> dict[str, list[Refused]]:
    """What is wrong with the dossier's own fields, by field; of the applicant's numbers, with those `changed`."""
    # A value that a field begins with needs no check, and most fields of a new dossier hold one.
    unset = {
        field.name
        for field in Dossier._meta.concrete_fields
        if field.is_relation or getattr(dossier, field.attname) == (None if field.null else field.default)
    }
    errors: dict[str, list[Refused]] = {}
    try:
        dossier.clean_fields(exclude=unset)
    except ValidationError as error:
        errors = reasons_of(error)
    # After the columns have tidied the numbers: they are judged as they will be kept.
    errors = number_errors(dossier, changed) | errors
    if not dossier.applicant_name.strip():
        errors.setdefault("applicant_name", [Refused(_("Cần có tên chủ hồ sơ."))])
    return errors
