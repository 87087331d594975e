"""The office's web server, on a database and a folder of its own, which go away with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.practice_portal import ROOT
from tests.web_server import serving

FILL = """
import sys
from pathlib import Path
import django
django.setup()
from tests.browser.office import fill
fill(Path(sys.argv[1]), sys.argv[2])
"""


@dataclass(frozen=True)
class Office:
    """A running office: where it answers, who is signed in by which cookie, where the pages of `pages` are."""

    address: str
    sessions: dict[str, str]
    addresses: dict[str, str]
    dossiers: dict[str, dict[str, str]]


@contextmanager
def an_office(kind: str) -> Iterator[Office]:
    """With the settings and the static files that it is run with in earnest."""
    with tempfile.TemporaryDirectory(prefix="browser-") as name:
        folder = Path(name)
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "onestop.settings",
            "DATABASE_URL": f"sqlite:///{folder / 'office.sqlite3'}",
            "DATA_DIR": name,
            "LOG_LEVEL": "ERROR",
        }
        subprocess.run(  # noqa: S603 our own module
            [sys.executable, "-c", FILL, name, kind], cwd=ROOT, env=environment, check=True
        )
        told = json.loads((folder / "office.json").read_text(encoding="utf-8"))
        log = folder / "server.log"
        with serving(log, environment, application="tests.browser.frozen", workers=1) as address:
            yield Office(address, **told)
