"""The office's web server, on a database and a folder of its own, which go away with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.migrated import migrated
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


def filled(root: Path, *kinds: str) -> dict[str, Path]:
    """The folders of these offices below `root`; those that are missing are filled, side by side."""
    folders = {kind: root / kind for kind in kinds}
    missing = {kind: folder for kind, folder in folders.items() if not (folder / "office.json").exists()}
    filling = []
    for kind, folder in missing.items():
        folder.mkdir()
        shutil.copyfile(migrated(), folder / "office.sqlite3")
        shutil.copytree(_static_files(root), folder / "static")
        command = [sys.executable, "-c", FILL, str(folder), kind]
        filling.append(subprocess.Popen(command, cwd=ROOT, env=_environment(folder)))  # noqa: S603 our own module
    if failed := [process.args for process in filling if process.wait() != 0]:
        raise RuntimeError(f"not filled: {failed}")
    return folders


def _static_files(root: Path) -> Path:
    """Gathered once and compressed, but for those of a page that is none of `pages`, which take most of the time."""
    gathered = root / "static-files"
    if not gathered.exists():
        command = [
            sys.executable,
            "manage.py",
            "collectstatic",
            "--no-input",
            "-v0",
            "--ignore",
            "drf_spectacular_sidecar",
        ]
        environment = _environment(gathered)
        subprocess.run(command, cwd=ROOT, env=environment, check=True)  # noqa: S603 our own command
    return gathered / "static"


@contextmanager
def open_office(folder: Path) -> Iterator[Office]:
    """With the settings and the static files that it is run with in earnest; several may run in one folder."""
    told = json.loads((folder / "office.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="browser-") as name:
        log = Path(name, "server.log")
        with serving(log, _environment(folder), application="tests.browser.frozen", workers=1) as address:
            yield Office(address, **told)


@contextmanager
def an_office(kind: str) -> Iterator[Office]:
    with tempfile.TemporaryDirectory(prefix="browser-") as name, open_office(filled(Path(name), kind)[kind]) as office:
        yield office


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "onestop.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'office.sqlite3'}",
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "ERROR",
    }
