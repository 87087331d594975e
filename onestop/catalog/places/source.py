"""Provinces, communes and former communes, as the installed package `vietnamadminunits` lists them.

Only its data are read: its functions need packages that it does not declare, and look addresses up on the Internet.
Its list of communes is of August 2025; what has changed since stands here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import Final, NamedTuple

from onestop.common.input.text import composed

PACKAGE: Final = "vietnamadminunits"

# As the list of July 2026 has them: Đồng Nai has become a city, and ten of its communes wards.
_RENAMED_PROVINCES: Final = {"75": "Thành phố Đồng Nai"}
_RENAMED_COMMUNES: Final = {
    "25270": "Phường Lộc Ninh",
    "25357": "Phường Tân Khai",
    "25363": "Phường Đồng Phú",
    "26116": "Phường Tân Phú",
    "26170": "Phường Trị An",
    "26248": "Phường Trảng Bom",
    "26326": "Phường Dầu Giây",
    "26368": "Phường Long Thành",
    "26425": "Phường Xuân Lộc",
    "26485": "Phường Nhơn Trạch",
}
# Ba Chẽ, which the package lists with the code of the former township.
_OTHER_CODES: Final = {"06970": "06978"}


class ListedCommune(NamedTuple):
    name: str
    province: str


class ListedFormer(NamedTuple):
    """A former commune, with the code of a commune of today in its area."""

    code: str
    name: str
    commune: str


@dataclass
class PlaceList:
    """What `importing` brings the tables up to; provinces and communes by code."""

    provinces: dict[str, str] = field(default_factory=dict)
    communes: dict[str, ListedCommune] = field(default_factory=dict)
    former: list[ListedFormer] = field(default_factory=list)


def listed() -> PlaceList:
    """The list of the installed package, with what has changed since."""
    folder = Path(str(distribution(PACKAGE).locate_file(PACKAGE))) / "data"
    places, codes = PlaceList(), {}
    with closing(sqlite3.connect(f"file:{folder / 'dataset.db'}?mode=ro", uri=True)) as tables:
        query = "SELECT provinceKey, wardKey, provinceCode, province, wardCode, ward FROM admin_units"
        for province_key, commune_key, province, province_name, commune, name in tables.execute(query):
            code = _OTHER_CODES.get(commune, commune)
            codes[province_key, commune_key] = code
            places.provinces[province] = _RENAMED_PROVINCES.get(province, composed(province_name))
            places.communes[code] = ListedCommune(_RENAMED_COMMUNES.get(code, composed(name)), province)
            if code in _RENAMED_COMMUNES:
                places.former.append(ListedFormer(code, composed(f"{name}, {province_name}"), code))
        query = (
            "SELECT provinceKey, districtKey, coalesce(wardKey, ''), coalesce(wardCode, ''), ward, district, province"
            " FROM admin_units_legacy ORDER BY wardCode"
        )
        successors = _successors(folder / "converter_2025.json", codes)
        for province_key, district_key, commune_key, code, *names in tables.execute(query):
            name = composed(", ".join(filter(None, names)))
            for commune in successors[f"{province_key}_{district_key}_{commune_key}"]:
                places.former.append(ListedFormer(code, name, commune))
    return places


def _successors(file: Path, codes: dict[tuple[str, str], str]) -> dict[str, list[str]]:
    """The codes of today's communes in the area of each former one, by the package's key of the former one."""
    successors: dict[str, list[str]] = {}
    for former, province_key, commune_key in _conversions(json.loads(file.read_text(encoding="utf-8"))):
        successors.setdefault(former, []).append(codes[province_key, commune_key])
    return successors


def _conversions(converter: dict[str, dict[str, dict[str, list[object]]]]) -> Iterator[tuple[str, str, str]]:
    """The key of a former commune with the keys of a province and a commune of today, whole communes first."""
    for province, communes in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, formers in communes.items():
            for former in formers:
                yield str(former), province, commune
    for province, divided in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for former, parts in divided.items():
            for part in parts:
                assert isinstance(part, dict)  # noqa: S101 the package's file has nothing else here
                yield former, province, part["newWardKey"]
