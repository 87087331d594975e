"""Takes a catalogue of agencies, fields and procedures in from three JSON files, whole or not at all.

`read_catalog` reads and judges, and touches no database: it gives the rows, or every fault there is at once.
`save_catalog` compares the rows with the database and writes what differs. What the files do not tell stays
the office's own: which procedures are active, how dossier codes are written, how a limit is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from onestop.common.input.text import without_accents

from .models import (
    Agency,
    Field,
    Placement,
    Procedure,
    ProcedureFee,
    ProcedurePaper,
    ProcedureResult,
    SubmissionChannel,
)
from .placements import settle
from .records import Record, RecordError, read_records

AGENCIES, FIELDS, PROCEDURES = "agencies.json", "fields.json", "procedures.json"

# A limit above ten years is a slip of the pen, in whatever unit.
LONGEST_LIMIT: Final = 3650
_AGENCY_LEVELS: Final = {level.value: level.value for level in Agency.Level} | {
    # Districts ended in 2025; what was theirs went to the province.
    "district_former": Agency.Level.PROVINCE.value,
}
_PROCEDURE_LEVELS: Final = {level.value: level.value for level in Agency.Level}
_UNITS: Final = {"": "", **{unit.value: unit.value for unit in Procedure.Unit}}
# Without a word about it an agency stays as the office has it; a new one is active.
_STATUSES: Final = {"": "", "active": "active", "former": "former"}


class CatalogFaults(Exception):
    """The files are not fit to be taken in; `faults` has every reason."""

    def __init__(self, faults: Sequence[RecordError]) -> None:
        super().__init__(f"{len(faults)} lỗi")
        self.faults = faults


@dataclass(frozen=True)
class ImportedAgency:
    number: int
    code: str
    name: str
    level: str
    parent: str
    # Whether it works; None where the file does not tell.
    active: bool | None


@dataclass(frozen=True)
class ImportedField:
    number: int
    code: str
    name: str


@dataclass(frozen=True)
class ImportedProcedure:
    """`columns` and the rows of papers, fees and results are named as the models' columns are."""

    number: int
    code: str
    field: str
    promulgator: str
    columns: dict[str, Any]
    papers: list[dict[str, Any]]
    fees: list[dict[str, Any]]
    results: list[dict[str, Any]]


@dataclass(frozen=True)
class Catalog:
    agencies: list[ImportedAgency]
    fields: list[ImportedField]
    procedures: list[ImportedProcedure]

    def __len__(self) -> int:
        return len(self.agencies) + len(self.fields) + len(self.procedures)


@dataclass(frozen=True)
class Known:
    """What the database has already, for rows to refer to: agencies with their parents' codes, and fields."""

    parents: Mapping[str, str]
    fields: frozenset[str]

    @classmethod
    def from_database(cls) -> Known:
        return cls(
            parents={code: parent or "" for code, parent in Agency.objects.values_list("code", "parent__code")},
            fields=frozenset(Field.objects.values_list("code", flat=True)),
        )


# ---- reading


def read_catalog(directory: Path, known: Known) -> Catalog:
    """The three files of `directory`, which may refer to what is `known`. Raises `CatalogFaults`."""
    faults: list[RecordError] = []
    catalog = Catalog(
        agencies=[_agency(record) for record in read_records(directory / AGENCIES, Agency, faults)],
        fields=[_field(record) for record in read_records(directory / FIELDS, Field, faults)],
        procedures=[_procedure(record) for record in read_records(directory / PROCEDURES, Procedure, faults)],
    )
    # With a whole file missing, every reference into it would be one more fault that helps nobody.
    if all(fault.row for fault in faults):
        faults += _cross_check(catalog, known)
    if faults:
        raise CatalogFaults(faults)
    return catalog


def _agency(record: Record) -> ImportedAgency:
    level = record.choice("level", _AGENCY_LEVELS)
    status = record.choice("status", _STATUSES) or {"district_former": "former"}.get(record.word("level"), "")
    return ImportedAgency(
        number=record.number,
        code=record.text("code"),
        name=record.text("name"),
        level=level,
        parent=record.word("parent_code"),
        active=None if not status else status == "active",
    )


def _field(record: Record) -> ImportedField:
    return ImportedField(record.number, code=record.text("code"), name=record.text("name"))


def _procedure(record: Record) -> ImportedProcedure:
    deadline = record.record("deadline", Procedure)
    limit, unit = _limit(deadline)
    channels = record.record("channels", Procedure)
    return ImportedProcedure(
        number=record.number,
        code=record.text("code"),
        field=record.word("field_code"),
        promulgator=record.record("promulgator", Agency).word("code"),
        columns={
            "name": record.text("name"),
            "level": record.choice("level", _PROCEDURE_LEVELS),
            "executed_by": record.text("agency", "executed_by"),
            "limit": limit,
            "limit_unit": unit,
            "limit_text": deadline.text("text", "limit_text"),
            "direct": channels.flag("direct"),
            "online": channels.flag("online"),
            "postal": channels.flag("postal"),
            "subjects": record.texts("subjects"),
            "decision_no": record.text("decision_no"),
            "legal_basis": record.texts("legal_basis"),
        },
        papers=[_paper(ordinal, paper) for ordinal, paper in enumerate(record.records("papers", ProcedurePaper), 1)],
        fees=[_fee(ordinal, fee) for ordinal, fee in enumerate(record.records("fees", ProcedureFee), 1)],
        results=_results(record),
    )


