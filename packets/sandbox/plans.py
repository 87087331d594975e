"""Reads a plan of misbehaviour from JSON: which fields each kind takes, and what is wrong with a plan."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .mischief import Call, Chances, Do, MischiefStep, Plan, Schedule
from .shapes import LIVES, SHAPES


class WrongPlan(ValueError):
    """Says in Vietnamese which entry and field, and why."""


@dataclass(frozen=True)
class Number:
    low: float
    high: float
    default: float | None
    whole: bool = True

    def takes(self, value: object) -> bool:
        kinds = int if self.whole else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool) and self.low <= value <= self.high

    def expected(self) -> str:
        limits = {"low": self.low, "high": self.high}
        if self.whole:
            return _("phải là số nguyên từ %(low)d đến %(high)d") % limits
        return _("phải là số từ %(low)d đến %(high)d") % limits


@dataclass(frozen=True)
class PlanFlag:
    default: bool = False

    def takes(self, value: object) -> bool:
        return isinstance(value, bool)

    def expected(self) -> str:
        return _("phải là true hoặc false")


@dataclass(frozen=True)
class Where:
    default: Call = Call.PACKET

    def takes(self, value: object) -> bool:
        return value in list(Call)

    def expected(self) -> str:
        return _("phải là một trong: %(values)s") % {"values": ", ".join(Call)}


@dataclass(frozen=True)
class Address:
    default: str

    def takes(self, value: object) -> bool:
        return isinstance(value, str) and bool(re.fullmatch(r"[!-~]{1,2000}", value))

    def expected(self) -> str:
        return _("phải là một địa chỉ, không có dấu cách")


@dataclass(frozen=True)
class Named:
    """One of the names in a table of `shapes`."""

    names: Collection[str]
    default: str

    def takes(self, value: object) -> bool:
        return isinstance(value, str) and value in self.names

    def expected(self) -> str:
        return _("phải là một trong: %(values)s") % {"values": ", ".join(self.names)}


Field = Number | PlanFlag | Where | Address | Named

TIMES: dict[str, Field] = {"times": Number(1, 1_000_000, 1)}
STORED: dict[str, Field] = {"stored": PlanFlag()}
ANYWHERE: dict[str, Field] = TIMES | {"at": Where()}
FIELDS: dict[Do, dict[str, Field]] = {
    Do.WELL: ANYWHERE,
    Do.REFUSE: {**ANYWHERE, "status": Number(400, 499, 400)},
    Do.DELAY: {**ANYWHERE, "seconds": Number(0, 600, 5, whole=False)},
    Do.RESET: {**ANYWHERE, "after": Number(0, 1_000_000, None)},
    Do.RESET_BEFORE: ANYWHERE,
    Do.TRUNCATED: ANYWHERE,
    Do.GARBAGE: {**ANYWHERE, **STORED},
    Do.UNAUTHORIZED: TIMES,
    Do.BUSY: {**ANYWHERE, "seconds": Number(0, 86_400, 1), "date": PlanFlag(), "status": Number(429, 503, 429)},
    Do.SERVER_ERROR: {**ANYWHERE, **STORED, "status": Number(500, 504, 500)},
    Do.ERROR_IN_200: {**TIMES, **STORED, "status": Number(500, 599, 500)},
    Do.REFUSED_IN_200: {**TIMES, "status": Number(400, 499, 400)},
    Do.LOST: ANYWHERE,
    Do.DRIP: {**ANYWHERE, "seconds": Number(0, 60, 0.05, whole=False), "length": Number(0, 100_000, 0)},
    Do.WRONG_TYPE: ANYWHERE,
    Do.REDIRECT: {**ANYWHERE, "status": Number(301, 308, 302), "to": Address("/elsewhere")},
    Do.NO_TOKEN: {**TIMES, "status": Number(400, 599, 0)},
    Do.SHAPE: {**ANYWHERE, **STORED, "shape": Named([*SHAPES, *LIVES], "status-zero")},
    Do.DOWN: {"seconds": Number(0, 86_400, 0, whole=False)},
}
CHANCE, SEED = Number(0, 1, None, whole=False), Number(0, 10**9, None)


def read_plan(text: bytes | bytearray) -> tuple[Plan, object]:
    """The plan, and the JSON that it was read from. Raises WrongPlan, which names the first mistake."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise WrongPlan(_("Không phải JSON: sai ở dòng %(line)d, cột %(column)d.") % place) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise WrongPlan(_("Nội dung không phải là JSON đọc được.")) from error
    if isinstance(data, list):
        return Schedule(tuple(_step(str(number), step) for number, step in enumerate(data, 1))), data
    if isinstance(data, dict) and data.keys() == {"seed", "chances"} and isinstance(data["chances"], dict):
        return _by_chance(data["seed"], data["chances"]), data
    raise WrongPlan(_("Phải là danh sách các bước, hoặc đối tượng gồm seed và chances (một đối tượng)."))


def _by_chance(seed: object, data: Mapping[str, object]) -> Chances:
    if not isinstance(seed, int) or not SEED.takes(seed):
        raise WrongPlan(_("Trường seed: %(reason)s.") % {"reason": SEED.expected()})
    plan = Chances(seed, tuple(_chance(name, entry) for name, entry in data.items()))
    for call in Call:
        if sum(chance for chance, step in plan.chances if step.at == call) > 1 + 1e-9:
            raise WrongPlan(_("Trường chances: các xác suất của %(call)s cộng lại quá 1.") % {"call": call})
    return plan


def _chance(name: str, data: object) -> tuple[float, MischiefStep]:
    """Reads a chance alone, or one with the fields that a step of this kind takes."""
    fields = dict(data) if isinstance(data, dict) else {"chance": data}
    chance = fields.pop("chance", None)
    step = _step(name, {**fields, "do": name})
    if not isinstance(chance, int | float) or not CHANCE.takes(chance):
        raise _wrong(name, "chance", CHANCE.expected())
    return chance, step


def _step(entry: str, data: object) -> MischiefStep:
    if not isinstance(data, dict):
        raise WrongPlan(_('Mục %(entry)s: phải là đối tượng, như {"do": "lost"}.') % {"entry": entry})
    if data.get("do") not in list(Do):
        raise _wrong(entry, "do", _("phải là một trong: %(values)s") % {"values": ", ".join(Do)})
    do = Do(data["do"])
    stated = {name: value for name, value in data.items() if name != "do"}
    for name, value in stated.items():
        _check(entry, do, name, value)
    # Any: `_check` has made sure that each value is of its field's type.
    fields: dict[str, Any] = {name: field.default for name, field in FIELDS[do].items()} | stated
    at = Call(fields.pop("at", Call.TOKEN if do is Do.NO_TOKEN else Call.PACKET))
    if fields.get("shape") in LIVES and at is Call.PACKET:
        raise _wrong(entry, "shape", _("chỉ dùng với at: token"))
    return MischiefStep(do, at, **fields)


def _check(entry: str, do: Do, name: str, value: object) -> None:
    field = FIELDS[do].get(name)
    if field is None:
        known = {"do": do, "fields": ", ".join(FIELDS[do])}
        raise _wrong(entry, name, _("không có; %(do)s nhận: %(fields)s") % known)
    if not field.takes(value):
        raise _wrong(entry, name, field.expected())


def _wrong(entry: str, field: str, reason: str) -> WrongPlan:
    place = {"entry": entry, "field": field, "reason": reason}
    return WrongPlan(_("Mục %(entry)s, trường %(field)s: %(reason)s.") % place)
