"""An empty database gets two provinces and millions of dossiers that lived through every kind of move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from onestop.catalog.models import Agency, Field, Procedure
from onestop.dossiers.models import Dossier, DueDate, Transition

MONTHS = 60
TABLES = tuple(model._meta.db_table for model in (Dossier, Transition, DueDate))
LIMITS = (1, 2, 3, 3, 5, 5, 7, 10, 15, 20, 30)


def make_office(dossiers: int, now: datetime, seed: int, say: Callable[[str], object]) -> None:
    make_agencies("H22", departments=20, wards=130, units=150)
    make_agencies("H23", departments=4, wards=8, units=0)
    make_procedures(fields=30, procedures=250)
    parts = Path(__file__).with_name("histories.sql").read_text(encoding="utf-8").split("\n\n")[1:]
    values: dict[str, int | datetime] = {"dossiers": dossiers, "months": MONTHS, "seed": seed, "now": now}
    with transaction.atomic(), connection.cursor() as cursor, indexed_afterwards(cursor, say):
        for part in parts:
            say(part.partition("\n")[0].removeprefix("-- "))
            cursor.execute(part, values)
    say("vacuum")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def make_agencies(code: str, *, departments: int, wards: int, units: int) -> None:
    """A province, its departments and wards, and, spread over these, units with desks of their own."""
    province = Agency.objects.create(code=code, name=f"Tỉnh {code}", level=Agency.Level.PROVINCE)
    below = [
        Agency.objects.create(code=f"{code}.{number:03}", name=f"Cơ quan {number}", parent=province, level=level)
        for level, numbers in (
            (Agency.Level.PROVINCE, range(1, departments + 1)),
            (Agency.Level.COMMUNE, range(101, 101 + wards)),
        )
        for number in numbers
    ]
    for number in range(units):
        parent = below[number % len(below)]
        unit = f"{parent.code}.{1 + number // len(below):02}"
        Agency.objects.create(code=unit, name=f"Bộ phận {unit}", parent=parent, level=parent.level)


def make_procedures(*, fields: int, procedures: int) -> None:
    """The last 8 %, which are asked for least, have no limit; they make 2 % of the dossiers."""
    made = [Field.objects.create(code=f"L{number:02}", name=f"Lĩnh vực {number}") for number in range(fields)]
    for number in range(procedures):
        limited = number < procedures * 0.92
        Procedure.objects.create(
            code=f"1.{number:06}",
            name=f"Thủ tục {number}",
            field=made[number % fields],
            level=Agency.Level.COMMUNE,
            limit=Decimal(LIMITS[number % len(LIMITS)]) if limited else None,
            limit_unit=Procedure.Unit.WORKING_DAYS if limited else "",
            online=True,
            postal=True,
        )


@contextmanager
def indexed_afterwards(
    cursor: CursorWrapper, say: Callable[[str], object], tables: tuple[str, ...] = TABLES
) -> Iterator[None]:
    """Constraints and indexes are made anew in the end: every row is checked, in a tenth of the time."""
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype IN ('f', 'u') AND conrelid::regclass::text = ANY(%s) ORDER BY contype DESC",
        [list(tables)],
    )
    constraints = cursor.fetchall()
    for table, name, _definition in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    say("indexes and constraints")
    for _name, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in constraints:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
