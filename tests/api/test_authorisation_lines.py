"""Each line that refuses is needed: with any one of them taken away, some cell of the matrix fails.

Such a line ends with `# scope: <name>`. A mutation is a change of its text, compiled and put in the place of the
function that it stands in; then only the operation is tried that shows what the line is there for.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from onestop.partners.scopes import ApiScope

from .keyring import Office
from .operations import AGREED, ONE, operations, routes
from .test_authorisation import files_of_this_test_alone, office, slice_of, undeclared

# Fixtures that the tests below take by their names.
__all__ = ["files_of_this_test_alone", "office"]

pytestmark = [pytest.mark.django_db, pytest.mark.long]

ROOTS = (Path("onestop"), Path("packets"))
MARKER = re.compile(r"  # scope: (.+)$")
# Marks a line that lets nobody see more.
NONE = "none"
EVERY = '__import__("django.apps").apps.apps.get_model("catalog.Agency").objects.all()'
VISIBLE = r"\.visible_to\((self\.)?colleague\)"
ONE_PACKET = "GET packets/<uuid:key>"
# A method that no view declares, instead of an operation.
UNDECLARED = "undeclared"


@dataclass(frozen=True)
class Line:
    """The line with that marker, what stands there (a pattern), what is put in its place, and what shows it."""

    marker: str
    old: str
    new: str
    shown_by: str = "GET votes"

    def __str__(self) -> str:
        return f"{self.marker}: {self.new or 'without'} {self.old}"


LINES = [
    Line("needed", r"bool\(needed\) and needed <= user\.scopes", "True"),
    Line("needed", r"isinstance\(user, PartnerActor\) and", "not isinstance(user, PartnerActor) or"),
    Line("needed", r"needed <= user\.scopes", "bool(needed & user.scopes) or len(user.scopes) > 1"),
    Line("of a method", r"\{scope\.value\} if scope else set\(\)", '{"dossiers:read"}'),
    Line("undeclared", r"_read_as\(request\.method\) not in self\.scopes", "False", UNDECLARED),
    Line("scheme", r'scheme\.lower\(\) != b"bearer"', "False"),
    Line("expired", r", expires__gt=now", ""),
    Line("credential", r"or credential is None", ""),
    Line("credential", r"or not credential\.is_usable\(now\)", ""),
    Line("granted", r" & set\(credential\.partner\.scopes\)", ""),
    Line("granted", r"set\(access_token\.scope\.split\(\)\) & ", ""),
    Line("challenge", r"return", "return None and"),
    Line("usable", r"self\.partner\.is_active and", ""),
    Line("usable", r"self\.expires_at is None or self\.expires_at > now", "True"),
    Line("agencies", r"Agency\.objects\.filter.*none\(\)", "Agency.objects.all()"),
    Line("agencies", r"if below else Agency\.objects\.none\(\)", "", "GET dossiers"),
    Line("oversees", r"any\(.*\)", "False", "POST dossiers"),
    Line("roles", r"any\(.*\)", "False", "POST dossiers"),
    Line("dossiers", r"Q\(agency__in=among\) \| Q\(unit__in=among\)", "Q()", "GET dossiers"),
    Line("dossiers", r"Q\(agency__in=among\) \| ", "", f"GET {ONE}"),
    Line("dossiers", r" \| Q\(unit__in=among\)", "", f"GET {ONE}"),
    Line("tests", r"\.filter\(works_with\(user\.partner\)\)", "", f"GET {ONE}"),
    Line("read dossiers", VISIBLE, "", f"GET {ONE}"),
    Line("change a dossier", VISIBLE, ".all()", f"PATCH {ONE}"),
    Line("history", VISIBLE, "", f"GET {ONE}/history"),
    Line("files", VISIBLE, "", f"GET {ONE}/attachments"),
    Line("a file", VISIBLE, "", f"GET {ONE}/attachments/<ordinal:ordinal>"),
    Line("vote", VISIBLE, ".all()", f"POST {ONE}/vote"),
    Line("questions", VISIBLE, "", f"GET {ONE}/questions"),
    Line("votes", r"self\.colleague\.agencies", EVERY),
    Line("statistics", r"self\.colleague\.agencies", EVERY, "GET statistics"),
    Line("hand in", r"self\.colleague\.agencies", EVERY, "POST dossiers"),
    Line("read packets", r"\.for_partner\(colleague\)", "", ONE_PACKET),
    Line("packets", r"self\.filter\(seen, ", "self.filter(", ONE_PACKET),
    Line("packets", r", Q\(portal__partner=None\) \| Q\(portal__partner=colleague\.partner\)", "", ONE_PACKET),
    Line("packets of tests", r"seen &= .*\)", "pass", "GET packets"),
    Line("webhooks", r"\.webhooks_of\(self\.colleague\.partner\)", ".all()", "GET webhooks"),
]


@cache
def marked() -> dict[str, list[tuple[Path, int]]]:
    """Where each marker stands: file and number of the line, from 1."""
    places: dict[str, list[tuple[Path, int]]] = {}
    for file in (file for root in ROOTS for file in root.rglob("*.py")):
        for number, text in enumerate(file.read_text().splitlines(), 1):
            if mark := MARKER.search(text):
                places.setdefault(mark[1], []).append((file, number))
    return places


def mutated(line: Line) -> tuple[Any, CodeType]:
    """The function that the line stands in, and its code with the line changed."""
    ((file, number),) = marked()[line.marker]
    lines = file.read_text().splitlines(keepends=True)
    lines[number - 1], times = re.subn(line.old, lambda _part: line.new, lines[number - 1])
    assert times == 1, f"{file}:{number} has no such part any more, or several: {line.old}"
    module = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
    code = next(
        code
        for code in codes(compile("".join(lines), module, "exec"))
        # The whole function, not a comprehension within it.
        if not code.co_name.startswith("<") and number in {place for _start, _end, place in code.co_lines()}
    )
    return function_at(module, code.co_qualname), code


def codes(code: CodeType) -> Iterator[CodeType]:
    """Inner ones first."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)
    yield code


