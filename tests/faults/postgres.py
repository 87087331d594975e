"""PostgreSQL servers: one of the suite's own in a temporary folder, or the databases of one that is there already."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

# Nothing is lost when processes die, only when the machine does: so no need to wait for its disk.
OPTIONS = "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"


class Server:
    """A server of somebody else's: databases may be made and dropped there, and their sessions ended."""

    can_restart = False

    def __init__(self, address: str) -> None:
        self.address = address

    def url(self, name: str) -> str:
        return f"{self.address.rpartition('/')[0]}/{name}"

    def create(self, name: str, template: str = "template1") -> None:
        self._tell("CREATE DATABASE {} TEMPLATE {}", name, template)

    def drop(self, name: str) -> None:
        self._tell("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def end_sessions(self, name: str) -> None:
        self._tell("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", values=(name,))

    def _tell(self, statement: str, *names: str, values: tuple[Any, ...] = ()) -> None:
        connection = psycopg2.connect(self.address)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)), values)
        finally:
            connection.close()


class OwnServer(Server):
    """May be stopped and started again, while it works."""

    can_restart = True

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder, self._port = programs, folder, free_port()
        super().__init__(f"postgres://postgres@127.0.0.1:{self._port}/postgres")
        self._run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8")

    def start(self) -> None:
        options = OPTIONS.format(port=self._port, folder=self._folder)
        self._run("pg_ctl", "start", "--wait", "-l", str(self._folder / "log"), "-o", options)

    def stop(self, mode: str) -> None:
        self._run("pg_ctl", "stop", "--wait", "-m", mode)

    def _run(self, program: str, *words: str) -> None:
        """As user postgres where we are root, as whom the server refuses to run."""
        other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(  # noqa: S603 PostgreSQL's own programs
            [*other, str(self._programs / program), "-D", str(self._folder / "data"), *words],
            check=True,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


def programs() -> Path | None:
    """Where the newest installed server is, if any."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("pg_ctl")
    return Path(on_path).parent if on_path else None


@contextmanager
def own_server(programs: Path) -> Iterator[OwnServer]:
    with tempfile.TemporaryDirectory(prefix="faults-postgresql-") as name:
        if os.geteuid() == 0:
            shutil.chown(name, "postgres")
        server = OwnServer(programs, Path(name))
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
    return port
