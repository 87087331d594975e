"""An office on the web as the README runs it, and a client that measures how long its answers take."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

WORKERS, THREADS = 2, 8
STARTS_WITHIN = 60
# A connection that waits for two seconds is closed by the server.
WAITS_AT_MOST = 1


@contextmanager
def serving(database: str) -> Iterator[int]:
    """The port at which an office with that `database` answers inside."""
    port = free_port()
    options = (
        f"--bind 127.0.0.1:{port} --workers {WORKERS} --threads {THREADS} --no-control-socket --log-level warning"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "onestop.wsgi"],
        env=os.environ | {"DATABASE_URL": database, "GUNICORN_CMD_ARGS": options},
    )
    try:
        wait_until_it_answers(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_it_answers(port: int) -> None:
    begun = time.monotonic()
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)):
                return
        except ConnectionRefusedError:
            if time.monotonic() - begun > STARTS_WITHIN:
                raise
            time.sleep(0.2)


class Client:
    """One partner's, over one connection that is kept."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        # Of the last answer, and when it came.
        self.content, self.came = b"", 0.0
        # Seconds until its first line had come.
        self.first_line = 0.0

    def call(self, path: str, body: bytes | None = None, **headers: str) -> float:
        """Seconds until the whole of the answer has come. Raises RuntimeError if it is a refusal."""
        method = "GET" if body is None else "POST"
        if time.perf_counter() - self.came > WAITS_AT_MOST:
            self.connection.close()
        begun = time.perf_counter()
        self.connection.request(method, path, body, self.headers | headers)
        answer = self.connection.getresponse()
        first = answer.readline()
        self.first_line = time.perf_counter() - begun
        self.content = first + answer.read()
        self.came = time.perf_counter()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{path}: {answer.status} {self.content[:1000]!r}")
        return self.came - begun

    def found(self, path: str) -> int:
        """How many rows a list gives."""
        self.call(path)
        return len(json.loads(self.content)["results"])

    def close(self) -> None:
        self.connection.close()


def token_of(port: int, client_id: str, secret: str) -> str:
    """Got as every partner gets its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    connection.request(
        "POST", "/oauth2/token", urlencode(asked), {"Content-Type": "application/x-www-form-urlencoded"}
    )
    answer = json.loads(connection.getresponse().read())
    connection.close()
    token: str = answer["access_token"]
    return token
