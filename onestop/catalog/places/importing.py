"""Brings the tables of provinces and communes up to a list. No row that a dossier may name is ever deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from onestop.catalog.models import Commune, FormerCommune, Province

from .source import ListedFormer, PlaceList

_BATCH = 1000


@dataclass
class ImportReport:
    """What an import has changed, each place by code and name."""

    added: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    former: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.renamed or self.closed or self.opened or self.former)


@transaction.atomic
def bring_up_to(places: PlaceList) -> ImportReport:
    """Adds, renames, closes and opens places until the tables say what `places` says."""
    report = ImportReport()
    # With the names of their provinces as they are now, before these are renamed.
    communes = {commune.code: commune for commune in Commune.objects.select_related("province")}
    provinces = _provinces(places, report)
    _communes(places, communes, provinces, report)
    report.former = _former(places.former)
    return report


def _provinces(places: PlaceList, report: ImportReport) -> dict[str, Province]:
    there = {province.code: province for province in Province.objects.all()}
    for code, name in places.provinces.items():
        province = there.setdefault(code, Province(code=code, name=name))
        if _settle(province, name, report):
            province.name, province.is_active = name, True
            province.save()
    for province in there.values():
        if province.is_active and province.code not in places.provinces:
            _close(province, report)
            province.save()
    return there


def _communes(
    places: PlaceList, there: dict[str, Commune], provinces: dict[str, Province], report: ImportReport
) -> None:
    new: list[Commune] = []
    changed: list[Commune] = []
    earlier: list[ListedFormer] = []
    for code, (name, province_code) in places.communes.items():
        province = provinces[province_code]
        commune = there.get(code) or Commune(code=code, name=name, province=province)
        full_name = str(commune)
        is_changed = _settle(commune, name, report)
        commune.name, commune.province, commune.is_active = name, province, True
        commune.refresh_search()
        if commune.pk is None:
            new.append(commune)
        elif is_changed or full_name != str(commune):
            changed.append(commune)
            # Papers of the time between two lists have this name.
            earlier += [ListedFormer(code, full_name, code)] if full_name != str(commune) else []
    for commune in there.values():
        if commune.is_active and commune.code not in places.communes:
            _close(commune, report)
            changed.append(commune)
    Commune.objects.bulk_create(new, batch_size=_BATCH)
    Commune.objects.bulk_update(changed, ["name", "province", "is_active", "search"], batch_size=_BATCH)
    _add_former(earlier)


def _former(listed: list[ListedFormer]) -> int:
    """Adds and removes former names until each leads to the communes of the list. Returns how many it has changed."""
    listed_pairs = {(former.name, former.commune) for former in listed}
    names = {former.name for former in listed}
    wrong = [
        pk
        for pk, name, commune in FormerCommune.objects.values_list("pk", "name", "commune__code")
        if name in names and (name, commune) not in listed_pairs
    ]
    for first in range(0, len(wrong), _BATCH):
        FormerCommune.objects.filter(pk__in=wrong[first : first + _BATCH]).delete()
    return len(wrong) + _add_former(listed)


def _add_former(listed: Iterable[ListedFormer]) -> int:
    there = set(FormerCommune.objects.values_list("name", "commune__code"))
    keys = dict(Commune.objects.values_list("code", "pk"))
    new = []
    for former in listed:
        if (former.name, former.commune) not in there:
            there.add((former.name, former.commune))
            row = FormerCommune(code=former.code, name=former.name, commune_id=keys[former.commune])
            row.refresh_search()
            new.append(row)
    FormerCommune.objects.bulk_create(new, batch_size=_BATCH)
    return len(new)


def _settle(place: Province | Commune, name: str, report: ImportReport) -> bool:
    """Reports how `place` differs from the list, and returns whether it does."""
    if place.pk is None:
        report.added.append(f"{place.code} {name}")
        return True
    if place.name != name:
        report.renamed.append(f"{place.code} {place.name} → {name}")
    if not place.is_active:
        report.opened.append(f"{place.code} {name}")
    return place.name != name or not place.is_active


def _close(place: Province | Commune, report: ImportReport) -> None:
    place.is_active = False
    report.closed.append(f"{place.code} {place.name}")
