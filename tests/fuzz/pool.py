"""What the server told of itself: places and codes that are there, to be asked for again."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

Place = dict[str, Any]
# More than these are not remembered; the latest are.
MOST = 400
LATER = ("2031-01-02T08:00:00+07:00", "2030-06-03T10:30:00.5Z")
# Values with a meaning, by the name of the field that takes them.
MEANT: dict[str, tuple[Any, ...]] = {
    "procedure": ("1.001193",),
    "agency": ("H22.101", "H22.101.01"),
    "unit": ("H22.101.01", "H22.101", "H22.001"),
    "due_at": LATER,
    "step_due": LATER,
    "fields": ("uuid,state", "code", "name", "uuid,uuid"),
    "url": ("https://127.0.0.1:9/su-kien", "http://127.0.0.1:9/%C4%91"),
    "from": ("2026-01-01", "2026-10-05"),
    "to": ("2026-12-31", "2026-11-30"),
    "name": ("đơn.pdf", "Giấy tờ (2).PDF"),
}
# What is mostly left out: a valid one is nearly never the one that fits.
LEFT_OUT = ("at", "received_at", "If-Match", "Idempotency-Key", "cursor", "code")


class Pool:
    """Path parameters by the path that they were told for."""

    def __init__(self, paths: list[str], random: Random) -> None:
        self._random = random
        self._places: dict[str, list[Place]] = defaultdict(list)
        self._paths = [path for path in paths if path.endswith("}")]

    def learn(self, path: str, known: Place, told: Any) -> None:
        """From what was `told` at `path`, where `known` are its parameters."""
        rows = told.get("results", [told]) if isinstance(told, dict) else told
        for row in rows if isinstance(rows, list) else ():
            for candidate in self._paths:
                name = candidate.rpartition("{")[2].rstrip("}")
                if candidate in (path, f"{path}/{{{name}}}") and isinstance(row, dict) and name in row:
                    self._remember(candidate, {**known, name: row[name]})

    def _remember(self, path: str, place: Place) -> None:
        places = self._places[path]
        if place not in places:
            places.append(place)
            del places[:-MOST]

    def place(self, path: str) -> Place | None:
        """Parameters of `path` that lead somewhere, or to one like it."""
        fitting = [known for known in self._places if path.startswith(known) and self._places[known]]
        return self._random.choice(self._places[max(fitting, key=len)]) if fitting else None

    def tame(self, values: Any) -> Any:
        """Valid `values` with some that mean something here in the places of others."""
        if not isinstance(values, dict):
            return values
        tamed = dict(values)
        for name in values:
            if name in LEFT_OUT and self._random.random() < 0.8:
                del tamed[name]
            elif name in MEANT and self._random.random() < 0.8:
                tamed[name] = self._random.choice(MEANT[name])
        return tamed
