"""An installation of its own, for tests of commands as the operator runs them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .migrated import migrated
from .practice_portal import ROOT

# `manage.py`, and at the end the most memory it held. The kernel's own figure for a child cannot be used: that one
# begins with what the parent held when it forked.
MEASURED = """
import sys
import manage
sys.argv[0] = "manage.py"
manage.main()
print(open("/proc/self/status").read(), file=sys.stderr)
"""


class Installation:
    """A folder with a migrated database (or none yet) and files; every command is a process."""

    def __init__(self, folder: Path, *, is_migrated: bool = True) -> None:
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{folder / 'office.sqlite3'}",
            "DATA_DIR": str(folder),
        }
        if is_migrated:
            shutil.copyfile(migrated(), folder / "office.sqlite3")

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 our own command
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True
        )

    def run(self, *words: str) -> tuple[str, int]:
        """What `manage.py` printed, and the most memory it held, in bytes."""
        done = subprocess.run(  # noqa: S603 our own command
            [sys.executable, "-c", MEASURED, *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        peak = re.search(r"^VmHWM:\s+(\d+) kB$", done.stderr, re.MULTILINE)
        assert peak, done.stderr
        return done.stdout, int(peak[1]) * 1024
