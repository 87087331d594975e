"""The interface of a dialect: how a sort of receiver names things, and how a message reaches it.

`packets/dialects/qd1705` and `webhook` are the dialects in use; `tests/packets/dialects/toy.py` is the shortest one.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import msgspec
from django.db.models import Q

from onestop.dossiers.models import Dossier, DossierQuerySet, Transition, TransitionQuerySet
from onestop.statistics.models import Publication
from packets.http.client import Acceptance, PortalError
from packets.models import Packet, PacketQuerySet, Portal
from packets.models.kinds import Label, MadeOf, PacketKind
from packets.models.reasons import Reason
from packets.queue.payload import Body
from packets.schemas.check import SchemaError

# The records of which packets are built.
Record = Dossier | Transition | Publication | Portal
# A built packet as plain data, before it is written as JSON.
JsonObject = dict[str, object]
# Why a packet must stop before it is sent, and its errors in words.
Problem = tuple[Reason, str]
# The result of one packet: the receiver took it, refused it (`permanent`), or did not answer.
Fate = Acceptance | PortalError


def invalid(errors: Sequence[SchemaError]) -> Problem | None:
    """A packet's errors as a problem, a line for each; None without errors."""
    lines = "\n".join(f"{error.path}: {error.message}" for error in errors)
    return (Reason.INVALID, lines) if errors else None


@dataclass(frozen=True)
class Outgoing:
    """A packet on its way. `is_repeat`: the answer “already exists” would prove that it was taken, see `repeats`."""

    packet: Packet
    body: Body
    is_repeat: bool = False


@dataclass(frozen=True)
class LedgerEntry:
    """A packet that the receiver says it took. `code` is the dossier's; `digest` the SHA-256 of the body."""

    key: str
    digest: str
    kind: str
    code: str


class Client(Protocol):
    """A connection to a receiver, used by one thread. Uses no database."""

    def send(self, portal: Portal, batch: Sequence[Outgoing], token: str) -> Sequence[Fate]:
        """Sends `batch` as one message and returns the fate of each packet in it, in the same order.

        `batch` holds at most `Dialect.batch` packets, all of one kind and of different streams. Raises PortalError if
        the message as a whole was not answered; the error is then the fate of every packet in it.
        """
        ...

    def sign_in(self, portal: Portal) -> tuple[str, timedelta]:
        """A new token and how long it holds; only called if `Dialect.uses_token`. Raises PortalError."""
        raise TypeError("this dialect uses no token")

    def ledger(self, portal: Portal, token: str) -> Iterator[LedgerEntry]:
        """All that the receiver says it took; only called for a portal with a `ledger_url`. Raises PortalError."""
        raise TypeError("receivers of this dialect say nothing of what they took")

    def close(self) -> None: ...


class Dialect(Protocol):
    """One sort of receiver. A subclass defines what has no default here, and `register` makes it known.

    Nothing else must change for a new one: its packets are collected, sent, retried, compared and proven like all
    others.
    """

    # The value in the portal's row, at most ten characters.
    code: str
    label: Label
    # In the order of display. Of the packets of one move, the one made of the dossier is sent first.
    kinds: tuple[PacketKind, ...]
    # Whether partners register such receivers themselves, as their webhooks; operators cannot choose it then.
    is_for_partners: bool = False
    # Whether the client sends a token that it got by signing in. A client that signs each message needs none.
    uses_token: bool = True
    # How many packets one message may carry.
    batch: int = 1
    # The fields of `Portal` that describe how one receiver differs from the standard, each with its help text.
    switches: Mapping[str, Label] = {}
    # Of a dialect for partners: the names of events in the partner contract, by the kind of their packets.
    events: Mapping[str, str] = {}
    # The fields of its packets in words for people.
    field_names: Mapping[str, Label] = {}

    @property
    def kinds_of_moves(self) -> tuple[PacketKind, ...]:
        """The kinds of packet that are made of one move, together."""
        return tuple(kind for kind in self.kinds if kind.made_of in (MadeOf.DOSSIER, MadeOf.MOVE))

    @property
    def kind_of_test(self) -> PacketKind:
        """The kind of the test event that a partner may ask for. Raises StopIteration if the dialect has none."""
        return next(kind for kind in self.kinds if kind.made_of is MadeOf.RECEIVER)

    @property
    def kinds_of_figures(self) -> tuple[PacketKind, ...]:
        """The kinds of packet that are made of a period's published figures, in the order of sending."""
        return tuple(kind for kind in self.kinds if kind.made_of is MadeOf.PUBLICATION)

    def moves(self, portal: Portal) -> Q:
        """Which moves are reported to `portal`."""
        ...

    def load_dossiers(self, dossiers: DossierQuerySet) -> DossierQuerySet:
        """`dossiers` with all that `build` reads, in a fixed number of queries."""
        return dossiers

    def load_moves(self, moves: TransitionQuerySet) -> TransitionQuerySet:
        """`moves` with all that `build` reads, in a fixed number of queries."""
        return moves.select_related("dossier")

    def build(self, kind: str, record: Record, packet: Packet | None) -> object:
        """The packet of `record`, of a type that msgspec can turn into plain data.

        In place of a file's content stands `payload.mark(packet.key, ordinal)`: the content is inserted while it
        is sent. Without `packet`, files are left out.
        """
        ...

    def check(self, portal: Portal, kind: str, message: JsonObject) -> Problem | None:
        """The problem that prevents a built packet from being sent to `portal`; None if there is none."""
        return None

    def encode(self, portal: Portal | None, kind: str, message: JsonObject) -> str:
        """The message as JSON in the portal's variation, or without a portal as the standard has it."""
        return msgspec.json.encode(message).decode()

    def misread(self, packets: PacketQuerySet) -> PacketQuerySet:
        """The packets of figures that receivers misread: a correction of each is sent, see `corrections`."""
        return packets.none()

    def client(self, tls: ssl.SSLContext | None = None) -> Client: ...
