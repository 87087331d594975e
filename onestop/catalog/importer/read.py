"""Reads a catalogue of agencies, fields and procedures from three JSON files, completely or not at all.

`read_catalog` does not touch the database: it returns the rows, or raises all errors at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from onestop.catalog.models import (
    Agency,
    Field,
    Procedure,
    ProcedureFee,
    ProcedurePaper,
    ProcedureResult,
    SubmissionChannel,
)

from .records import Record, RecordError, read_records

AGENCIES, FIELDS, PROCEDURES = "agencies.json", "fields.json", "procedures.json"
# A limit above ten years is a typing error, in any unit.
LONGEST_LIMIT: Final = 3650
_AGENCY_LEVELS: Final = {level.value: level.value for level in Agency.Level} | {
    # Districts ended in 2025, and their tasks went to the province.
    "district_former": Agency.Level.PROVINCE.value,
}
_PROCEDURE_LEVELS: Final = {level.value: level.value for level in Agency.Level}
_UNITS: Final = {"": "", **{unit.value: unit.value for unit in Procedure.Unit}}
# Without a status an existing agency stays as it is, and a new one is active.
_STATUSES: Final = {"": "", "active": "active", "former": "former"}


# Values by the name of the model's column.
Columns = dict[str, object]


class CatalogErrors(Exception):
    """The files cannot be imported; `errors` has all reasons."""

    def __init__(self, errors: Sequence[RecordError]) -> None:
        super().__init__(f"{len(errors)} lỗi")
        self.errors = errors


@dataclass(frozen=True)
class ImportedAgency:
    number: int
    code: str
    name: str
    level: str
    parent: str
    # Whether the agency works; None where the file does not say.
    active: bool | None


@dataclass(frozen=True)
class ImportedField:
    number: int
    code: str
    name: str


@dataclass(frozen=True)
class ImportedProcedure:
    """The keys of `columns` and of the rows of papers, fees and results are columns of the models."""

    number: int
    code: str
    field: str
    promulgator: str
    columns: Columns
    papers: list[Columns]
    fees: list[Columns]
    results: list[Columns]


@dataclass(frozen=True)
class Catalog:
    agencies: list[ImportedAgency]
    fields: list[ImportedField]
    procedures: list[ImportedProcedure]

    def __len__(self) -> int:
        return len(self.agencies) + len(self.fields) + len(self.procedures)


@dataclass(frozen=True)
class Known:
    """Rows of the database to which the files may refer: agencies with their parents' codes, and fields."""

    parents: Mapping[str, str]
    fields: frozenset[str]

    @classmethod
    def from_database(cls) -> Known:
        return cls(
            parents={code: parent or "" for code, parent in Agency.objects.values_list("code", "parent__code")},
            fields=frozenset(Field.objects.values_list("code", flat=True)),
        )


def read_catalog(directory: Path, known: Known) -> Catalog:
    """The rows of the three files in `directory`, which may refer to `known` rows. Raises `CatalogErrors`."""
    errors: list[RecordError] = []
    catalog = Catalog(
        agencies=[_agency(record) for record in read_records(directory / AGENCIES, Agency, errors)],
        fields=[
            ImportedField(record.number, code=record.text("code"), name=record.text("name"))
            for record in read_records(directory / FIELDS, Field, errors)
        ],
        procedures=[_procedure(record) for record in read_records(directory / PROCEDURES, Procedure, errors)],
    )
    # If a whole file is missing, every reference to it would be one more error without information.
    if all(error.row for error in errors):
        errors += _cross_check(catalog, known)
    if errors:
        raise CatalogErrors(errors)
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
        deadline.add_error("value", f"phải lớn hơn 0 và không quá {LONGEST_LIMIT}")
    if (deadline.data.get("value") is None) != (not deadline.data.get("unit")):
        deadline.add_error("unit", "value và unit phải cùng có hoặc cùng để trống")
    return limit, unit


def _paper(ordinal: int, paper: Record) -> Columns:
    # The portal lists a note or a heading as a paper with no originals and no copies. It is stored as it is.
    return {
        "ordinal": ordinal,
        "code": paper.text("code"),
        "name": paper.text("name"),
        "originals": paper.whole("originals"),
        "copies": paper.whole("copies"),
        "group": paper.text("group"),
        "form": paper.text("form"),
    }


def _fee(ordinal: int, fee: Record) -> Columns:
    channels = fee.texts("channels")
    for channel in channels:
        if channel not in SubmissionChannel.values:
            fee.add_error("channels", f"“{channel}” không phải là một trong: {', '.join(SubmissionChannel.values)}")
    return {
        "ordinal": ordinal,
        "name": fee.text("name"),
        "amount": fee.whole("amount_vnd", "amount"),
        "text": fee.text("text"),
        **{channel.value: channel.value in channels for channel in SubmissionChannel},
    }


def _results(record: Record) -> list[Columns]:
    names, codes = record.texts("results"), record.texts("result_codes")
    if len(names) != len(codes):
        record.add_error("result_codes", f"có {len(codes)} mã cho {len(names)} kết quả")
        return []
    rows: list[Columns] = []
    for ordinal, (name, code) in enumerate(zip(names, codes, strict=True), 1):
        result = replace(record, data={"name": name, "code": code}, model=ProcedureResult, path=f"results[{ordinal}].")
        rows.append({"ordinal": ordinal, "code": result.text("code"), "name": result.text("name")})
    return rows


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
    """Whether the agency `code` is among its own superiors."""
    seen: set[str] = set()
    above = parents[code]
    while above and above not in seen:
        seen.add(above)
        above = parents.get(above, "")
    return code in seen
