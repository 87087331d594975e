"""An office whose calendar has run out is told so by `check --database default` and `migrate`, and by nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import CheckMessage, Tags, run_checks
from django.db import connection
from django.utils import timezone

from onestop.catalog.checks import calendar_is_loaded
from onestop.catalog.models import CalendarDay


def findings(databases: list[str] | None) -> list[CheckMessage]:
    return [
        message for message in run_checks(tags=[Tags.database], databases=databases) if message.id == "catalog.W001"
    ]


def this_year() -> int:
    return timezone.localtime().year


def a_holiday(year: int) -> None:
    CalendarDay.objects.create(date=date(year, 1, 1), kind=CalendarDay.Kind.OFF, name="Tết Dương lịch")


@pytest.mark.django_db
def test_the_years_without_holidays_are_named_with_the_command_that_fills_them() -> None:
    (warning,) = findings(["default"])
    assert f"năm {this_year()} và {this_year() + 1}:" in warning.msg
    assert f"load_calendar --from {this_year()} --to {this_year() + 1}" in (warning.hint or "")

    a_holiday(this_year())
    (warning,) = findings(["default"])
    assert f"năm {this_year() + 1}:" in warning.msg
    assert f"--from {this_year() + 1} --to {this_year() + 1}" in (warning.hint or "")

    a_holiday(this_year() + 1)
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
    assert "W001" not in manage(tmp_path, "migrate", "-v0")
    assert "catalog.W001" in manage(tmp_path, "check", "--database", "default")
    assert "catalog.W001" in manage(tmp_path, "migrate", "-v0")
    manage(tmp_path, "load_calendar", "--from", str(this_year()), "--to", str(this_year() + 1))
    assert "W001" not in manage(tmp_path, "check", "--database", "default")
