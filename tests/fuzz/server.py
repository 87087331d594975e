"""The office's web server as the README runs it, on a database and a folder of its own, which go away with it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.postgres import Server
from tests.practice_portal import ROOT

STARTS_WITHIN = 30
LISTENING = re.compile(r"Listening at: (http://\S+)")


@dataclass(frozen=True)
class Site:
    """A running office: where it answers, its description, a token for each set of scopes."""

    address: str
    description: Path
    tokens: dict[str, str]
    log: Path


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
        address = stack.enter_context(_running(folder / "server.log", environment))
        yield Site(address, folder / "openapi.yaml", tokens, folder / "server.log")


@contextmanager
def _running(log: Path, environment: dict[str, str]) -> Iterator[str]:
    command = ["-m", "gunicorn", "onestop.wsgi", "--workers", "2", "--threads", "4", "--bind", "127.0.0.1:0"]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 the web server of requirements.txt
            [sys.executable, *command, "--no-control-socket", "--timeout", "60"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        finally:
            process.kill()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and process.poll() is None:
        if found := LISTENING.search(log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.05)
    raise RuntimeError(log.read_text(encoding="utf-8"))
