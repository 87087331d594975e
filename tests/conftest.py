"""Fixtures that tests of several folders share."""

import gc
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest
import pytest_django
from django.core.cache import caches
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from onestop.common.web.throttling import counts

from .migrated import migrated
from .practice_portal import Sandbox

# How long an example takes says nothing here: the machines that run this are noisy.
hypothesis.settings.register_profile(
    "office", deadline=None, database=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("office")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what reaches the database by a fixture alone, so that the marker `django_db` finds all that does."""
    for item in items:
        if {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.django_db)


def pytest_collection_finish() -> None:
    """Keeps Python from looking for garbage among all modules and tests again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """On SQLite the tests' database begins as a copy of one that was migrated: nothing is left to migrate in it."""
    if connection.vendor == "sqlite":
        connection_created.connect(_fill_what_is_empty)


def _fill_what_is_empty(connection: BaseDatabaseWrapper, **_sent: object) -> None:
    in_memory = "mode=memory" in str(connection.settings_dict["NAME"])
    if in_memory and not connection.introspection.table_names():
        with closing(sqlite3.connect(migrated())) as source:
            source.backup(connection.connection)


@pytest.fixture(autouse=True)
def files_of_this_test_alone(settings: pytest_django.Settings, tmp_path: Path) -> None:
    """What a test uploads goes away with it."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def nobody_has_called_or_tried_before() -> None:
    """What is counted in memory is no matter of the test before."""
    counts.clear()
    caches["calls"].clear()
    caches["hall_screens"].clear()


@pytest.fixture
def practice_portal(tmp_path: Path) -> Iterator[Sandbox]:
    """A practice portal that has received nothing yet."""
    sandbox = Sandbox(tmp_path / "sandbox.sqlite3")
    yield sandbox
    assert sandbox.stop() == (0, "")
