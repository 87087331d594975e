"""Checks a packet: against the JSON Schema of its kind, and against the sums that a schema cannot express.

Four kinds are the standard's; events and pings, which partners' webhooks get, are our own.

Nothing here depends on who made the packet, so the sender, the practice portal and files from elsewhere are all
checked by the same rules.
"""

import binascii
import difflib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

# JSON as Python reads it: a schema, or a packet whose names and types its schema has checked.
Decoded = dict[str, Any]

KINDS = ("document", "trace", "vote", "statistic")
EVENT, PING = "event", "ping"

# A multiple of four letters, so that every block decodes on its own.
BASE64_BLOCK = 1024 * 1024

LEVELS = ("PercentVeryGood", "PercentGood", "PercentBad")
# A whole and its two parts.
SUMS = (
    ("Total", "PreExtisting", "NewReception"),
    ("Total", "TotalSolved", "TotalPending"),
    ("TotalSolved", "SolvedInTime", "SolvedLate"),
    ("TotalPending", "Pending", "PendingLate"),
)
# A rounded percent, the figure it belongs to, the whole, and the percent that makes up the rest of 100.
SHARES = (
    ("SolvedInTimePercent", "SolvedInTime", "TotalSolved", "SolvedLatePercent"),
    ("PendingLatePercent", "PendingLate", "TotalPending", "PendingPercent"),
)


@dataclass(frozen=True)
class SchemaError:
    """One error of a packet. Names the field and the rule, never the value, which may be personal data.

    `path` is like `Supplementaries[0].SendDate`, empty for the packet itself; `rule` is a stable short id.
    """

    path: str
    rule: str
    message: str


def check(kind: str, packet: object) -> list[SchemaError]:
    """Every error of a decoded packet. The sums are checked only where names and types are right."""
    try:
        errors = _schema_errors(VALIDATORS[kind], packet)
    except RecursionError:
        return [SchemaError("", "depth", _("Dữ liệu lồng nhau quá sâu."))]
    if errors or kind not in RULES or not isinstance(packet, dict):
        return errors
    return list(RULES[kind](packet))


def kind_of(packet: object, own_fields: Mapping[str, Set[str]] | None = None) -> str | None:
    """The kind of a decoded object, by the field names that no other kind has; None if it has none of them.

    `own_fields`: the portal's own names for those fields.
    """
    own = own_fields or OWN_FIELDS
    if not isinstance(packet, dict):
        return None
    best = max(KINDS, key=lambda kind: len(own[kind] & packet.keys()))
    return best if own[best] & packet.keys() else None


def decoded_blocks(text: str) -> Iterator[bytes]:
    """The bytes that base64 `text` stands for, a block at a time; ValueError when it is not base64."""
    if len(text) % 4 or text.endswith("==="):
        raise ValueError("base64 has the wrong length")
    for start in range(0, len(text), BASE64_BLOCK):
        block = text[start : start + BASE64_BLOCK]
        if "=" in block and start + BASE64_BLOCK < len(text):
            raise ValueError("base64 ends before its end")
        yield binascii.a2b_base64(block, strict_mode=True)


def _is_finite_number(_checker: object, value: object) -> bool:
    """JSON has no NaN and no infinity, but Python's decoder accepts them."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float | Decimal) and math.isfinite(value))


FORMATS = FormatChecker(formats=())


@FORMATS.checks("instant", raises=ValueError)
def _is_instant(value: object) -> bool:
    """Whether the calendar has the day. The shape is a pattern of the schema, which other validators check as well."""
    return not isinstance(value, str) or value == "" or bool(datetime.fromisoformat(value))


@FORMATS.checks("date-time", raises=ValueError)
def _is_full_instant(value: object) -> bool:
    """Whether it has an offset, as RFC 3339 demands."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def _schema(kind: str) -> Decoded:
    schema: Decoded = json.loads(Path(__file__).with_name(f"{kind}.json").read_text(encoding="utf-8"))
    return schema


SCHEMAS = {kind: _schema(kind) for kind in KINDS}
FIELDS = {kind: frozenset(SCHEMAS[kind]["properties"]) for kind in KINDS}
OWN_FIELDS = {kind: FIELDS[kind].difference(*(FIELDS[other] for other in KINDS if other != kind)) for kind in KINDS}
PacketValidator: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call]  # so say its stubs
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("number", _is_finite_number),
)
VALIDATORS = {
    kind: PacketValidator(schema, format_checker=FORMATS)
    for kind, schema in (SCHEMAS | {own: _schema(own) for own in (EVENT, PING)}).items()
}


def _schema_errors(validator: Draft202012Validator, packet: object) -> list[SchemaError]:
    """One error per field: beside a wrong type, a wrong range is of no use."""
    first: dict[str, SchemaError] = {}
    for error in validator.iter_errors(packet):
        for each in _errors_of(error):
            first.setdefault(each.path, each)
    return list(first.values())


