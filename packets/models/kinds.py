"""Which dialects there are and which kinds of packet they have.

`dialects.register` fills this, and the columns ask it for their choices: so the models know no dialect, and a new one
needs no migration.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise

Label = str | Promise


class MadeOf(Enum):
    """The record that a packet is built of."""

    # As it stands after a move: the newest packet says all that the earlier ones of the dossier do.
    DOSSIER = "dossier"
    MOVE = "move"
    # A period's published figures; a later revision replaces an earlier one.
    PUBLICATION = "publication"


@dataclass(frozen=True)
class PacketKind:
    """`code` is what the table keeps, at most nine characters. `months_only`: years are not reported in it."""

    code: str
    label: Label
    made_of: MadeOf
    months_only: bool = False


# By their codes; the first dialect is the usual one of a portal.
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
