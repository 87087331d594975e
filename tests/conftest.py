"""Fixtures that tests of several folders share."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import pytest_django
from django.core.cache import caches

from onestop.common.web.throttling import counts

from .practice_portal import Sandbox

# How long an example takes says nothing here: the machines that run this are noisy.
hypothesis.settings.register_profile(
    "office", deadline=None, database=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("office")


@pytest.fixture(autouse=True)
def files_of_this_test_alone(settings: pytest_django.Settings, tmp_path: Path) -> None:
    """What a test uploads goes away with it."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def nobody_has_called_or_tried_before() -> None:
    """What is counted in memory is no matter of the test before."""
    counts.clear()
    caches["calls"].clear()


@pytest.fixture
def practice_portal(tmp_path: Path) -> Iterator[Sandbox]:
    """A practice portal that has received nothing yet."""
    sandbox = Sandbox(tmp_path / "sandbox.sqlite3")
    yield sandbox
    assert sandbox.stop() == (0, "")
