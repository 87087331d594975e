"""A slice of the fuzzing that is quick enough for every day; `make test-api-fuzz` has the rest."""

from __future__ import annotations

import os

from django.db import connection

from .calling import Caller
from .server import a_site

CALLS = 150
# Far more than they take: how many are made must not hang on how busy the machine is.
SECONDS = 300


def test_no_generated_call_is_answered_otherwise_than_described() -> None:
    with a_site(os.environ["DATABASE_URL"] if connection.vendor == "postgresql" else "") as site:
        result = Caller(site, seed=1).run(calls=CALLS, seconds=SECONDS)
    assert not result.complaints, result.told()
    assert result.calls >= CALLS
