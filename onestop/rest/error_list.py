"""Lists the errors of a refused call: the first hundred, however many there are."""

from __future__ import annotations

from collections import deque
from typing import Final

from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.types import Error
from rest_framework.exceptions import ErrorDetail

MOST_ERRORS: Final = 100
# The framework's name for errors of an object as a whole.
WHOLE_OBJECT: Final = "non_field_errors"


class ErrorList(ExceptionFormatter):
    """Replaces the package's own list, which has no limit and takes the square of the number of errors."""

    def get_errors(self) -> list[Error]:
        return first_errors(self.exc.detail)


def first_errors(detail: object) -> list[Error]:
    """Goes through `detail` level by level, as the package does: errors of an object before errors within it."""
    waiting: deque[tuple[object, str | None]] = deque([(detail, None)])
    errors: list[Error] = []
    while waiting and len(errors) < MOST_ERRORS:
        node, place = waiting.popleft()
        if isinstance(node, ErrorDetail):
            errors.append(Error(node.code, str(node), _field(place)))  # type: ignore[arg-type] # of no field: None
        elif isinstance(node, dict):
            waiting.extend((part, f"{place}.{name}" if place else str(name)) for name, part in node.items() if part)
        elif isinstance(node, list):
            # First the errors of the list itself, then those of its items: `papers.3`.
            waiting.extend((part, place) for part in node if isinstance(part, ErrorDetail))
            waiting.extend(
                (part, f"{place}.{number}" if place else str(number))
                for number, part in enumerate(node)
                if part and not isinstance(part, ErrorDetail)
            )
    return errors


def _field(place: str | None) -> str | None:
    """The partner's own name of the place: the framework's name for an object as a whole is no field of it."""
    if place is None:
        return None
    return ".".join(part for part in place.split(".") if part != WHOLE_OBJECT) or None
