"""The register of dialects. Each folder here is one (`base.Dialect`); field names and kinds stand nowhere else.

Dialects that are not built in register themselves, as the tests' toy dialects do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from packets.models.kinds import DIALECTS, KINDS, PacketKind

if TYPE_CHECKING:
    from packets.models import Portal

    from .base import Dialect

# The folders whose import registers a dialect; the first is a portal's default.
BUILT_IN = ("qd1705", "webhook")

_registered: dict[str, Dialect] = {}


def load() -> None:
    """Registers the built-in dialects. Called once the apps are ready."""
    for name in BUILT_IN:
        import_module(f"{__name__}.{name}")


def register(dialect: Dialect) -> None:
    """Makes `dialect` known. Raises ValueError if its code, or a kind's code with another meaning, is taken."""
    if dialect.code in _registered:
        raise ValueError(f"a dialect {dialect.code} is registered")
    known: dict[str, PacketKind] = {}
    for each in (*_registered.values(), dialect):
        for kind in each.kinds:
            if known.setdefault(kind.code, kind) != kind:
                raise ValueError(f"a kind {kind.code} is registered with another meaning")
    _registered[dialect.code] = dialect
    _publish()


def unregister(code: str) -> None:
    """Removes a dialect. Raises KeyError if there is none with this code."""
    del _registered[code]
    _publish()


def get(code: str) -> Dialect:
    """Raises KeyError if there is no dialect with this code."""
    return _registered[code]


def of(portal: Portal) -> Dialect:
    return _registered[portal.dialect]


def all() -> tuple[Dialect, ...]:
    return tuple(_registered.values())


def for_operators() -> tuple[Dialect, ...]:
    """Those that an operator may choose; partners register their receivers themselves."""
    return tuple(dialect for dialect in _registered.values() if not dialect.is_for_partners)


def for_partners() -> Dialect:
    """The dialect of partners' own receivers."""
    return next(dialect for dialect in _registered.values() if dialect.is_for_partners)


def _publish() -> None:
    """Copies the registered codes to the tables that the models' columns read."""
    DIALECTS.clear()
    DIALECTS.update({dialect.code: dialect.label for dialect in _registered.values()})
    KINDS.clear()
    KINDS.update({kind.code: kind for dialect in _registered.values() for kind in dialect.kinds})