def _errors_of(error: ValidationError) -> Iterator[SchemaError]:
    """Our wording of one of the validator's errors, whose own message would repeat the value."""
    place = ""
    for step in error.absolute_path:
        place = f"{place}[{step}]" if isinstance(step, int) else _join(place, step)
    limit: Any = error.validator_value
    value: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "required":
            for name in limit:
                if name not in value:
                    yield SchemaError(_join(place, name), "required", _("Trường bắt buộc nhưng không có."))
        case "additionalProperties":
            for name in sorted(value.keys() - schema["properties"].keys()):
                yield SchemaError(_join(place, shown(name)), "unknown-field", _unknown(name, schema["properties"]))
        case "type" if isinstance(value, float) and not math.isfinite(value):
            yield SchemaError(place, "type", _("NaN và Infinity không phải là số trong JSON."))
        case "type":
            yield SchemaError(place, "type", _("Phải là %(type)s.") % {"type": TYPES[limit]})
        case "enum":
            values = ", ".join(map(json.dumps, limit))
            yield SchemaError(place, "enum", _("Chỉ nhận một trong: %(values)s.") % {"values": values})
        case "minimum" | "maximum" if "maximum" in schema:
            bounds = {"low": schema["minimum"], "high": schema["maximum"]}
            yield SchemaError(place, "range", _("Phải từ %(low)s đến %(high)s.") % bounds)
        case "minimum" | "maximum":
            yield SchemaError(place, "range", _("Phải từ %(low)s trở lên.") % {"low": schema["minimum"]})
        case "minLength":
            yield SchemaError(place, "blank", _("Không được để trống."))
        case "pattern" if re.search(limit, ""):
            message = _("Phải có dạng 2018-10-23T08:15:00.000+0700, hoặc là chuỗi rỗng khi việc chưa xảy ra.")
            yield SchemaError(place, "pattern", message)
        case "pattern":
            yield SchemaError(place, "pattern", _("Phải có dạng 2018-10-23T08:15:00.000+0700."))
        case "format":
            yield SchemaError(place, "date", _("Ngày giờ không có trong lịch."))
        case _:
            yield SchemaError(place, str(error.validator), _("Không đúng lược đồ."))


TYPES = {
    "object": gettext_lazy("đối tượng"),
    "array": gettext_lazy("danh sách"),
    "string": gettext_lazy("chuỗi"),
    "integer": gettext_lazy("số nguyên"),
    "number": gettext_lazy("số"),
    "boolean": gettext_lazy("true hoặc false"),
}


def _unknown(name: str, known: dict[str, object]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    if near:
        return _("Trường không có trong chuẩn; tên gần giống là %(name)s.") % {"name": near[0]}
    return _("Trường không có trong chuẩn.")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def shown(name: str) -> str:
    """An unknown field name as part of one printed line: short, and escaped unless it is a plain word."""
    return name if name.isidentifier() and len(name) <= 60 else json.dumps(name[:60])


def _document_errors(document: Decoded) -> Iterator[SchemaError]:
    if (document["IsReturned"] == "true") != (document["ReturnedDate"] != ""):
        yield SchemaError("ReturnedDate", "returned", _('Có ngày khi và chỉ khi IsReturned là "true".'))
    for index, attachment in enumerate(document["Attachments"]):
        try:
            for _block in decoded_blocks(attachment["Base64"]):
                pass
        except ValueError:
            yield SchemaError(f"Attachments[{index}].Base64", "base64", _("Không giải mã được base64."))


def _vote_errors(vote: Decoded) -> Iterator[SchemaError]:
    yield from _level_errors(vote, "", {100} if vote["TotalVoted"] else {0})
    for index, question in enumerate(vote.get("Questions", ())):
        yield from _level_errors(question, f"Questions[{index}]", {0, 100})


def _level_errors(levels: Decoded, place: str, sums: set[int]) -> Iterator[SchemaError]:
    errors = [each for name in LEVELS for each in _decimal_errors(levels, _join(place, name), name)]
    yield from errors
    if not errors and sum(_exact(levels[name]) for name in LEVELS) not in sums:
        message = _("Ba tỷ lệ phải cộng đúng 100, hoặc đều là 0 khi không có lượt đánh giá.")
        yield SchemaError(place, "sum", message)


def _statistic_errors(statistic: Decoded) -> Iterator[SchemaError]:
    if (statistic["Month"] == 0) == statistic["IsMonthStatistic"]:
        yield SchemaError("Month", "period", _("Là 0 khi và chỉ khi IsMonthStatistic là false."))
    for whole, one, other in SUMS:
        if statistic[whole] != statistic[one] + statistic[other]:
            message = _("Phải bằng %(one)s cộng %(other)s.") % {"one": one, "other": other}
            yield SchemaError(whole, "sum", message)
    for percent, part, whole, rest in SHARES:
        yield from _share_errors(statistic, percent, part, whole, rest)


def _share_errors(statistic: Decoded, percent: str, part: str, whole: str, rest: str) -> Iterator[SchemaError]:
    number, total = int(statistic[part]), int(statistic[whole])
    # `number` of `total` in percent, half a tenth rounded up; in whole numbers, so that nothing is rounded twice.
    expected = Decimal((2000 * number + total) // (2 * total)) / 10 if total else Decimal(0)
    partner = 100 - expected if total else Decimal(0)
    names = {"part": part, "whole": whole, "percent": percent}
    share = _("Phải là %(part)s chia %(whole)s, làm tròn đến một chữ số thập phân.") % names
    remainder = _("Phải là 100 trừ %(percent)s, hoặc 0 khi %(whole)s bằng 0.") % names
    for name, value, message in ((percent, expected, share), (rest, partner, remainder)):
        errors = list(_decimal_errors(statistic, name, name))
        yield from errors
        if not errors and _exact(statistic[name]) != value:
            yield SchemaError(name, "share", message)


def _decimal_errors(values: Decoded, path: str, name: str) -> Iterator[SchemaError]:
    exact = _exact(values[name])
    if exact != exact.quantize(Decimal("0.1")):
        yield SchemaError(path, "decimals", _("Chỉ được một chữ số thập phân."))


def _exact(value: float | Decimal) -> Decimal:
    """The decimal as it was written: 33.3, not the binary fraction nearest to it."""
    return Decimal(str(value))


# Traces and events have no sums: their schemas suffice.
RULES: dict[str, Callable[[Decoded], Iterator[SchemaError]]] = {
    "document": _document_errors,
    "vote": _vote_errors,
    "statistic": _statistic_errors,
}