def function_at(module: str, name: str) -> Any:
    place: Any = import_module(module)
    for part in name.split("."):
        place = inspect.getattr_static(place, part)
    if isinstance(place, property):
        place = place.fget
    return inspect.unwrap(place.func if isinstance(place, cached_property) else place)


def faults(site: Office, shown_by: str) -> list[str]:
    if shown_by == UNDECLARED:
        return undeclared(site, routes()[0]).faults
    return slice_of(site, shown_by).faults


@pytest.mark.parametrize("line", LINES, ids=str)
def test_a_line_that_is_taken_away_is_missed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, line: Line
) -> None:
    function, code = mutated(line)
    monkeypatch.setattr(function, "__code__", code)
    assert faults(request.getfixturevalue("office"), line.shown_by)


@pytest.mark.parametrize("name", [name for name, agreed in AGREED.items() if agreed.scope and "HEAD" not in name])
def test_another_scope_on_an_operation_is_missed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    site: Office = request.getfixturevalue("office")
    view, method = operations()[name].view, name.split(" ")[0].lower()
    for other in {ApiScope.CATALOG_READ, ApiScope.DOSSIERS_READ, ApiScope.DOSSIERS_MOVE} - {AGREED[name].scope}:
        monkeypatch.setattr(view, "scopes", {**view.scopes, method: other})
        assert slice_of(site, name).faults, other


def test_every_marked_line_is_tried_and_every_line_that_asks_for_what_a_partner_sees_is_marked() -> None:
    assert {name for name, places in marked().items() if len(places) > 1} <= {NONE}
    assert set(marked()) - {NONE} == {line.marker for line in LINES}
    asking = re.compile(r"\.visible_to\(|\.for_partner\(|\.webhooks_of\(|colleague\.agencies")
    for place in ("onestop/api", "packets/api"):
        for file in Path(place).rglob("*.py"):
            for number, text in enumerate(file.read_text().splitlines(), 1):
                assert MARKER.search(text) or not asking.search(text), f"{file}:{number} has no marker"
