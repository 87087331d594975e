"""Reads JSON as receivers really send it: in a string, in a list of one, after a byte order mark, names in any case.

Independent of any dialect. An object is read as `Pairs`, so that both values of a repeated name are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

# How many wrappings are removed, and how deep names are searched: a reply is small and flat.
WRAPPINGS = 4
DEPTH = 6
_OPENS_JSON = re.compile(r'\s*[{\["]')
# ASCII digits: "200", " 0 ", "1.0", but not "1e3", which is no code.
_NUMBER = re.compile(r"\s*([+-]?\d{1,18})(?:\.0+)?\s*", re.ASCII)


class Pairs(tuple[tuple[str, object], ...]):
    """An object as its names and values in order."""

    __slots__ = ()

    def named(self, name: str) -> Iterator[object]:
        """Every value of `name`, which must have the form that `plain` returns."""
        return (value for each, value in self if plain(each) == name)


def parsed(text: str) -> object:
    """The value of `text` without its wrappings. Raises ValueError if it is not JSON."""
    try:
        return unwrapped(json.loads(text.lstrip("\ufeff"), object_pairs_hook=Pairs))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def unwrapped(value: object) -> object:
    """The value inside lists of one and strings that hold JSON."""
    for _each in range(WRAPPINGS):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        elif isinstance(value, str) and _OPENS_JSON.match(value):
            try:
                value = json.loads(value.lstrip("\ufeff"), object_pairs_hook=Pairs)
            except (ValueError, RecursionError):
                return value
        else:
            break
    return value


def plain(name: str) -> str:
    """A name without the differences between writers of JSON: case, blanks, underscores and hyphens."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def number(value: object) -> int | None:
    """A whole number, as such or as text; None for anything else. In JSON true is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**18:
        return int(value)
    if isinstance(value, str) and (match := _NUMBER.fullmatch(value)):
        return int(match[1])
    return value if isinstance(value, int) else None


def objects(value: object) -> Iterator[Pairs]:
    """The object itself and those one level down: under any of its names, also in a list there."""
    if not isinstance(value, Pairs):
        return
    yield value
    for _name, inner in value:
        inner = unwrapped(inner)
        yield from (each for each in (inner if isinstance(inner, list) else [inner]) if isinstance(each, Pairs))


def everything(
    value: object, leaving_out: Callable[[Pairs], bool] = lambda part: False, depth: int = DEPTH
) -> Iterator[tuple[str, object]]:
    """Every name with its value down to `depth` levels, but not in the objects that `leaving_out` names."""
    value = unwrapped(value)
    if isinstance(value, list):
        for each in value if depth else ():
            yield from everything(each, leaving_out, depth - 1)
    elif isinstance(value, Pairs) and not leaving_out(value):
        for name, inner in value:
            yield name, inner
            if depth:
                yield from everything(inner, leaving_out, depth - 1)


def at(value: object, path: str) -> Iterator[object]:
    """The values at a dotted `path` such as “result.code”; none if the path does not exist."""
    name, _dot, rest = path.partition(".")
    value = unwrapped(value)
    if isinstance(value, Pairs):
        for inner in value.named(plain(name)):
            if rest:
                yield from at(inner, rest)
            else:
                yield unwrapped(inner)
