"""Compares an imported catalogue with the database and writes the differences.

Values that the files do not contain stay as the office set them: which procedures are active, how dossier codes are
written, how a limit is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction

from onestop.catalog.models import Agency, Field, Placement, Procedure, ProcedureFee, ProcedurePaper, ProcedureResult
from onestop.catalog.placements import settle
from onestop.common.input.text import without_accents

from .read import AGENCIES, FIELDS, PROCEDURES, Catalog, CatalogErrors, Columns, ImportedAgency, ImportedProcedure
from .records import RecordError


@dataclass
class ImportCount:
    """The result for the rows of one kind. `notes` are sentences for people about single rows."""

    new: int
    changed: int
    same: int
    notes: list[str] = field(default_factory=list)


Advance = Callable[[int], object]
_Coded = TypeVar("_Coded", Agency, Field, Procedure)
_Part = TypeVar("_Part", ProcedurePaper, ProcedureFee, ProcedureResult)
# The number of procedures saved at once: small enough for the memory, and for a smooth progress bar.
_BATCH: Final = 200


@transaction.atomic
def save_catalog(catalog: Catalog, advance: Advance, since: date | None = None) -> dict[str, ImportCount]:
    """Writes the differences to the database; calls `advance` with the number of rows just done.

    `since` is the first day on which the tree of agencies is as in the file; by default today. Raises `CatalogErrors`,
    with nothing saved, if `placements.settle` refuses that day.
    """
    new, changed, notes = _save_agencies(catalog.agencies, since)
    outcome = {AGENCIES: replace(_count(catalog.agencies, new, changed), notes=notes)}
    advance(len(catalog.agencies))
    new, changed = _merge(Field, {row.code: {"name": row.name} for row in catalog.fields})
    outcome[FIELDS] = _count(catalog.fields, new, changed)
    advance(len(catalog.fields))
    new, changed = set(), set()
    for start in range(0, len(catalog.procedures), _BATCH):
        batch = catalog.procedures[start : start + _BATCH]
        more_new, more_changed = _save_procedures(batch)
        new |= more_new
        changed |= more_changed
        advance(len(batch))
    outcome[PROCEDURES] = _count(catalog.procedures, new, changed)
    return outcome


def _count(rows: Sequence[object], new: set[str], changed: set[str]) -> ImportCount:
    changed = changed - new
    return ImportCount(len(new), len(changed), len(rows) - len(new) - len(changed))


def _save_agencies(rows: Sequence[ImportedAgency], since: date | None) -> tuple[set[str], set[str], list[str]]:
    new, changed = _merge(Agency, {row.code: {"name": row.name, "level": row.level} for row in rows})
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    expected: dict[str, Columns] = {}
    for row in rows:
        expected[row.code] = {"parent_id": agencies[row.parent].pk if row.parent else None}
        if row.active is not None:
            expected[row.code]["is_active"] = row.active
    placed = [agencies[code] for code, columns in expected.items() if _assign(agencies[code], columns)]
    Agency.objects.bulk_update(placed, ["parent", "is_active"])
    try:
        begun = settle({agency.pk: agency for agency in agencies.values()}, since)
    except ValidationError as error:
        raise CatalogErrors([RecordError(AGENCIES, message) for message in error.messages]) from error
    silent = agencies.keys() - expected.keys()
    notes = [*_changes_of(placed, begun), *([f"{len(silent)} không có trong tệp, giữ nguyên."] if silent else [])]
    return new, changed | {agency.code for agency in placed}, notes


def _changes_of(placed: Iterable[Agency], begun: Iterable[Placement]) -> Iterator[str]:
    """Notes on agencies that were moved, ended or revived, with the first day. New agencies have none."""
    since = {placement.agency_id: placement.since for placement in begun}
    for agency in placed:
        if agency.pk in since:
            above = f"trực thuộc {agency.parent.code}" if agency.parent else "là cơ quan cấp 1"
            state = (
                "đang hoạt động" if agency.is_active else "đã kết thúc, cùng đơn vị trực thuộc không nhận hồ sơ nữa"
            )
            yield f"{agency.code} từ {since[agency.pk]:%d/%m/%Y}: {above}, {state}."


def _save_procedures(rows: Sequence[ImportedProcedure]) -> tuple[set[str], set[str]]:
    agencies = dict(Agency.objects.values_list("code", "pk"))
    fields = dict(Field.objects.values_list("code", "pk"))
    new, changed = _merge(
        Procedure,
        {
            row.code: row.columns
            | {
                "field_id": fields[row.field],
                "promulgator_id": agencies[row.promulgator] if row.promulgator else None,
                # `Procedure.save` sets this, but bulk writes do not call it.
                "search": without_accents(f"{row.code} {row.columns['name']}"),
            }
            for row in rows
        },
    )
    pks = dict(Procedure.objects.filter(code__in=[row.code for row in rows]).values_list("code", "pk"))
    touched = (
        _merge_parts(ProcedurePaper, {pks[row.code]: row.papers for row in rows})
        | _merge_parts(ProcedureFee, {pks[row.code]: row.fees for row in rows})
        | _merge_parts(ProcedureResult, {pks[row.code]: row.results for row in rows})
    )
    return new, changed | {code for code, pk in pks.items() if pk in touched}


def _merge(model: type[_Coded], expected: Mapping[str, Columns]) -> tuple[set[str], set[str]]:
    """Creates or updates the rows with these codes. Returns the codes of new and of changed rows."""
    known = {row.code: row for row in model.objects.filter(code__in=expected)}
    changed = [row for code, row in known.items() if _assign(row, expected[code])]
    new = [model(code=code, **columns) for code, columns in expected.items() if code not in known]
    if changed:
        model.objects.bulk_update(changed, list(expected[changed[0].code]))
    model.objects.bulk_create(new)
    return {row.code for row in new}, {row.code for row in changed}


def _merge_parts(model: type[_Part], expected: Mapping[int, list[Columns]]) -> set[int]:
    """Replaces the parts of each procedure that differ from `expected`. Returns the procedures with a difference.

    Rows without a difference stay, together with the references to them and the values that the office set in them.
    """
    present: dict[tuple[int, int], _Part] = {
        (row.procedure_id, row.ordinal): row for row in model.objects.filter(procedure__in=expected)
    }
    missing: list[_Part] = []
    for procedure, rows in expected.items():
        for columns in rows:
            row = present.get((procedure, cast(int, columns["ordinal"])))
            if row and all(getattr(row, name) == value for name, value in columns.items()):
                del present[procedure, row.ordinal]
            else:
                missing.append(model(procedure_id=procedure, **columns))
    model.objects.filter(pk__in=[row.pk for row in present.values()]).delete()
    model.objects.bulk_create(missing)
    return {row.procedure_id for row in (*present.values(), *missing)}


def _assign(row: models.Model, columns: Columns) -> bool:
    """Sets `columns`. Returns whether any of them was different."""
    different = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
