"""The practice portal as a process of its own, for tests that deliver to it over real HTTP."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parents[1]
PATHS = {
    "document": "/Document/SyncDocument",
    "trace": "/Document/UpdateDocumentTraces",
    "vote": "/Vote/UpdateVote",
    "statistic": "/Statistic/UpdateStatistic",
}


class Sandbox:
    """The real process, as a sender meets it."""

    def __init__(self, store: Path, *options: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603 our own command
            [sys.executable, "manage.py", "portal_sandbox", "--port", "0", "--store", str(store), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        )
        assert self.process.stdout
        ready = self.process.stdout.readline()
        found = re.search(r"http://\S+", ready)
        assert found, self.process.communicate()
        self.address = found[0]
        self.http = httpx2.Client(base_url=self.address, timeout=60, trust_env=False)

    def sign_in(self) -> None:
        form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo-secret"}
        token = self.http.post("/token", data=form).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def send(self, kind: str, packet: object, key: str = "") -> httpx2.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.http.post(PATHS[kind], json=packet, headers=headers)

    def misbehave(self, plan: object) -> None:
        """From now on as `plan` says; docs/sandbox.md has its words."""
        reply = self.http.put("/mischief", json=plan)
        assert reply.status_code == 200, reply.text

    def behave(self) -> None:
        assert self.http.delete("/mischief").status_code == 200

    def ledger(self, *, bodies: bool = True) -> list[dict[str, Any]]:
        """Every arrival there ever was, in order."""
        arrivals: list[dict[str, Any]] = []
        asked = {"limit": 1000, "after": 0, "bodies": int(bodies)}
        while more := self.http.get("/ledger", params=asked).json()["arrivals"]:
            arrivals += more
            asked["after"] = more[-1]["number"]
        return arrivals

    def held(self, kind: str, code: str = "") -> list[dict[str, Any]]:
        """What it accepted of this kind (and of this dossier), in the order in which it came."""
        return [
            arrival["body"]
            for arrival in self.ledger()
            if arrival["outcome"] == "accepted" and arrival["kind"] == kind and code in ("", arrival["code"])
        ]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.http.close()
        self.process.send_signal(number)
        try:
            _output, errors = self.process.communicate(timeout=20)
        finally:
            self.process.kill()
        return self.process.returncode, errors
