"""Checks the data of applicant and submitter: what is refused everywhere, and which numbers the desk queries once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Commune
from onestop.common.errors import Refused, reasons_of, sentence
from onestop.common.input import identity_numbers, phones
from onestop.common.input.numbers import Objection
from onestop.dossiers.models import PERSONS, ApplicantKind, Dossier

# What is recorded of a person who hands in a dossier for its applicant, the name first.
SUBMITTER: Final = (
    "submitter_name",
    "submitter_capacity",
    "submitter_identity_no",
    "submitter_phone",
    "submitter_authorisation",
)
NUMBERS: Final = ("identity_no", "phone", "submitter_identity_no", "submitter_phone")
# The value of a column that may be amended; the only relation is the commune.
Value: TypeAlias = str | Commune | None


def as_kept(name: str, value: Value) -> Value:
    """`value` as that column of a dossier stores it."""
    if not isinstance(value, str):
        return value
    column = cast("models.Field[object, object]", Dossier._meta.get_field(name))
    return cast("str", column.to_python(value))


def objections(dossier: Dossier, changed: Iterable[str] = NUMBERS) -> dict[str, Objection]:
    """What is wrong with the `changed` numbers, by field. The form of an identity number depends on the applicant."""
    changed = set(changed)
    by_name = {
        "identity_no": identity_numbers.objection(dossier.identity_no, dossier.applicant_kind)
        if changed & {"identity_no", "applicant_kind"}
        else None,
        "phone": phones.objection(dossier.phone) if "phone" in changed else None,
        "submitter_identity_no": identity_numbers.objection(dossier.submitter_identity_no, ApplicantKind.CITIZEN)
        if "submitter_identity_no" in changed
        else None,
        "submitter_phone": phones.objection(dossier.submitter_phone) if "submitter_phone" in changed else None,
    }
    return {name: objection for name, objection in by_name.items() if objection}


def number_errors(dossier: Dossier, changed: Iterable[str] = NUMBERS) -> dict[str, list[Refused]]:
    """The errors for which numbers are refused everywhere, by field."""
    return {
        name: [Refused(objection.text, objection.code)]
        for name, objection in objections(dossier, changed).items()
        if objection.is_final
    }


def person_errors(dossier: Dossier) -> dict[str, list[Refused]]:
    """The errors of what does not go together: a birth date of a body, a submitter without a name or a capacity."""
    errors: dict[str, list[Refused]] = {}
    if dossier.birth_date and dossier.applicant_kind not in PERSONS:
        errors["birth_date"] = [Refused(_("Chỉ cá nhân có ngày sinh; doanh nghiệp, tổ chức thì để trống."))]
    if any(getattr(dossier, name) for name in SUBMITTER) and not dossier.submitter_name.strip():
        message = _("Nhập họ tên người nộp thay; nếu chủ hồ sơ tự nộp thì để trống các mục về người nộp.")
        errors["submitter_name"] = [Refused(message)]
    elif dossier.submitter_name and not dossier.submitter_capacity:
        errors["submitter_capacity"] = [Refused(_("Chọn tư cách của người nộp thay."))]
    return errors


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
    errors = person_errors(dossier) | number_errors(dossier, changed) | errors
    if "commune" in set(changed) and dossier.commune is not None and not dossier.commune.is_active:
        message = _("%(commune)s không còn là đơn vị hành chính hiện hành.")
        errors["commune"] = [Refused(sentence(message, commune=dossier.commune.name), "ended")]
    if not dossier.applicant_name.strip():
        errors.setdefault("applicant_name", [Refused(_("Nhập họ tên chủ hồ sơ."))])
    return errors
