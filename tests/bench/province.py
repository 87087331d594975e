"""An empty database gets one province whose dossiers partners read: the same office at any size, row for row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from onestop.catalog.models import Agency
from onestop.dossiers.models import Attachment, Dossier, Fee, Paper, Transition

from .histories import indexed_afterwards, make_procedures

DAYS = 730
DEPARTMENTS, WARDS = 20, 126
# What the restricted partners see: one ward with its desk, one department with its units.
WARD, DEPARTMENT = "H22.101", "H22.001"
SHARES = {WARD: 0.003, DEPARTMENT: 0.05}
OTHER_DEPARTMENTS = 0.015
PROCEDURES = 400


def make_province(dossiers: int, now: datetime, seed: int, say: Callable[[str], object]) -> None:
    """Without statistics for the planner, as a database that nobody has looked after yet."""
    shares = dict(make_agencies())
    make_procedures(fields=30, procedures=PROCEDURES)
    parts = Path(__file__).with_name("province.sql").read_text(encoding="utf-8").split("\n\n")[1:]
    values: dict[str, Any] = {
        "dossiers": dossiers,
        "days": DAYS,
        "seed": seed,
        "now": now,
        "agencies": list(shares),
        "bounds": list(accumulate(shares.values()))[:-1],
    }
    tables = tuple(model._meta.db_table for model in (Dossier, Transition, Paper, Fee, Attachment))
    with transaction.atomic(), connection.cursor() as cursor, indexed_afterwards(cursor, say, tables):
        for part in parts:
            say(part.partition("\n")[0].removeprefix("-- "))
            cursor.execute(part, values)


def make_agencies() -> Iterator[tuple[int, float]]:
    """Three hundred of one province. Yields each that receives, by key, with its share of all dossiers."""
    levels = Agency.Level
    province = Agency.objects.create(code="H22", name="UBND tỉnh Hà Giang", level=levels.PROVINCE)
    others = (1 - sum(SHARES.values()) - (DEPARTMENTS - 1) * OTHER_DEPARTMENTS) / (WARDS - 1)
    for number in range(1, DEPARTMENTS + 1):
        code = f"H22.{number:03}"
        department = Agency.objects.create(code=code, name=f"Sở {number}", parent=province, level=levels.PROVINCE)
        units = 10 if code == DEPARTMENT else number % 2
        yield from _with_units(department, units, SHARES.get(code, OTHER_DEPARTMENTS))
    for number in range(101, 101 + WARDS):
        code = f"H22.{number}"
        ward = Agency.objects.create(code=code, name=f"Phường {number}", parent=province, level=levels.COMMUNE)
        yield from _with_units(ward, 1, SHARES.get(code, others))


def _with_units(agency: Agency, units: int, share: float) -> Iterator[tuple[int, float]]:
    yield agency.pk, share / (units + 1)
    for number in range(1, units + 1):
        unit = Agency.objects.create(
            code=f"{agency.code}.{number:02}", name=f"Bộ phận {number}", parent=agency, level=agency.level
        )
        yield unit.pk, share / (units + 1)
