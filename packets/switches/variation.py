"""How one portal's packets differ from the standard: other names, other codes, another format of dates.

A packet is built and checked in the standard's own form. The variation is applied last, when its text is frozen, and
reversed when a portal's packet is read. So a field that a portal wants left out does not make the packet invalid.

A key of `aliases` and of `codes` names fields by the end of their path: `Status` is the field of every packet,
`document.Status` that of one packet, `Attachments.Attachmentld` the one within attachments. If several keys match a
field, the one with the most parts counts; of two with equally many, the one that names the packet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from packets.schemas.check import KINDS, OWN_FIELDS, SchemaError, kind_of
from packets.schemas.fields import FIELDS_BY_PATH, Path

if TYPE_CHECKING:
    from packets.models import Portal

T = TypeVar("T")

# Asia/Ho_Chi_Minh has had no other offset since 1975.
LOCAL = timezone(timedelta(hours=7))
_LEFT_OUT = object()


class DateOffset(models.TextChoices):
    """How a date gives its offset from UTC."""

    BASIC = "basic", "2026-10-31T12:00:00.000+0700"
    EXTENDED = "extended", "2026-10-31T12:00:00.000+07:00"
    UTC = "utc", "2026-10-31T05:00:00.000Z"
    NONE = "none", gettext_lazy("2026-10-31T12:00:00.000 (giờ Việt Nam, không ghi múi giờ)")


class EmptyDate(models.TextChoices):
    """What a required date holds until its event happens."""

    BLANK = "blank", gettext_lazy('chuỗi rỗng ""')
    ABSENT = "absent", gettext_lazy("không có trường")
    NULL = "null", gettext_lazy("giá trị rỗng (null)")


_SHAPES = {
    DateOffset.BASIC: r"[+-]\d{4}",
    DateOffset.EXTENDED: r"[+-]\d\d:\d\d",
    DateOffset.UTC: "Z",
    DateOffset.NONE: "",
}
DATE_SHAPES = {
    offset: re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}" + shape, re.ASCII) for offset, shape in _SHAPES.items()
}


@dataclass(frozen=True)
class Variation:
    """Without arguments the standard itself. Unknown names are ignored here; `checks` refuses them."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    date_offset: str = DateOffset.BASIC
    empty_date: str = EmptyDate.BLANK

    @classmethod
    def of(cls, portal: Portal) -> Variation:
        return cls(portal.aliases, portal.codes, portal.date_offset, portal.empty_date)

    # ---- from the standard to the portal

    def applied(self, kind: str, plain: dict[str, object]) -> dict[str, object]:
        """A packet of the standard in the portal's form. An event, which is not in the standard, stays as it is."""
        if kind not in KINDS or self == STANDARD:
            return plain
        return self._object(kind, (), plain)

    def _object(self, kind: str, path: Path, values: Mapping[str, object]) -> dict[str, object]:
        varied = {}
        for name, value in values.items():
            here = (*path, name)
            changed = self._value(kind, here, value)
            if changed is not _LEFT_OUT:
                varied[self.name(kind, here)] = changed
        return varied

    def _value(self, kind: str, path: Path, value: object) -> object:
        if isinstance(value, dict):
            return self._object(kind, path, value)
        if isinstance(value, list):
            return [self._value(kind, path, item) for item in value]
        codes = self._codes(kind, path)
        for key in code_keys(value):
            if key in codes:
                return codes[key]
        known = FIELDS_BY_PATH[kind].get(path)
        return self._date(value) if known is not None and known.is_date and isinstance(value, str) else value

    def _date(self, text: str) -> object:
        if not text:
            return {EmptyDate.ABSENT: _LEFT_OUT, EmptyDate.NULL: None}.get(EmptyDate(self.empty_date), text)
        if not DATE_SHAPES[DateOffset.BASIC].fullmatch(text):
            return text
        at = datetime.fromisoformat(text)
        match self.date_offset:
            case DateOffset.EXTENDED:
                return at.isoformat(timespec="milliseconds")
            case DateOffset.UTC:
                return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            case DateOffset.NONE:
                return at.astimezone(LOCAL).replace(tzinfo=None).isoformat(timespec="milliseconds")
        return text

    def name(self, kind: str, path: Path) -> str:
        """The portal's name of the field at `path`."""
        return most_exact(self.aliases, kind, path) or path[-1]

    def _codes(self, kind: str, path: Path) -> Mapping[str, object]:
        return most_exact(self.codes, kind, path) or {}

    # ---- from the portal to the standard

    def kind_of(self, packet: object) -> str | None:
        """The kind of a packet, by the portal's names of the fields that no other kind has; None if unknown."""
        return kind_of(packet, {kind: {self.name(kind, (name,)) for name in OWN_FIELDS[kind]} for kind in KINDS})

    def standard_path(self, kind: str, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        """The path of a field of the portal's packet in the standard's names; unknown names stay as they are."""
        standard: tuple[str | int, ...] = ()
        for step in path:
            names: Path = tuple(part for part in standard if isinstance(part, str))
            standard = (
                *standard,
                step if isinstance(step, int) else self._standard_names(kind, names).get(step, step),
            )
        return standard

    def restored(self, kind: str, packet: dict[str, object]) -> tuple[dict[str, object], list[SchemaError]]:
        """The standard's form of a portal's packet, and where the packet does not follow this portal's variation."""
        errors: list[SchemaError] = []
        if self == STANDARD:
            return packet, errors
        return self._restored_object(kind, (), "", packet, errors), errors

    def _restored_object(
        self, kind: str, path: Path, place: str, values: Mapping[str, object], errors: list[SchemaError]
    ) -> dict[str, object]:
        names, restored = self._standard_names(kind, path), {}
        for name, value in values.items():
            standard = names.get(name, name)
            here, inside = (*path, standard), f"{place}.{standard}" if place else standard
            if standard not in names.values() or name in names:
                restored[standard] = self._restored_value(kind, here, inside, value, errors)
            else:
                expected = self.name(kind, here)
                errors.append(SchemaError(inside, "alias", _("Cổng này gọi trường là %(name)s.") % {"name": expected}))
        if self.empty_date == EmptyDate.ABSENT:
            for standard in names.values():
                known = FIELDS_BY_PATH[kind][*path, standard]
                if known.may_be_blank:
                    restored.setdefault(standard, "")
        return restored

    def _restored_value(self, kind: str, path: Path, place: str, value: object, errors: list[SchemaError]) -> object:
        if isinstance(value, dict):
            return self._restored_object(kind, path, place, value, errors)
        if isinstance(value, list):
            items = enumerate(value)
            return [self._restored_value(kind, path, f"{place}[{index}]", item, errors) for index, item in items]
        known = FIELDS_BY_PATH[kind].get(path)
        for key, code in self._codes(kind, path).items():
            if type(code) is type(value) and code == value:
                return _typed(key, known.type if known else "string")
        if known is None or not known.is_date:
            return value
        if value is None and self.empty_date == EmptyDate.NULL and known.may_be_blank:
            return ""
        return self._restored_date(place, value, errors)

    def _restored_date(self, place: str, value: object, errors: list[SchemaError]) -> object:
        if not isinstance(value, str) or not value:
            return value
        if not DATE_SHAPES[DateOffset(self.date_offset)].fullmatch(value):
            message = _("Cổng này nhận ngày như %(example)s.") % {"example": DateOffset(self.date_offset).label}
            errors.append(SchemaError(place, "pattern", message))
            return value
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            # The calendar has no such day. In the standard's form, the check of the standard reports it.
            return f"{value[:23]}+0700"
        local = at.astimezone(LOCAL) if at.tzinfo else at.replace(tzinfo=LOCAL)
        return local.isoformat(timespec="milliseconds").replace("+07:00", "+0700")

    def _standard_names(self, kind: str, path: Path) -> dict[str, str]:
        """The portal's names of the fields of the object at `path`, each with the standard's name."""
        fields = FIELDS_BY_PATH.get(kind, {})
        within = [place[-1] for place in fields if place[:-1] == path]
        return {self.name(kind, (*path, name)): name for name in within}


STANDARD = Variation()


def most_exact(table: Mapping[str, T], kind: str, path: Path) -> T | None:
    """The entry of `table` whose key matches the field most exactly; None if no key matches."""
    if not table:
        return None
    for key in _keys(kind, path):
        if key in table:
            return table[key]
    return None


def _keys(kind: str, path: Path) -> Iterator[str]:
    ends = [".".join(path[-number:]) for number in range(len(path), 0, -1)]
    for index, end in enumerate(ends):
        yield f"{kind}.{end}"
        if index:
            yield ends[index - 1]
    yield ends[-1]


def code_keys(value: object) -> tuple[str, ...]:
    """The keys by which `codes` may name a value of the standard: as JSON has it, a whole number also without `.0`."""
    if isinstance(value, bool):
        return (str(value).lower(), str(value))
    if isinstance(value, float) and value.is_integer():
        return (str(value), str(int(value)))
    return (str(value),)


def _typed(key: str, kind: str) -> object:
    """The value of a key of `codes`, in that type of JSON."""
    try:
        match kind:
            case "boolean":
                return key.lower() == "true"
            case "integer":
                return int(key)
            case "number":
                return float(key)
    except ValueError:
        pass
    return key