def _limit(deadline: Record) -> tuple[Decimal | None, str]:
    limit = deadline.decimal("value", "limit")
    unit = deadline.choice("unit", _UNITS)
    if limit is not None and not 0 < limit <= LONGEST_LIMIT:
        deadline.fault("value", f"phải lớn hơn 0 và không quá {LONGEST_LIMIT}")
    if (deadline.data.get("value") is None) != (not deadline.data.get("unit")):
        deadline.fault("unit", "value và unit phải cùng có hoặc cùng để trống")
    return limit, unit


def _paper(ordinal: int, paper: Record) -> dict[str, Any]:
    # Nought originals and nought copies is how the portal files a note or a heading: kept as it is.
    return {
        "ordinal": ordinal,
        "code": paper.text("code"),
        "name": paper.text("name"),
        "originals": paper.whole("originals"),
        "copies": paper.whole("copies"),
        "group": paper.text("group"),
        "form": paper.text("form"),
    }


def _fee(ordinal: int, fee: Record) -> dict[str, Any]:
    channels = fee.texts("channels")
    for channel in channels:
        if channel not in SubmissionChannel.values:
            fee.fault("channels", f"“{channel}” không phải là một trong: {', '.join(SubmissionChannel.values)}")
    return {
        "ordinal": ordinal,
        "name": fee.text("name"),
        "amount": fee.whole("amount_vnd", "amount"),
        "text": fee.text("text"),
        **{channel.value: channel.value in channels for channel in SubmissionChannel},
    }


def _results(record: Record) -> list[dict[str, Any]]:
    names, codes = record.texts("results"), record.texts("result_codes")
    if len(names) != len(codes):
        record.fault("result_codes", f"có {len(codes)} mã cho {len(names)} kết quả")
        return []
    rows = []
    for ordinal, (name, code) in enumerate(zip(names, codes, strict=True), 1):
        result = replace(record, data={"name": name, "code": code}, model=ProcedureResult, path=f"results[{ordinal}].")
        rows.append({"ordinal": ordinal, "code": result.text("code"), "name": result.text("name")})
    return rows


# ---- what only shows when rows are laid side by side


def _cross_check(catalog: Catalog, known: Known) -> Iterator[RecordError]:
    yield from _repeated(AGENCIES, catalog.agencies)
    yield from _repeated(FIELDS, catalog.fields)
    yield from _repeated(PROCEDURES, catalog.procedures)
    parents = {**known.parents, **{row.code: row.parent for row in catalog.agencies}}
    fields = known.fields | {row.code for row in catalog.fields}
    for row in catalog.agencies:
        if row.parent and row.parent not in parents:
            yield RecordError(AGENCIES, _unknown("cơ quan", row.parent), row.number, row.code, "parent_code")
        elif _circles(row.code, parents):
            yield RecordError(
                AGENCIES, "cơ quan cấp trên lại trực thuộc chính nó", row.number, row.code, "parent_code"
            )
    for procedure in catalog.procedures:
        if procedure.field not in fields:
            yield _misses(procedure, "field_code", _unknown("lĩnh vực", procedure.field))
        if procedure.promulgator and procedure.promulgator not in parents:
            yield _misses(procedure, "promulgator.code", _unknown("cơ quan", procedure.promulgator))


def _misses(procedure: ImportedProcedure, key: str, reason: str) -> RecordError:
    return RecordError(PROCEDURES, reason, procedure.number, procedure.code, key)


def _unknown(what: str, code: str) -> str:
    return f"không có {what} mã “{code}” trong tệp hay trong hệ thống" if code else f"thiếu mã {what}"


def _repeated(file: str, rows: Iterable[ImportedAgency | ImportedField | ImportedProcedure]) -> Iterator[RecordError]:
    first: dict[str, int] = {}
    for row in rows:
        if row.code and first.setdefault(row.code, row.number) != row.number:
            yield RecordError(file, f"mã đã có ở bản ghi {first[row.code]}", row.number, row.code, "code")


def _circles(code: str, parents: Mapping[str, str]) -> bool:
    """Whether the line of superiors of `code` comes back to it."""
    seen: set[str] = set()
    above = parents[code]
    while above and above not in seen:
        seen.add(above)
        above = parents.get(above, "")
    return code in seen


# ---- saving


