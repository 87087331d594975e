"""A migrated SQLite database without anything in it: to copy it takes a hundredth of the time of migrating anew."""

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .practice_portal import ROOT

# What all processes of a run share. Whoever began the run takes it away.
if "TESTS_SHARE" not in os.environ:
    os.environ["TESTS_SHARE"] = tempfile.mkdtemp(prefix="onestop-tests-")
    atexit.register(shutil.rmtree, os.environ["TESTS_SHARE"], ignore_errors=True)


def migrated() -> Path:
    """Made by whichever process of this run asks first, for all of them."""
    folder = Path(os.environ["TESTS_SHARE"])
    database, half_made = folder / "migrated.sqlite3", folder / "half-made.sqlite3"
    with (folder / "migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not database.exists():
            environment = os.environ | {
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": f"sqlite:///{half_made}",
            }
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
            half_made.rename(database)
    return database
