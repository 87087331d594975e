"""The manuals name what exists: every command with its options, every path, every term of the glossary."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

ROOT: Path = settings.BASE_DIR
# Each option that Django gives to all commands.
COMMON_OPTIONS = {
    *("--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback"),
    *("--no-color", "--force-color", "--skip-checks"),
}
OURS = sorted(name for name, app in get_commands().items() if str(app).startswith(("onestop.", "packets")))
PAGES = sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# A changelog tells what was, with the names of its time.
PRESENT = [page for page in PAGES if page.name != "CHANGELOG.md"]


@pytest.mark.parametrize("name", OURS)
def test_each_command_is_explained_with_all_its_options(name: str) -> None:
    manual = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert f"**`{name}" in manual
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    options = {text for action in parser._actions for text in action.option_strings if text.startswith("--")}
    for option in options - COMMON_OPTIONS:
        assert re.search(rf"{option}\b", manual), f"{name} {option}"


def test_no_command_is_explained_that_does_not_exist() -> None:
    manual = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\*\*`(\w+)", manual, re.MULTILINE)) == set(OURS)


def paths_named(text: str) -> Iterator[str]:
    """Paths of our folders in a manual's code marks and links; `{a,b}` stands for two, `…` and `<app>` for any."""
    for mark in re.findall(r"`([^`\n]+)`|\]\(([^)#\s]+)", text):
        for word in "".join(mark).split():
            match = re.fullmatch(r"((?:onestop|packets|tests|docs|templates|static|locale)/[^\s:]*?)(?:::?\w+)?", word)
            if match and not re.search(r"[…<>*]", match[1]):
                yield from expanded(match[1])


def expanded(path: str) -> Iterator[str]:
    braces = re.search(r"\{([^}]+)\}", path)
    if braces is None:
        yield path
        return
    for part in braces[1].split(","):
        yield from expanded(path[: braces.start()] + part + path[braces.end() :])


@pytest.mark.parametrize("page", PRESENT, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_manual_names_exists(page: Path) -> None:
    missing = [path for path in paths_named(page.read_text(encoding="utf-8")) if not (ROOT / path).exists()]
    assert not missing


@pytest.mark.parametrize("page", PRESENT, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_manual_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


def test_each_term_of_the_glossary_has_its_vietnamese_its_meaning_and_its_place() -> None:
    lines = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    terms = [row for row in rows if row[0] != "term"]
    assert len(terms) > 60
    for term in terms:
        assert [bool(cell.strip()) for cell in term] == [True] * 4, term
        assert list(paths_named(term[3])), term


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    assert f'version = "{newest[1]}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
