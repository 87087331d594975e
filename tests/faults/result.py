"""What a schedule came to, in plain values that go from process to process."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Result:
    """What came of a schedule. `skipped` says why it did not run."""

    seed: int
    family: str
    database: str
    seconds: float = 0
    complaints: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    deliveries: int = 0
    repeats: int = 0
    arrivals: int = 0
    attempts: int = 0
    moves: int = 0
    skipped: str = ""
    logs: str = ""
