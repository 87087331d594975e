"""Every field of the standard's packets by its place in them, read from the schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .check import KINDS, SCHEMAS, Decoded

# The names that lead to a field, without positions in lists: ("Attachments", "Attachmentld").
Path = tuple[str, ...]


@dataclass(frozen=True)
class SchemaField:
    """`type` is JSON's. `may_be_blank`: a required date that is "" until its event happens."""

    type: str
    is_date: bool
    may_be_blank: bool


def _resolved(schema: Decoded, root: Decoded) -> Decoded:
    if "$ref" not in schema:
        return schema
    definition: Decoded = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return definition


def _fields(schema: Decoded, root: Decoded, path: Path = ()) -> Iterator[tuple[Path, SchemaField]]:
    for name, part in schema.get("properties", {}).items():
        here, own = (*path, name), _resolved(part, root)
        is_date = own.get("format") == "instant"
        may_be_blank = is_date and name in schema["required"] and bool(re.search(own["pattern"], ""))
        yield here, SchemaField(own["type"], is_date, may_be_blank)
        yield from _fields(_resolved(own.get("items", own), root), root, here)


FIELDS_BY_PATH: dict[str, dict[Path, SchemaField]] = {
    kind: dict(_fields(SCHEMAS[kind], SCHEMAS[kind])) for kind in KINDS
}
