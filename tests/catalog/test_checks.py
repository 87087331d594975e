"""An office whose calendar is only expected, or has gaps, is told so by two commands, and by nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.checks import CheckMessage, Tags, run_checks
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from onestop.catalog.checks import calendar_is_loaded
from onestop.catalog.models import CalendarDay
from tests.migrated import migrated


def findings(databases: list[str] | None) -> list[CheckMessage]:
    found = run_checks(tags=[Tags.database], databases=databases)
    return [message for message in found if (message.id or "").startswith("catalog.")]


@pytest.mark.django_db
def test_a_year_that_is_only_expected_is_named_with_the_command_that_writes_it_down() -> None:
    with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC)):
        (warning,) = findings(["default"])
        assert (warning.id, "năm 2027 mới là dự kiến" in warning.msg) == ("catalog.W001", True)
        assert "load_calendar --from 2027 --to 2027" in (warning.hint or "")
        call_command("load_calendar", "--from", "2027", "--to", "2027", verbosity=0)
        assert findings(["default"]) == []


@pytest.mark.django_db
def test_a_year_with_days_off_but_without_those_that_the_law_fixes_is_named() -> None:
    """So stands an older database in which somebody wrote down a day of the office's own and nothing else."""
    CalendarDay.objects.bulk_create([CalendarDay(date=date(2026, 7, 20), kind="off", name="Nghỉ bão")])
    with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC)):
        _expected, warning = findings(["default"])
        assert (warning.id, "năm 2026 có ngày nghỉ nhưng thiếu" in warning.msg) == ("catalog.W002", True)
        call_command("load_calendar", "--from", "2026", "--to", "2027", verbosity=0)
        assert findings(["default"]) == []


def test_a_plain_check_asks_no_database() -> None:
    """A query would fail here: this test has no database."""
    assert findings(None) == []
    assert calendar_is_loaded(None, databases=["another"]) == []


@pytest.mark.django_db
def test_a_database_without_tables_is_no_error_and_stays_usable() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_calendarday RENAME TO set_aside")
    try:
        assert findings(["default"]) == []
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE set_aside RENAME TO catalog_calendarday")
    assert not CalendarDay.objects.exists()


def manage(folder: Path, *words: str, database: str = "") -> str:
    """What the command says of faults, in an installation of its own."""
    return subprocess.run(  # noqa: S603 our own command, with words of this test
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATA_DIR": str(folder),
            "DATABASE_URL": database or f"sqlite:///{folder / 'office.sqlite3'}",
        },
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stderr


def test_a_database_that_is_down_is_no_error_either(tmp_path: Path) -> None:
    assert manage(tmp_path, "check", "--database", "default", database="postgres://nobody@127.0.0.1:1/none") == ""


def test_the_operator_is_told_by_the_command(tmp_path: Path) -> None:
    """`check` alone says nothing, also in a folder where there is no database yet."""
    assert "W001" not in manage(tmp_path, "check")
    assert not (tmp_path / "office.sqlite3").exists()
    assert "W001" not in manage(tmp_path, "check", "--database", "default")
    # Of one app alone, which takes a tenth of the time; the check comes before whatever is migrated.
    assert "W001" not in manage(tmp_path, "migrate", "contenttypes", "-v0")
    shutil.copyfile(migrated(), tmp_path / "office.sqlite3")
    assert "catalog.W001" in manage(tmp_path, "check", "--database", "default")
    assert "catalog.W001" in manage(tmp_path, "migrate", "-v0")
    this_year = timezone.localtime().year
    manage(tmp_path, "load_calendar", "--from", str(this_year), "--to", str(this_year + 1))
    assert "W001" not in manage(tmp_path, "check", "--database", "default")