@dataclass
class ImportCount:
    """What became of the rows of one kind; `notes` say in words what somebody should know of single ones."""

    new: int
    changed: int
    same: int
    notes: list[str] = field(default_factory=list)


Advance = Callable[[int], object]
_Coded = TypeVar("_Coded", Agency, Field, Procedure)
_Part = TypeVar("_Part", ProcedurePaper, ProcedureFee, ProcedureResult)
# So many procedures at once, that memory stays small and the progress shows.
_BATCH: Final = 200


@transaction.atomic
def save_catalog(catalog: Catalog, advance: Advance, since: date | None = None) -> dict[str, ImportCount]:
    """Writes what differs from the database; calls `advance` with the number of rows just done.

    `since`: the first day on which agencies stand as the file says; left out, today. Raises `CatalogFaults`, with
    nothing saved, where that day will not do.
    """
    new, changed, notes = _save_agencies(catalog.agencies, since)
    outcome = {AGENCIES: replace(_tally(catalog.agencies, new, changed), notes=notes)}
    advance(len(catalog.agencies))
    new, changed = _merge(Field, {row.code: {"name": row.name} for row in catalog.fields})
    outcome[FIELDS] = _tally(catalog.fields, new, changed)
    advance(len(catalog.fields))
    new, changed = set(), set()
    for start in range(0, len(catalog.procedures), _BATCH):
        batch = catalog.procedures[start : start + _BATCH]
        more_new, more_changed = _save_procedures(batch)
        new |= more_new
        changed |= more_changed
        advance(len(batch))
    outcome[PROCEDURES] = _tally(catalog.procedures, new, changed)
    return outcome


def _tally(rows: Sequence[object], new: set[str], changed: set[str]) -> ImportCount:
    changed = changed - new
    return ImportCount(len(new), len(changed), len(rows) - len(new) - len(changed))


def _save_agencies(rows: Sequence[ImportedAgency], since: date | None) -> tuple[set[str], set[str], list[str]]:
    new, changed = _merge(Agency, {row.code: {"name": row.name, "level": row.level} for row in rows})
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    wanted = {row.code: {"parent_id": agencies[row.parent].pk if row.parent else None} for row in rows}
    wanted = {row.code: wanted[row.code] | _told(row) for row in rows}
    placed = [agencies[code] for code, columns in wanted.items() if _assign(agencies[code], columns)]
    Agency.objects.bulk_update(placed, ["parent", "is_active"])
    try:
        begun = settle({agency.pk: agency for agency in agencies.values()}, since)
    except ValidationError as error:
        raise CatalogFaults([RecordError(AGENCIES, message) for message in error.messages]) from error
    silent = agencies.keys() - wanted.keys()
    notes = [*_changes_of(placed, begun), *([f"{len(silent)} không có trong tệp, giữ nguyên."] if silent else [])]
    return new, changed | {agency.code for agency in placed}, notes


def _told(row: ImportedAgency) -> dict[str, Any]:
    return {} if row.active is None else {"is_active": row.active}


def _changes_of(placed: Iterable[Agency], begun: Iterable[Placement]) -> Iterator[str]:
    """What was put elsewhere, ended or revived, and from which day on. New agencies are not told of."""
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
                # As `Procedure.save` does, which bulk writes pass by.
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


def _merge(model: type[_Coded], wanted: Mapping[str, dict[str, Any]]) -> tuple[set[str], set[str]]:
    """Brings the rows with these codes to the columns `wanted`; gives the codes of new and of changed ones."""
    known = {row.code: row for row in model.objects.filter(code__in=wanted)}
    changed = [row for code, row in known.items() if _assign(row, wanted[code])]
    new = [model(code=code, **columns) for code, columns in wanted.items() if code not in known]
    if changed:
        model.objects.bulk_update(changed, list(wanted[changed[0].code]))
    model.objects.bulk_create(new)
    return {row.code for row in new}, {row.code for row in changed}


def _merge_parts(model: type[_Part], wanted: Mapping[int, list[dict[str, Any]]]) -> set[int]:
    """Brings the rows under each procedure to those `wanted`; gives the procedures where any was not so.

    Rows that are as wanted stay, and with them what refers to them and what the office set in them.
    """
    present: dict[tuple[int, int], _Part] = {
        (row.procedure_id, row.ordinal): row for row in model.objects.filter(procedure__in=wanted)
    }
    missing: list[_Part] = []
    for procedure, rows in wanted.items():
        for columns in rows:
            row = present.get((procedure, columns["ordinal"]))
            if row and all(getattr(row, name) == value for name, value in columns.items()):
                del present[procedure, row.ordinal]
            else:
                missing.append(model(procedure_id=procedure, **columns))
    model.objects.filter(pk__in=[row.pk for row in present.values()]).delete()
    model.objects.bulk_create(missing)
    return {row.procedure_id for row in (*present.values(), *missing)}


def _assign(row: models.Model, columns: Mapping[str, Any]) -> bool:
    """Sets `columns`; whether any of them was different."""
    different = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
