"""What the tests of ratings share."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nobody_has_sent_anything_yet() -> Iterator[None]:
    """What throttles counted goes away with the test."""
    cache.clear()
    yield
    cache.clear()
