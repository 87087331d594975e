"""An installation of its own, for tests of commands as the operator runs them."""

import os
import subprocess
import sys
from pathlib import Path

from .practice_portal import ROOT


class Installation:
    """A folder with a migrated database and files; every command is a process."""

    def __init__(self, folder: Path) -> None:
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{folder / 'office.sqlite3'}",
            "DATA_DIR": str(folder),
        }
        self.run("migrate", "-v0")

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 our own command
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True
        )

    def run(self, *words: str) -> tuple[str, int]:
        """What `manage.py` printed, and the most memory it held, in bytes."""
        process = self.start(*words)
        assert process.stdout
        output = process.stdout.read()
        process.stdout.close()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, output
        return output, usage.ru_maxrss * 1024
