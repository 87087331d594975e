"""The office's web server as the README runs it, on a database and a folder of its own, which go away with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from tests.faults.postgres import Server
from tests.migrated import migrated
from tests.practice_portal import ROOT
from tests.web_server import serving


@dataclass(frozen=True)
class Site:
    """A running office: where it answers, its description, a token for each set of scopes."""

    address: str
    description: Path
    tokens: dict[str, str]
    log: Path


def postgresql() -> str:
    """The server at TEST_DATABASE_URL; none where none answers."""
    address = os.environ.get("TEST_DATABASE_URL", "")
    try:
        psycopg2.connect(address).close()
    except psycopg2.Error:
        print("PostgreSQL: NOT called, none answers at TEST_DATABASE_URL")
        return ""
    return address


@contextmanager
def a_site(postgresql: str = "") -> Iterator[Site]:
    """On a database of the server at `postgresql`, else on SQLite."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-")))
        url = f"sqlite:///{folder / 'office.sqlite3'}"
        if postgresql:
            server, name = Server(postgresql), f"fuzz_{os.getpid()}"
            server.create(name, "template0")
            stack.callback(server.drop, name)
            url = server.url(name)
        else:
            shutil.copyfile(migrated(), folder / "office.sqlite3")
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": url,
            "DATA_DIR": str(folder),
            "LOG_LEVEL": "ERROR",
            # Where the partner of `pool` has its webhooks; nothing is sent there.
            "WEBHOOK_NETWORKS": "127.0.0.0/8",
        }
        subprocess.run(  # noqa: S603 our own module
            [sys.executable, "-m", "tests.fuzz.office", str(folder)], cwd=ROOT, env=environment, check=True
        )
        tokens = json.loads((folder / "tokens.json").read_text(encoding="utf-8"))
        address = stack.enter_context(serving(folder / "server.log", environment))
        yield Site(address, folder / "openapi.yaml", tokens, folder / "server.log")
