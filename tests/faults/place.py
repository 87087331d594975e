"""Where schedules find a migrated database of their own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg2
from django.core.management import call_command
from django.db import connection

from tests import people
from tests.migrated import migrated

from .plans import Plan
from .postgres import Server, own_server, programs
from .processes import use


class Place:
    """Databases copied from a template, which is made when the first is asked for."""

    def __init__(self, folder: Path, server: Server | None) -> None:
        self.server = server
        self._folder = folder
        self._made: set[bool] = set()

    @contextmanager
    def database(self, plan: Plan, folder: Path) -> Iterator[str]:
        """The address of a fresh copy."""
        self._see_to_template(plan.on_sqlite)
        if plan.on_sqlite or self.server is None:
            shutil.copy(self._folder / "template.sqlite3", folder / "office.sqlite3")
            yield f"sqlite:///{folder / 'office.sqlite3'}"
            return
        name = f"faults_{os.getpid()}_{plan.seed}"
        self.server.create(name, self._template())
        try:
            yield self.server.url(name)
        finally:
            connection.close()
            self.server.drop(name)

    def close(self) -> None:
        if False in self._made and self.server is not None:
            self.server.drop(self._template())

    def _template(self) -> str:
        return f"faults_template_{os.getpid()}"

    def _see_to_template(self, on_sqlite: bool) -> None:
        if on_sqlite in self._made:
            return
        if on_sqlite or self.server is None:
            shutil.copyfile(migrated(), self._folder / "template.sqlite3")
            url = f"sqlite:///{self._folder / 'template.sqlite3'}"
        else:
            self.server.create(self._template())
            url = self.server.url(self._template())
        use(url, self._folder)
        call_command("migrate", verbosity=0)
        for each in (people.lan, people.binh, people.minh, people.ha, people.ward_desk, people.a_procedure):
            each()
        connection.close()
        self._made.add(on_sqlite)


@contextmanager
def a_place() -> Iterator[Place]:
    """A server of the suite's own; where none is installed, the one at TEST_DATABASE_URL; else SQLite alone."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        found = programs()
        server = stack.enter_context(own_server(found)) if found else _that_is_there()
        place = Place(folder, server)
        stack.callback(place.close)
        yield place


def _that_is_there() -> Server | None:
    address = os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
    try:
        psycopg2.connect(address).close()
    except psycopg2.Error:
        return None
    return Server(address)
