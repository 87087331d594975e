"""Keeps the tree readable from its listing: few modules a folder, short files, one class a name."""

import ast
from collections import Counter, defaultdict
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR
MOST_MODULES, MOST_LINES = 14, 400


def modules() -> list[Path]:
    paths = [path for app in ("onestop", "packets") for path in (ROOT / app).rglob("*.py")]
    return [path.relative_to(ROOT) for path in paths if "migrations" not in path.parts]


def test_a_folder_has_few_modules() -> None:
    folders = Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert len(folders) > 40
    assert {str(folder): count for folder, count in folders.items() if count > MOST_MODULES} == {}


def test_a_file_is_short() -> None:
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_a_public_class_has_a_name_of_its_own() -> None:
    """Django finds each management command by the name `Command`."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in modules():
        for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and node.name != "Command":
                places[node.name].append(str(path))
    assert len(places) > 300
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}
