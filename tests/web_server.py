"""The office's web server as the README runs it, for tests that call it over real HTTP."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .practice_portal import ROOT

STARTS_WITHIN = 30
LISTENING = re.compile(r"Listening at: (http://\S+)")


@contextmanager
def serving(
    log: Path, environment: Mapping[str, str], *, application: str = "onestop.wsgi", workers: int = 2
) -> Iterator[str]:
    """The address it answers at, on a port that was free."""
    command = ["-m", "gunicorn", application, "--workers", str(workers), "--threads", "4", "--bind", "127.0.0.1:0"]
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
