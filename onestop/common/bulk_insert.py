"""Many new rows of one table at once, as a bulk intake writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO
from operator import attrgetter
from typing import Any

from django.db import connection, models

from .input.columns import Tidied

# What COPY's text format reads as something else than itself.
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_BATCH = 500


def insert(kind: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Inserts `rows`, new ones of that kind that know their parents' keys, and gives them their keys.

    On PostgreSQL by COPY, which takes a third of the time of the statements that Django would write.
    """
    if connection.vendor != "postgresql":
        kind._default_manager.bulk_create(rows, batch_size=_BATCH)
    elif rows:
        _copy(kind, rows)


def _copy(kind: type[models.Model], rows: Sequence[models.Model]) -> None:
    table, fields = kind._meta.db_table, kind._meta.concrete_fields
    tidied = [field for field in fields if isinstance(field, Tidied)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [table, kind._meta.pk.column, len(rows)],
        )
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
            # As a save would: what a column mends, the row holds. COPY passes the columns by.
            for column in tidied:
                column.pre_save(row, add=True)
        values_of = attrgetter(*(field.attname for field in fields))
        lines = StringIO("".join("\t".join(map(_text, values_of(row))) + "\n" for row in rows))
        columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
        # The cursor's own wrapper knows nothing of COPY, and would let the driver's errors through as they are.
        with connection.wrap_database_errors:
            cursor.copy_expert(f"COPY {connection.ops.quote_name(table)} ({columns}) FROM STDIN", lines)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _text(value: Any) -> str:
    """A value as COPY's text format has it."""
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if value is None:
        return r"\N"
    if isinstance(value, dict):
        return json.dumps(value).translate(_ESCAPES)
    return str(value)
