"""A database of a bench's own on the server that the tests use, made for it and dropped afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql


@contextmanager
def own_database(server: str, name: str, *, never_kept: bool = False) -> Iterator[bool]:
    """Inside, `DATABASE_URL` names it. Yields whether it was there already, which `KEEP=1` allows and provides for."""
    keep = os.environ.get("KEEP") == "1" and not never_kept
    there = _exists(server, name)
    if there and not keep:
        _execute(server, "DROP DATABASE {}", name)
        there = False
    if not there:
        _execute(server, "CREATE DATABASE {}", name)
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    try:
        yield there
    finally:
        if not keep:
            _execute(server, "DROP DATABASE {} WITH (FORCE)", name)


def _exists(server: str, name: str) -> bool:
    connection = psycopg2.connect(server)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return cursor.fetchone() is not None
    finally:
        connection.close()


def _execute(server: str, statement: str, name: str) -> None:
    connection = psycopg2.connect(server)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))
    finally:
        connection.close()
