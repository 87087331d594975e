"""The office's web server with the proxy before it, on a database and a folder of their own, which go away."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.migrated import migrated
from tests.practice_portal import ROOT
from tests.web_server import serving

from .proxy import Proxy, Record, listening


@dataclass(frozen=True)
class Site:
    """`office`: what partners know of the running office; `folder`: where a run may write."""

    proxy: Proxy
    office: dict[str, Any]  # Any: JSON
    folder: Path
    log: Path
    # By client.
    records: dict[str, Record] = field(default_factory=dict)


@contextmanager
def a_site() -> Iterator[Site]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clients-")))
        proxy = stack.enter_context(listening())
        shutil.copyfile(migrated(), folder / "office.sqlite3")
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{folder / 'office.sqlite3'}",
            "DATA_DIR": str(folder / "data"),
            "LOG_LEVEL": "ERROR",
            # Links to next pages lead through the proxy, too.
            "PUBLIC_URL": proxy.address,
            # Where the journeys have their webhooks; nothing is sent there.
            "WEBHOOK_NETWORKS": "127.0.0.0/8",
        }
        (folder / "data").mkdir()
        subprocess.run(  # noqa: S603 our own module
            [sys.executable, "-m", "tests.clients.office", str(folder)], cwd=ROOT, env=environment, check=True
        )
        office = json.loads((folder / "office.json").read_text(encoding="utf-8"))
        proxy.upstream = stack.enter_context(serving(folder / "server.log", environment))
        yield Site(proxy, office | {"address": proxy.address}, folder, folder / "server.log")
