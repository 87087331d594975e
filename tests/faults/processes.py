"""Processes that start in milliseconds: forked from one that has loaded everything and is connected to nothing."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connections

from tests.settings import database

Process = multiprocessing.process.BaseProcess
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.faults.loaded"])


def load() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()


def use(url: str, folder: Path) -> None:
    """From now on this process works on the database at `url`, with files in `folder`."""
    if connections.all(initialized_only=True):
        connections.close_all()
        del connections["default"]
    os.environ["DATABASE_URL"] = url
    connections.databases["default"].clear()
    connections.databases["default"].update(connections.configure_settings({"default": database()})["default"])
    settings.MEDIA_ROOT = folder / "files"


def start(url: str, folder: Path, name: str, work: Callable[..., None], *args: Any) -> Process:
    """A process that does `work`; what it prints goes to `name`.log in `folder`."""
    process = FORKING.Process(target=_begin, args=(url, folder, name, work, *args), name=name)
    process.start()
    return process


def _begin(url: str, folder: Path, name: str, work: Callable[..., None], *args: Any) -> None:
    log = os.open(folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for descriptor in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(log, descriptor)
    use(url, folder)
    work(*args)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Waits for `condition`; False if it did not come about in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
