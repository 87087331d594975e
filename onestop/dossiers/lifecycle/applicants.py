"""Checks an applicant's numbers: which are refused everywhere, and which the desk queries once."""

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
    """`value` as that column of a dossier stores it."""
    column = cast("models.Field[object, object]", Dossier._meta.get_field(name))
    return cast("str", column.to_python(value))


def objections(dossier: Dossier, changed: Iterable[str] = NUMBERS) -> dict[str, Objection]:
    """What is wrong with the `changed` numbers, by field. The form of an identity number depends on the applicant."""
    changed = set(changed)
    both = {
        "identity_no": identity_numbers.objection(dossier.identity_no, dossier.applicant_kind)
        if changed & {"identity_no", "applicant_kind"}
        else None,
        "phone": phones.objection(dossier.phone) if "phone" in changed else None,
    }
    return {name: objection for name, objection in both.items() if objection}


def number_errors(dossier: Dossier, changed: Iterable[str] = NUMBERS) -> dict[str, list[Refused]]:
    """The errors for which numbers are refused everywhere, by field."""
    return {
        name: [Refused(objection.text, objection.code)]
        for name, objection in objections(dossier, changed).items()
        if objection.is_final
    }


def field_errors(dossier: Dossier, changed: Iterable[str]) -> dict[str, list[Refused]]:
    """The errors of the dossier's own fields, by field. Of the applicant's numbers, only `changed` are checked."""
    # A field's default needs no check, and most fields of a new dossier have it.
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
    # After `clean_fields`, which tidies the numbers: they are checked as they will be stored.
    errors = number_errors(dossier, changed) | errors
    if not dossier.applicant_name.strip():
        errors.setdefault("applicant_name", [Refused(_("Nhập họ tên chủ hồ sơ."))])
    return errors
