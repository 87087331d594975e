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
# Names that others fixed, and where they stand: columns, states, fields of forms and of the partner contract.
ALLOWED = {
    "GIVEN_UP": "packets",
    "given_up_by": "packets",
    "given_up_because": "packets",
    "asked_at": "onestop/dossiers",
    "asked_by": "onestop/dossiers",
    "said": "onestop/batches",
    "asked_back": "onestop/dossiers/desk/confirming.py",
    "given": "onestop/dossiers/counter/forms.py",
    "faults": "packets/api/packets.py",
    # A file, as `ZipFile` wants one.
    "tell": "onestop/dossiers/files/kinds.py",
}


def sources() -> Iterator[Path]:
    files = (path for folder in ("onestop", "packets") for path in (ROOT / folder).rglob("*.py"))
    return (path for path in files if "migrations" not in path.parts)


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


def banned_words(name: str, path: str) -> set[str]:
    """The banned words in `first_to_mend`, `MOST_TOLD` or `CatalogFaults`, in the file at `path`."""
    if name in ALLOWED and path.startswith(ALLOWED[name]):
        return set()
    return BANNED.keys() & set(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_"))


@pytest.fixture(scope="module")
def every_name() -> list[tuple[str, str, int]]:
    """Name, file and line of each name that the code gives."""
    return [
        (name, str(path.relative_to(ROOT)), line)
        for path in sources()
        for name, line in names(ast.parse(path.read_text(encoding="utf-8")))
    ]


def test_names_are_the_terms_of_the_field(every_name: list[tuple[str, str, int]]) -> None:
    wrong = [
        f"{path}:{line} {name}: better {', '.join(BANNED[word] for word in sorted(words))}"
        for name, path, line in every_name
        if (words := banned_words(name, path))
    ]
    assert len(every_name) > 10_000
    assert not wrong, "\n".join(wrong)


def test_names_that_others_fixed_are_still_there(every_name: list[tuple[str, str, int]]) -> None:
    used = {name for name, path, _line in every_name if path.startswith(ALLOWED.get(name, "none"))}
    assert used == ALLOWED.keys()


def test_the_guard_sees_every_kind_of_name() -> None:
    tree = ast.parse(
        "class CatalogFaults:\n"
        "    def first_to_mend(self, told):\n"
        "        self.said = [found for found in told]\n"
        "        match told:\n"
        "            case [wanted]: anew: int = 1\n"
    )
    seen = set().union(*(banned_words(name, "packets/x.py") for name, _line in names(tree)))
    assert seen == {"faults", "mend", "told", "said", "found", "wanted", "anew"}
    assert not banned_words("GIVEN_UP", "packets/models/states.py")
    assert banned_words("said", "onestop/dossiers/models.py") == {"said"}
    assert not banned_words("founded", "packets/x.py")
