"""The faults of a refused call, as a list: the first hundred of them, however many there are."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.types import Error
from rest_framework.exceptions import ErrorDetail

MOST_FAULTS: Final = 100


class FaultList(ExceptionFormatter):
    """The package's own, which tells every fault, each after moving all that follow."""

    def get_errors(self) -> list[Error]:
        return first_faults(self.exc.detail)


def first_faults(detail: Any) -> list[Error]:
    """Level by level, as the package orders them: what is wrong with an object before what lies deeper in it."""
    waiting: deque[tuple[Any, str | None]] = deque([(detail, None)])
    found: list[Error] = []
    while waiting and len(found) < MOST_FAULTS:
        node, place = waiting.popleft()
        if isinstance(node, ErrorDetail):
            found.append(Error(node.code, str(node), place))  # type: ignore[arg-type] # of no field: None
        elif isinstance(node, dict):
            waiting.extend((part, f"{place}.{name}" if place else str(name)) for name, part in node.items() if part)
        elif isinstance(node, list):
            # Sentences about the list itself, and places in it: `papers.3`.
            waiting.extend((part, place) for part in node if isinstance(part, ErrorDetail))
            waiting.extend(
                (part, f"{place}.{number}" if place else str(number))
                for number, part in enumerate(node)
                if part and not isinstance(part, ErrorDetail)
            )
    return found
