"""The practice portal's process, which can be shot and started again with the same ledger at the same address."""

from __future__ import annotations

import json
import socket
import urllib.request
from pathlib import Path

from django.core.management import call_command

from packets.sandbox.store import Arrival, Ledger

from .postgres import free_port
from .processes import Process, start, until

STORE = "ledger.sqlite3"


def serve(port: int, store: Path) -> None:
    call_command("portal_sandbox", port=port, store=store)


class Portal:
    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder, self._port = url, folder, free_port()
        self._plan: object = []
        self.address = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        self._process: Process = start(self._url, self._folder, "portal", serve, self._port, self._folder / STORE)
        assert until(self._answers, 10), "the practice portal did not start"
        self.misbehave(self._plan)

    def misbehave(self, plan: object) -> None:
        self._plan = plan
        request = urllib.request.Request(  # noqa: S310 our own process
            f"{self.address}/mischief", json.dumps(plan).encode(), method="PUT"
        )
        with urllib.request.urlopen(request, timeout=10):  # noqa: S310 our own process
            pass

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        if self._process.pid is not None and self._process.is_alive():
            self._process.terminate()
            self._process.join(5)
        self._process.kill()
        self._process.join()

    def ledger(self) -> list[Arrival]:
        """Everything that was ever received, in order."""
        ledger = Ledger(self._folder / STORE)
        try:
            return ledger.after(0, -1, bodies=True)
        finally:
            ledger.close()

    def _answers(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self._port)) == 0
