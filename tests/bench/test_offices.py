"""The offices of the benchmarks are filled by SQL of their own, which must know every column that a table needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.utils import timezone

from onestop.dossiers.models import Dossier, DueDate, Transition

from . import desk_office, histories

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the benchmarks run on PostgreSQL alone"),
]
DOSSIERS = 2_000


Fill = Callable[[int, datetime, Callable[[str], object]], None]


def figures(dossiers: int, now: datetime, say: Callable[[str], object]) -> None:
    histories.make_office(dossiers, now, seed=1, say=say)


@pytest.mark.parametrize("fill", [desk_office.make_office, figures])
def test_an_office_is_filled(fill: Fill) -> None:
    parts: list[str] = []
    fill(DOSSIERS, timezone.now(), parts.append)
    assert Dossier.objects.count() >= DOSSIERS
    assert DueDate.objects.count() > DOSSIERS / 2
    assert Transition.objects.count() > DOSSIERS
    assert "vacuum" in parts
