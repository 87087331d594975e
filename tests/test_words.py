"""Names that the code does not use: words of speech where the field has a term (docs/coding-style.md)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
# The word, and what to write instead.
BANNED = {
    "anew": "again, rebuilt, new",
    "asked": "query, params, requested",
    "behind": "backlog, blocked, drill_down, uncounted",
    "fault": "error",
    "faults": "errors",
    "foresee": "preview",
    "foreseen": "preview",
    "foretell": "preview",
    "found": "rows, result, match",
    "given": "data",
    "lacking": "missing",
    "mend": "repair",
    "mended": "repaired",
    "nobody": "none",
    "said": "message",
    "somebody": "user, person",
    "standing": "status",
    "tell": "report, list",
    "told": "data, fields, params",
    "wanted": "requested, expected",
    "whoever": "user, owner",
}
# Folders and files in which no such name is left; in the end this is ("onestop", "packets").
CLEAN = (
    "onestop/configuration.py",
    "onestop/settings.py",
    "onestop/catalog",
    "onestop/partners",
    "onestop/staff",
    "onestop/common/admin",
    "onestop/common/input",
    "onestop/common/web",
    "onestop/statistics",
    "onestop/votes",
    "packets/collecting",
    "packets/desk",
    "packets/dialects",
    "packets/evidence",
    "packets/monitoring",
    "packets/queue",
    "packets/reconcile",
    "packets/sandbox",
    "packets/schemas",
)
# Names of others that we must use, and states that are stored.
ALLOWED = {"GIVEN_UP", "given_up_by", "given_up_because", "already_given_up"}


def sources(place: str) -> Iterator[Path]:
    path = ROOT / place
    yield from (file for file in ([path] if path.is_file() else path.rglob("*.py")) if "migrations" not in file.parts)


def names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every name that a file gives to a function, class, argument, variable or attribute, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno
            case ast.MatchAs(name=str(name)):
                yield name, node.lineno


def banned_words(name: str) -> set[str]:
    """The banned words in `first_to_mend`, `MOST_TOLD` or `CatalogFaults`."""
    if name in ALLOWED:
        return set()
    return BANNED.keys() & set(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_"))


@pytest.mark.parametrize("place", CLEAN)
def test_names_are_the_terms_of_the_field(place: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {name}: better {', '.join(BANNED[word] for word in sorted(words))}"
        for path in sources(place)
        for name, line in names(ast.parse(path.read_text(encoding="utf-8")))
        if (words := banned_words(name))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_guard_sees_every_kind_of_name() -> None:
    tree = ast.parse(
        "class CatalogFaults:\n"
        "    def first_to_mend(self, told):\n"
        "        self.said = [found for found in told]\n"
        "        match told:\n"
        "            case [wanted]: anew: int = 1\n"
    )
    seen = set().union(*(banned_words(name) for name, _line in names(tree)))
    assert seen == {"faults", "mend", "told", "said", "found", "wanted", "anew"}
    assert not banned_words("GIVEN_UP")
    assert not banned_words("founded")
