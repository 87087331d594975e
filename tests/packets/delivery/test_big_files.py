"""Large attachments go through in small pieces: the worker is measured as a process of its own."""

import hashlib
from pathlib import Path

from tests.installation import Installation
from tests.practice_portal import Sandbox

MEGABYTE = 1024 * 1024
ADD_DOSSIER = """
from django.core.files.base import File
from tests import people
dossier = people.a_dossier(files=[File(open({path!r}, "rb"), name="ban-ve.pdf")])
print(dossier.code)
"""


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
    office = Installation(tmp_path)
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
