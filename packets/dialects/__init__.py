"""The receivers' words. Each folder here is a dialect (`base.Dialect`); no field name or kind is known outside.

This is the register of them. What is not built in registers itself, as the tests' toy dialects do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from packets.models.kinds import DIALECTS, KINDS, PacketKind

if TYPE_CHECKING:
    from packets.models import Portal

    from .base import Dialect

# The folders whose import registers a dialect; the first is what a portal speaks unless somebody says otherwise.
BUILT_IN = ("qd1705", "webhook")

_registered: dict[str, Dialect] = {}


def load() -> None:
    """Registers what is built in. Called once the apps are ready."""
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
    """Takes a dialect away again. Raises KeyError if there is none with this code."""
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
    """Those that an operator may choose; a partner's receivers are set up by the partner itself."""
    return tuple(dialect for dialect in _registered.values() if not dialect.is_for_partners)


def for_partners() -> Dialect:
    """The one that a partner's own receivers speak."""
    return next(dialect for dialect in _registered.values() if dialect.is_for_partners)


def _publish() -> None:
    """Tells the models' columns what there is now."""
    DIALECTS.clear()
    DIALECTS.update({dialect.code: dialect.label for dialect in _registered.values()})
    KINDS.clear()
    KINDS.update({kind.code: kind for dialect in _registered.values() for kind in dialect.kinds})
