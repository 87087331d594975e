"""Who may do what: every operation of the URL map, tried with everything somebody could hold up, on every dossier.

What must come of a cell is reckoned from `AGREED`, never from the code under test. One office serves all cells; each
is undone after it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import pytest_django
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from .keyring import MISSING, TESTS, Key, Office, Thing, all_rows, an_office
from .operations import AGREED, METHODS, Operation, Route, operations, routes

pytestmark = pytest.mark.django_db

# What an answer may tell however often it is asked for.
CHANGING = ("RateLimit", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-ID")
# To what a partner is bound that may work for the ward.
AT_HOME = ("ward", "province", TESTS)
# Dossiers that show each permission line at work; all of them take minutes.
SLICE = ("accepted", "completed", "a test", "handed here", "handed away", "another province's", MISSING)


@pytest.fixture(scope="module")
def office(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield an_office(tmp_path_factory.mktemp("files"))
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def files_of_this_test_alone(
    settings: pytest_django.Settings, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """The files of the office. Thousands of refusals are no news for the log."""
    settings.MEDIA_ROOT = office.files
    caplog.set_level(logging.CRITICAL, "django.request")


# ---- what must come of a cell


def expected(operation: Operation, route: Route, key: Key, thing: Thing) -> int:
    if operation.scope is None and not operation.needs_token:
        return operation.answer
    if key.scopes is None:
        return 401
    if operation.scope is None:
        return operation.answer
    if operation.scope not in key.scopes:
        return 403
    if not route.of:
        return operation.answer if key.bound_to in AT_HOME else operation.elsewhere
    if not key.sees(thing):
        return 404
    taken = operation.states is None or (
        thing.state in operation.states and (operation.takes_tests or not thing.is_test)
    )
    return operation.answer if taken else 409


def may_write(operation: Operation, method: str, route: Route, key: Key, status: int) -> bool:
    if status >= 300 or method in ("GET", "HEAD", "OPTIONS") or operation.scope is None:
        return False
    return bool(route.of) or key.bound_to in AT_HOME or operation.writes_elsewhere


# ---- a cell


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True)
class Cell:
    """One method of one address, by one key, on one thing."""

    method: str
    route: Route
    agreed: Operation
    key: Key
    thing: Thing

    def __str__(self) -> str:
        return f"{self.method} {self.route.text} × {self.key.name} × {self.thing.name}"

    def called(self, office: Office, more: Mapping[str, str] | None = None) -> Answer:
        query = "&".join(part for part in (self.agreed.query, self.key.query) if part)
        address = self.route.address({"code": self.agreed.code, **self.thing.values}) + (f"?{query}" if query else "")
        body, kind = self.agreed.body, "application/json"
        if isinstance(body, bytes):
            kind = "application/octet-stream"
        else:
            body = b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": self.key.authorization} if self.key.authorization is not None else {}
        client = office.at_work if self.key.of_staff else office.stranger
        told: Any = client.generic(self.method, address, body, content_type=kind, headers={**headers, **(more or {})})
        content = b"".join(told) if told.streaming else bytes(told.content)
        kept = {name: value for name, value in told.headers.items() if name not in CHANGING}
        return Answer(told.status_code, kept, content)


@dataclass
class Watch:
    """Sees each statement that could write."""

    statements: list[str] = field(default_factory=list)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            self.statements.append(sql)
        return execute(sql, params, many, context)


@dataclass
class Matrix:
    """Tries cells, and keeps what was wrong with them."""

    office: Office
    faults: list[str] = field(default_factory=list)
    tried: int = 0
    _absent: dict[tuple[str, str], Answer] = field(default_factory=dict)

    def operation(self, name: str, keys: Iterable[Key], things: Iterable[Thing]) -> Matrix:
        route, agreed = operations()[name], AGREED[name]
        method, things = name.split(" ")[0], list(things)
        for key in keys:
            for thing in things:
                self._try(Cell(method, route, agreed, key, thing), expected(agreed, route, key, thing))
        return self

    def undeclared(self, route: Route, keys: Iterable[Key], thing: Thing) -> Matrix:
        agreed = next(agreed for name, agreed in AGREED.items() if name.endswith(f" {route.text}"))
        for key in keys:
            for method in sorted(set(METHODS) - route.declared):
                self._try(Cell(method, route, agreed, key, thing), 405)
        return self

    def assert_faultless(self) -> None:
        if all_rows() != self.office.rows:
            self.faults.append("some cell has changed the database")
        if self.faults:
            said = "\n".join(self.faults[:20])
            pytest.fail(f"{len(self.faults)} of {self.tried} cells:\n{said}", pytrace=False)

    def _try(self, cell: Cell, status: int) -> None:
        self.tried += 1
        watch = Watch()
        with transaction.atomic():
            with connection.execute_wrapper(watch):
                answer = cell.called(self.office)
            writes = may_write(cell.agreed, cell.method, cell.route, cell.key, status)
            reads = cell.method in ("GET", "HEAD")
            if answer.status != status:
                self._blame(cell, f"{answer.status} instead of {status}: {answer.content[:200]!r}")
            elif writes and not watch.statements:
                self._blame(cell, "has changed nothing")
            elif not (writes or reads) and watch.statements and all_rows() != self.office.rows:
                self._blame(cell, f"has changed the database: {watch.statements[0][:80]}")
            transaction.set_rollback(True)
        self._check_silence(cell, answer)
        if status == 401 and not answer.headers.get("WWW-Authenticate", "").startswith("Bearer"):
            self._blame(cell, "does not say how to sign in")
        if status == 404 and cell.thing.name != MISSING:
            self._check_as_if_absent(cell, answer)

    def _blame(self, cell: Cell, fault: str) -> None:
        self.faults.append(f"{cell}: {fault}")

    def _check_silence(self, cell: Cell, answer: Answer) -> None:
        """Nothing is told of what is not seen."""
        for thing in self.office.things:
            if not (cell.key.scopes and cell.key.sees(thing)) and any(mark in answer.content for mark in thing.marks):
                self._blame(cell, f"tells of {thing.kind} {thing.name}")

    def _check_as_if_absent(self, cell: Cell, answer: Answer) -> None:
        """Whoever does not see a thing cannot tell it from none."""
        place = f"{cell.method} {cell.route.text}", cell.key.name
        if place not in self._absent:
            with transaction.atomic():
                absent = replace(cell, thing=self.office.named(cell.thing.kind, MISSING))
                self._absent[place] = absent.called(self.office)
                transaction.set_rollback(True)
        if answer != self._absent[place]:
            self._blame(cell, f"another answer than where there is none: {answer} {self._absent[place]}")


# ---- the tests


def test_every_operation_of_the_url_map_is_agreed() -> None:
    found = operations()
    assert [name for name in found if name not in AGREED] == [], "not in the table"
    assert [name for name in AGREED if name not in found] == [], "not in the URL map"


@pytest.mark.parametrize("name", operations())
def test_what_may_not_be_done_is_refused_and_the_rest_is_done(office: Office, name: str) -> None:
    assert name in AGREED, "not in the table"
    slice_of(office, name).assert_faultless()


def slice_of(office: Office, name: str) -> Matrix:
    """Every key, those that open it on several things; of the keys for another scope only the narrowest."""
    route, agreed, matrix = operations()[name], AGREED[name], Matrix(office)
    opening = [key for key in office.keys if key.scopes is not None and agreed.scope in key.scopes]
    several = [thing for thing in things_of(office, route) if route.of != "dossiers" or thing.name in SLICE]
    narrow = [key for key in opening if not key.name.startswith("all")]
    closed = [key for key in office.keys if key not in opening]
    if agreed.scope is None:
        narrow, closed = [office.key("every scope")], [office.key("no token"), office.key("a garbage token")]
    return matrix.operation(name, narrow, several).operation(name, closed, several[:1])


def things_of(office: Office, route: Route) -> list[Thing]:
    kind = route.of
    return [thing for thing in office.things if thing.kind == kind] if kind else [office.named("dossiers", MISSING)]


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name, agreed in AGREED.items() if agreed.scope])
def test_nothing_opens_but_what_should_whatever_the_state(office: Office, name: str) -> None:
    Matrix(office).operation(name, office.keys, things_of(office, operations()[name])).assert_faultless()


@pytest.mark.parametrize("route", routes(), ids=lambda route: route.text)
def test_a_method_that_no_view_declares_is_not_allowed(office: Office, route: Route) -> None:
    undeclared(office, route).assert_faultless()


def undeclared(office: Office, route: Route) -> Matrix:
    keys = [office.key(name) for name in ("no token", "every scope", "a staff session", "of the another province")]
    return Matrix(office).undeclared(route, keys, things_of(office, route)[0])


@pytest.mark.parametrize(
    ("name", "mark", "query"),
    [
        ("GET dossiers", "uuid", "limit=200"),
        ("GET dossiers", "uuid", "limit=200&agency=H22"),
        ("GET dossiers", "uuid", "limit=200&updated_since=2020-01-01T00:00:00Z"),
        ("GET packets", "key", "limit=200"),
        ("GET webhooks", "code", "limit=200"),
    ],
)
def test_a_list_holds_exactly_what_is_seen(office: Office, name: str, mark: str, query: str) -> None:
    kind, agreed = name.removeprefix("GET "), replace(AGREED[name], query=query)
    for key in office.keys:
        if key.scopes is not None and agreed.scope in key.scopes:
            cell = Cell("GET", operations()[name], agreed, key, office.named("dossiers", MISSING))
            told = {row[mark] for row in json.loads(cell.called(office).content)["results"]}
            listed = {str(thing.values[mark]) for thing in office.things if thing.kind == kind}
            seen = {str(thing.values[mark]) for thing in office.things if thing.kind == kind and key.sees(thing)}
            assert told & listed == seen, key.name


@pytest.mark.parametrize("name", ["GET votes", "GET statistics"])
def test_figures_of_an_agency_that_is_not_overseen_are_like_those_of_none(office: Office, name: str) -> None:
    for key in office.keys:
        if key.bound_to and key.bound_to not in AT_HOME:
            cell = Cell("GET", operations()[name], AGREED[name], key, office.named("dossiers", MISSING))
            of_none = replace(cell.agreed, query=cell.agreed.query.replace("H22.101", "H99.101"))
            assert cell.called(office) == replace(cell, agreed=of_none).called(office)


def test_a_dossier_that_was_handed_here_can_be_handed_back(office: Office) -> None:
    name, here = "POST dossiers/<uuid:uuid>/hand_over", office.named("dossiers", "handed here")
    back = replace(AGREED[name], body={"unit": "H22.001"})
    cell = Cell("POST", operations()[name], back, office.key("dossiers:move alone"), here)
    first = cell.called(office, {"Idempotency-Key": "back"})
    assert (first.status, first.content) == (204, b"")
    again = cell.called(office, {"Idempotency-Key": "back"})
    assert (again.status, again.content) == (204, b"")
    assert cell.called(office).status == 404
