"""Writes docs/configuration.md from the settings: `python -m onestop.configuration > docs/configuration.md`.

Every call in `settings.py` that reads an environment variable becomes a row. Its meaning is the comment directly above
the statement or line that reads it; a sentence of that comment that begins with "Unset:" is its default.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

SETTINGS = Path(__file__).parent / "settings.py"
HEADER = """# Configuration

Every environment variable that `onestop/settings.py` reads. This page is written from its comments by
`python -m onestop.configuration > docs/configuration.md`; a test compares them.

A secret `NAME` may also stand in a file: `NAME_FILE` holds the file's path, and a file that cannot be read stops the
start. A value that is not of its type stops the start as well.

| variable | value | meaning | default |
|---|---|---|---|
"""
# What a value looks like, by the function that reads it. Units follow from the end of the name.
VALUES = {
    "bool": "`true` or `false`",
    "cache_url": "URL",
    "database": "URL",
    "day": "date",
    "db": "URL",
    "hour": "hour, 0–23",
    "int": "whole number",
    "list": "list, comma-separated",
    "networks": "networks, comma-separated",
    "positive": "whole number above 0",
    "rate": "number `/sec`, `/min`, `/hour` or `/day`",
    "secret": "text",
    "str": "text",
}
UNITS = {"_MB": "megabytes", "_KB": "kilobytes", "_MINUTES": "minutes", "_HOURS": "hours", "_TIMEOUT": "seconds"}


@dataclass(frozen=True)
class Variable:
    """One environment variable: its type, its meaning, and its default."""

    name: str
    value: str
    meaning: str
    default: str

    def row(self) -> str:
        return f"| `{self.name}` | {self.value} | {self.meaning} | {self.default} |"


def page(source: str) -> str:
    """The whole of docs/configuration.md for the given text of the settings."""
    return HEADER + "\n".join(variable.row() for variable in variables(source)) + "\n"


def variables(source: str) -> Iterator[Variable]:
    """Every variable that the settings read, in the order in which they read them.

    Raises ValueError for a variable without a comment, and for one without a readable default.
    """
    lines = source.splitlines()
    for call in sorted(_reading_calls(ast.parse(source)), key=lambda call: call.lineno):
        name, reader = call.args[0].value, _reader(call)  # type: ignore[attr-defined]  # a constant: see _reading_calls
        comment = _comment_above(lines, call.lineno)
        meaning, _, unset = comment.partition("Unset: ")
        default = unset.rstrip(".") or _literal_default(call)
        if not meaning or not default:
            raise ValueError(f"{name}: a comment above it must say what it means, and after “Unset: ” its default")
        unit = next((unit for end, unit in UNITS.items() if name.endswith(end)), "")
        value = f"{unit}, {VALUES[reader]}" if unit else VALUES[reader]
        shown = f"{name}`, `{name}_FILE" if reader == "secret" else name
        yield Variable(shown, value, meaning.strip(), default)


def _reading_calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _reader(node) in VALUES and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and re.fullmatch(r"[A-Z][A-Z_]+", str(first.value)):
                yield node


def _reader(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="env"), attr=name):
            return name
        case _:
            return ""


def _comment_above(lines: list[str], number: int) -> str:
    comment: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.lstrip().startswith("# "):
            break
        comment.insert(0, line.strip().removeprefix("# "))
    return " ".join(comment)


def _literal_default(call: ast.Call) -> str:
    default = next((keyword.value for keyword in call.keywords if keyword.arg == "default"), None)
    match default or (call.args[1] if len(call.args) > 1 else None):
        case ast.Constant(value=bool(flag)):
            return f"`{str(flag).lower()}`"
        case ast.Constant(value=value):
            return f"`{value!s}`"
        case ast.List(elts=[]) | None:
            return "none"
        case ast.List(elts=items):
            return f"`{','.join(str(item.value) for item in items if isinstance(item, ast.Constant))}`"
        case ast.Call(func=ast.Name(id="date"), args=[*parts]):
            year, month, day = (int(ast.unparse(part)) for part in parts)
            return f"`{date(year, month, day)}`"
        case _:
            return ""


if __name__ == "__main__":
    print(page(SETTINGS.read_text(encoding="utf-8")), end="")
