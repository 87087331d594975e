"""Finds a commune of today by what people write: its name, the name of before, without accents, or its code."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from django.db.models import Case, Value, When

from onestop.catalog.models import Agency, Commune, FormerCommune, Province
from onestop.catalog.models.place import PlaceQuerySet, without_level
from onestop.common.input.text import composed, words_of

SUGGESTED: Final = 8
# How well a name fits a text: it begins with the text, has it in whole words, has it with the last word begun, or has
# its words somewhere.
BEGINS, WHOLE, SIDE_BY_SIDE, APART = range(4)


class Suggestion(NamedTuple):
    """A commune, and the former name that led to it; "" where today's own name did."""

    commune: Commune
    former: str
    fit: int


def typed_words(text: str) -> list[str]:
    """The words of `text` that a place must have; all of them where `text` has nothing but a level."""
    return words_of(without_level(text)) or words_of(text)


def suggestions(text: str, near: Province | None = None, most: int = SUGGESTED) -> list[Suggestion]:
    """The communes of today that `text` may mean: those of the province `near` first, then those that fit best."""
    words, written = typed_words(text), _plainly(text)
    today = _best(Commune.objects.matching(words).filter(is_active=True), words, near, "")
    by_name = [Suggestion(row, "", vars(row)["fit"]) for row in today.select_related("province")[: 2 * most]]
    active = FormerCommune.objects.matching(words).filter(commune__is_active=True)
    former = _best(active, words, near, "commune__").select_related("commune__province")
    by_former = [Suggestion(row.commune, row.name, vars(row)["fit"]) for row in former[: 4 * most]]

    def rank(one: Suggestion) -> tuple[bool, int, bool, bool]:
        is_far = near is not None and one.commune.province_id != near.pk
        # Two names may differ in their accents alone.
        is_other = written not in _plainly(one.former or str(one.commune))
        return is_far, one.fit, is_other, bool(one.former)

    best: dict[int, Suggestion] = {}
    for one in sorted((*by_name, *by_former), key=rank):
        best.setdefault(one.commune.pk, one)
    return list(best.values())[:most]


def _best(rows: PlaceQuerySet, words: list[str], near: Province | None, place: str) -> PlaceQuerySet:
    text = " ".join(words)
    fit = Case(
        When(search__startswith=f" {text} ", then=BEGINS),
        When(search__contains=f" {text} ", then=WHOLE),
        When(search__contains=f" {text}", then=SIDE_BY_SIDE),
        default=APART,
    )
    is_far = Case(When(**{f"{place}province": near}, then=0), default=1) if near else Value(0)
    ordered: PlaceQuerySet = rows.annotate(fit=fit).order_by(is_far, "fit", "name", "pk")
    return ordered


def meant(text: str, near: Province | None = None) -> list[Suggestion]:
    """The communes that `text`, typed in whole, can mean: one where it is clear, none where it is unknown."""
    if re.fullmatch(r"[0-9]{5}", text.strip()):
        coded = Commune.objects.filter(code=text.strip(), is_active=True).select_related("province")
        return [Suggestion(commune, "", BEGINS) for commune in coded]
    candidates, written, words = suggestions(text, near), _plainly(text), typed_words(text)
    for is_meant in (
        lambda one: written in (_plainly(str(one.commune)), _plainly(one.commune.name)),
        lambda one: words in (typed_words(str(one.commune)), typed_words(one.commune.name)),
        lambda one: one.fit <= WHOLE,
    ):
        if chosen := [one for one in candidates if is_meant(one)]:
            return chosen
    return candidates


def _plainly(text: str) -> str:
    """`text` with its accents, without capitals and further blanks."""
    return " ".join(composed(text).casefold().split())


def today_of(code: str) -> list[Commune]:
    """The communes of today in the area of the former commune with this code."""
    rows = FormerCommune.objects.filter(code=code, commune__is_active=True).select_related("commune__province")
    return [row.commune for row in rows.order_by("pk")]


def province_of(agency: Agency | None) -> Province | None:
    """The province in which `agency` works, as the name of its province's office says; None for a ministry's."""
    if agency is None or agency.level1 is None:
        return None
    name = f" {' '.join(words_of(agency.level1.name))} "
    provinces = Province.objects.filter(is_active=True)
    return next((each for each in provinces if f" {' '.join(words_of(without_level(each.name)))} " in name), None)
