"""What a run came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Result:
    """`complaints`: what must not be, each with how often and its first example."""

    seed: int
    calls: int = 0
    seconds: float = 0
    statuses: Counter[int] = field(default_factory=Counter)
    # Operation and set of scopes.
    covered: set[tuple[str, str]] = field(default_factory=set)
    # Valid calls with all scopes, and what they were answered; by operation.
    valid: Counter[tuple[str, str]] = field(default_factory=Counter)
    complaints: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def complain(self, what: str, example: Callable[[], str]) -> None:
        self.complaints[what] += 1
        if what not in self.examples:
            self.examples[what] = example()

    def told(self) -> str:
        operations = {operation for operation, _scopes in self.covered}
        lines = [
            f"seed {self.seed}: {self.calls} calls in {self.seconds / 60:.1f} minutes, {len(operations)} operations, "
            f"{len(self.covered)} operations × scopes",
            "answers: " + ", ".join(f"{number} × {status}" for status, number in sorted(self.statuses.items())),
            "valid calls with all scopes:",
        ]
        for operation in sorted(operations):
            answers = {answer: n for (name, answer), n in sorted(self.valid.items()) if name == operation}
            lines.append(f"  {operation}: " + ", ".join(f"{n} × {answer}" for answer, n in answers.items()))
        for what, number in self.complaints.most_common():
            lines += [f"FAILED {number} ×: {what}", *(f"    {line}" for line in self.examples[what].splitlines())]
        return "\n".join(lines)
