"""Which dialects exist and which kinds of packet they have.

`dialects.register` fills these tables, and the columns read their choices from them. So the models import no dialect,
and a new one needs no migration.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise

Label = str | Promise


class MadeOf(Enum):
    """The record that a packet is built of."""

    # Its whole state after a move: the newest packet contains all that the dossier's earlier ones say.
    DOSSIER = "dossier"
    MOVE = "move"
    # A period's published figures; a later revision replaces an earlier one.
    PUBLICATION = "publication"
    # The receiver's own row: a test event, which reports nothing.
    RECEIVER = "receiver"


@dataclass(frozen=True)
class PacketKind:
    """`code` is what the table stores, at most nine characters. `months_only`: not made for whole years."""

    code: str
    label: Label
    made_of: MadeOf
    months_only: bool = False


# By their codes; the first dialect is a portal's default.
DIALECTS: dict[str, Label] = {}
KINDS: dict[str, PacketKind] = {}


def dialect_choices() -> list[tuple[str, Label]]:
    return list(DIALECTS.items())


def usual_dialect() -> str:
    return next(iter(DIALECTS))


def kind_choices() -> list[tuple[str, Label]]:
    return [(kind.code, kind.label) for kind in KINDS.values()]


def kinds_made_of(*records: MadeOf) -> list[str]:
    return [kind.code for kind in KINDS.values() if kind.made_of in records]
