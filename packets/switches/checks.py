"""Checks what was typed as a portal's aliases and codes; each refusal names the packet or field."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from onestop.common.input.text import NOT_IN_A_LINE
from packets.schemas.check import KINDS
from packets.schemas.fields import FIELDS_BY_PATH, Path

from .characters import NEVER_SENT
from .variation import Variation

LONGEST_NAME = 100


def check_aliases(aliases: object) -> None:
    """Raises ValidationError unless these are other names for fields of the standard, each used once in an object."""
    if not isinstance(aliases, dict) or not all(isinstance(new, str) and new.strip() for new in aliases.values()):
        raise ValidationError(_('Phải là các cặp tên trường, ví dụ {"tên theo chuẩn": "tên Cổng này muốn"}.'), "shape")
    _refuse(_unknown(aliases))
    _refuse(_unfit_name(key, new) for key, new in aliases.items())
    _refuse(_clashes(Variation(aliases=aliases)))


def check_codes(codes: object) -> None:
    """Raises ValidationError unless these are fields of the standard, each with new values for some of its own."""
    if not isinstance(codes, dict) or not all(isinstance(changed, dict) for changed in codes.values()):
        example = _('Phải là tên trường và các giá trị đổi khác của nó, ví dụ {"tên trường": {"0": 1, "1": 0}}.')
        raise ValidationError(example, "shape")
    _refuse(_unknown(codes))
    _refuse(_unfit_value(key, value, new) for key, changed in codes.items() for value, new in changed.items())


def _refuse(errors: Iterator[ValidationError | None]) -> None:
    if refusals := [error for error in errors if error is not None]:
        raise ValidationError(refusals)


def _unknown(table: dict[str, object]) -> Iterator[ValidationError]:
    """Yields an error for each key whose packet or field the standard does not have."""
    kinds: tuple[str, ...]
    for key in table:
        kind, _dot, rest = key.partition(".")
        if kind in KINDS and rest:
            kinds, path = (kind,), tuple(rest.split("."))
        elif kind[:1].islower() and rest:
            params = {"key": key, "kind": kind, "kinds": ", ".join(KINDS)}
            message = _("“%(key)s”: không có gói nào tên %(kind)s; các gói: %(kinds)s.") % params
            yield ValidationError(message, "unknown_packet")
            continue
        else:
            kinds, path = KINDS, tuple(key.split("."))
        known = [place for kind in kinds for place in FIELDS_BY_PATH[kind]]
        if not any(place[-len(path) :] == path for place in known):
            yield _unknown_field(key, kinds, path, known)


def _unknown_field(key: str, kinds: tuple[str, ...], path: Path, known: list[Path]) -> ValidationError:
    params = {"key": key, "field": ".".join(path), "packet": kinds[0]}
    if len(kinds) == 1:
        message = _("“%(key)s”: gói %(packet)s không có trường %(field)s.") % params
    else:
        message = _("“%(key)s”: không gói nào có trường %(field)s.") % params
    if near := difflib.get_close_matches(path[-1], {name for place in known for name in place}, n=1, cutoff=0.8):
        hint = _("Tên gần giống là %(name)s.") % {"name": near[0]}
        message = f"{message} {hint}"
    return ValidationError(message, "unknown_field")


def _unfit_name(key: str, new: str) -> ValidationError | None:
    if len(new) > LONGEST_NAME or NOT_IN_A_LINE.search(new) or NEVER_SENT.search(new):
        message = _("“%(key)s”: tên mới dài quá %(most)d ký tự hoặc có ký tự ẩn.")
        return ValidationError(message % {"key": key, "most": LONGEST_NAME}, "unfit_name")
    return None


def _unfit_value(key: str, value: str, new: object) -> ValidationError | None:
    if isinstance(new, dict | list) or (isinstance(new, float) and not math.isfinite(new)):
        message = _(
            "“%(key)s”: giá trị mới phải là chuỗi, số, giá trị đúng, sai hoặc để trống (true, false, null)."
        ) % {"key": key}
        return ValidationError(message, "unfit_value")
    if NEVER_SENT.search(value) or (isinstance(new, str) and NEVER_SENT.search(new)):
        return ValidationError(_("“%(key)s”: giá trị có ký tự điều khiển.") % {"key": key}, "unfit_value")
    return None


def _clashes(variation: Variation) -> Iterator[ValidationError]:
    """Yields an error for two fields of one object with the same new name: the second would overwrite the first."""
    messages: set[str] = set()
    for kind in KINDS:
        taken: dict[Path, Path] = {}
        for path in FIELDS_BY_PATH[kind]:
            named = (*path[:-1], variation.name(kind, path))
            other = taken.setdefault(named, path)
            if other != path:
                names = {"kind": kind, "one": ".".join(other), "other": ".".join(path), "name": named[-1]}
                message = _("Trong gói %(kind)s, %(one)s và %(other)s cùng mang tên %(name)s.") % names
                messages.add(message)
    yield from (ValidationError(message, "clash") for message in sorted(messages))
