"""Finds the commune in an address that ends with it, as identity cards have it: “Tổ 5, Tân Lập, Đan Phượng, Hà Nội”.

Cards of before the mergers name commune, district and province; later ones commune and province. Many leave out
whether it is a ward or a town.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from onestop.catalog.models import Commune, FormerCommune
from onestop.common.input.text import words_of

from .finding import typed_words

_LEVEL: Final = re.compile(r"(?:phuong|xa|thi tran|dac khu|quan|huyen|thi xa|thanh pho|tinh|tp|tt|tx|p|x|q|h|t) (?=.)")


class ReadAddress(NamedTuple):
    """`place`: the commune of today, or the former one where that was divided; `rest`: what stands before it."""

    rest: str
    place: str


def read_address(address: str) -> ReadAddress | None:
    """The parts of `address`, or None where its end is no known commune."""
    parts = [part.strip() for part in address.split(",")]
    # A district may have the name of a commune of today, so the longer form comes first.
    for number in (3, 2):
        rest, place = parts[:-number], parts[-number:]
        if len(place) < number:
            continue
        words = typed_words(", ".join(place))
        former = FormerCommune.objects.matching(words).filter(commune__is_active=True)
        former_rows = [
            row for row in former.select_related("commune__province") if _is_same(place, row.name.split(", "))
        ]
        today = Commune.objects.matching(words).filter(is_active=True).select_related("province")
        communes = {row.pk: row for row in today if _is_same(place, str(row).split(", "))}
        communes = communes or {row.commune_id: row.commune for row in former_rows}
        if len(communes) == 1:
            return ReadAddress(", ".join(rest), str(*communes.values()))
        if names := {row.name for row in former_rows}:
            return ReadAddress(", ".join(rest), names.pop()) if len(names) == 1 else None
    return None


def _is_same(written: list[str], name: list[str]) -> bool:
    """Whether each part of the address is that part of the name, with its level or without."""
    if len(written) != len(name):
        return False
    return all(_forms(one) & _forms(other) for one, other in zip(written, name, strict=True))


def _forms(text: str) -> set[str]:
    plain = " ".join(words_of(text))
    level = _LEVEL.match(plain)
    return {plain, plain[level.end() :] if level else plain}
