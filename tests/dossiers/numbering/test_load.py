"""Many counters at once: every code different, no number left out, on either database."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from tests import people
from tests.installation import Installation
from tests.practice_portal import ROOT

# Takes in argv's number of dossiers one after the other, as a counter does, and prints their codes.
COUNTER = """
from tests import people
for _number in range({number}):
    print(people.a_dossier().code)
"""
REFUSED = """
from django.db import transaction
from onestop.dossiers import lifecycle
from tests import people
for _number in range({number}):
    try:
        with transaction.atomic():
            people.a_dossier()
            raise ConnectionError("the line went dead before the commit")
    except ConnectionError:
        pass
"""

Start = Callable[[str], "subprocess.Popen[str]"]


def codes_taken(start: Start, processes: int, each: int) -> list[int]:
    """The day's numbers that so many counters drew at the same time, beside one whose intakes all fail."""
    failing = start(REFUSED.format(number=each))
    counters = [start(COUNTER.format(number=each)) for _process in range(processes)]
    numbers: list[int] = []
    for counter in counters:
        printed, _none = counter.communicate(timeout=600)
        assert counter.returncode == 0
        numbers += [int(code.rpartition("-")[2]) for code in printed.split()]
    failing.communicate(timeout=600)
    assert failing.returncode == 0
    return sorted(numbers)


def insist_on_a_sequence(numbers: list[int], expected: int) -> None:
    assert len(numbers) == expected
    # The people and the procedure were made beforehand, with one dossier: number 1.
    assert numbers == list(range(2, expected + 2))


def on_sqlite(folder: Path) -> Start:
    office = Installation(folder)
    office.run("shell", "-v0", "-c", COUNTER.format(number=1))
    return lambda script: office.start("shell", "-v0", "-c", script)


def on_postgresql() -> Start:
    if connection.vendor == "sqlite":
        pytest.skip("needs PostgreSQL")
    people.a_dossier()
    name, host = connection.settings_dict["NAME"], connection.settings_dict
    address = f"postgres://{host['USER']}:{host['PASSWORD']}@{host['HOST']}:{host['PORT'] or 5432}/{name}"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": address}

    def start(script: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(  # noqa: S603 our own command
            [sys.executable, "manage.py", "shell", "-v0", "-c", script],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


def test_four_counters_on_sqlite(tmp_path: Path) -> None:
    insist_on_a_sequence(codes_taken(on_sqlite(tmp_path), 4, 25), 100)


@pytest.mark.django_db(transaction=True)
def test_four_counters_on_postgresql() -> None:
    insist_on_a_sequence(codes_taken(on_postgresql(), 4, 25), 100)


@pytest.mark.long
def test_four_counters_taking_200_each_on_sqlite(tmp_path: Path) -> None:
    insist_on_a_sequence(codes_taken(on_sqlite(tmp_path), 4, 200), 800)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_sixteen_counters_taking_200_each_on_postgresql() -> None:
    insist_on_a_sequence(codes_taken(on_postgresql(), 16, 200), 3200)
