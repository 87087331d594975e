"""Large attachments go through in small pieces: the worker is measured as a process of its own."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tests.practice_portal import ROOT, Sandbox

MEGABYTE = 1024 * 1024
ADD_DOSSIER = """
from django.core.files.base import File
from tests import people
dossier = people.a_dossier(files=[File(open({path!r}, "rb"), name="ban-ve.pdf")])
print(dossier.code)
"""


class Office:
    """An installation of its own: its database, its files, its commands."""

    def __init__(self, folder: Path) -> None:
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{folder / 'office.sqlite3'}",
            "DATA_DIR": str(folder),
        }

    def run(self, *words: str) -> tuple[str, int]:
        """What `manage.py` printed, and the most memory it held, in bytes."""
        process = subprocess.Popen(  # noqa: S603 our own command
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        output = process.stdout.read()
        process.stdout.close()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, output
        return output, usage.ru_maxrss * 1024


def a_pdf(path: Path, size: int) -> str:
    """Writes `size` bytes that begin like a PDF. Returns their digest."""
    digest = hashlib.sha256()
    piece = b"%PDF-1.7\n".ljust(MEGABYTE, b".")
    with path.open("wb") as file:
        for first in range(0, size, MEGABYTE):
            file.write(piece[: size - first])
            digest.update(piece[: size - first])
    return digest.hexdigest()


def test_sending_a_file_of_100_megabytes_takes_less_than_32_more_of_memory(
    tmp_path: Path, practice_portal: Sandbox
) -> None:
    office = Office(tmp_path)
    office.run("migrate", "-v0")
    url = practice_portal.address
    office.run(
        *("add_portal", "practice", "--base-url", url, "--token-url", f"{url}/token", "--since", "all"),
        *("--client-id", "demo", "--client-secret", "demo-secret"),
    )
    used = []
    for size in (10, 100 * MEGABYTE):
        path = tmp_path / "ban-ve.pdf"
        digest = a_pdf(path, size)
        code, _memory = office.run("shell", "-v0", "-c", ADD_DOSSIER.format(path=str(path)))
        _output, memory = office.run("sync_packets", "--drain", "-v0")
        used.append(memory)
        (held,) = practice_portal.held("document", code.strip())
        assert held["Attachments"][0]["Base64"] == f"sha256:{digest}:{size}"
        assert held["Attachments"][0]["IsVerified"] is True
    small, large = used
    assert large - small < 32 * MEGABYTE, f"grew by {(large - small) // MEGABYTE} MB"
