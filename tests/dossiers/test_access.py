"""The newest dossiers of a few agencies are looked up agency by agency: always the rows that the plain query gives."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from onestop.catalog.models import Agency
from onestop.dossiers.models import Dossier, State
from onestop.dossiers.models import dossier as models
from onestop.partners.models import Actor
from tests import people

pytestmark = pytest.mark.django_db


def an_office(random: Random, dossiers: int = 150) -> None:
    """A province in which every third dossier was handed over, to anybody."""
    desks = [
        people.an_agency(f"H22.101.{number:02}", f"Tổ {number}", people.ward(), Agency.Level.COMMUNE)
        for number in range(1, 4)
    ]
    agencies = [people.province(), people.department(), people.ward(), people.another_province(), *desks]
    procedures = [people.a_procedure(), people.a_procedure(code="2.000488", name="Cấp Phiếu lý lịch tư pháp")]
    now = timezone.now()
    Dossier.objects.bulk_create(
        people.a_new_dossier(
            procedure=random.choice(procedures),
            agency=agency,
            unit=random.choice([agency, agency, random.choice(agencies)]),
            state=random.choice([State.REGISTERED, State.IN_PROGRESS]),
            registered_at=now,
            moved_at=now,
        )
        for agency in random.choices(agencies, k=dossiers)
    )


def everybody() -> list[Actor]:
    province = people.a_colleague(name="Trục tỉnh", agencies=[people.province()])
    two = people.a_colleague(name="Hai nơi", agencies=[people.department(), people.ward()])
    return [people.lan(), people.minh(), people.tu(), people.root(), people.a_colleague(), province, two]


def questions(random: Random) -> Iterator[dict[str, Any]]:
    ahead = random.choice(Dossier.objects.values_list("pk", flat=True))
    yield {}
    yield {"pk__lt": ahead}
    yield {"state": State.IN_PROGRESS}
    yield {"state__in": [State.REGISTERED, State.REFUSED]}
    yield {"procedure__code": "2.000488", "pk__lt": ahead}
    yield {"agency__path__startswith": people.ward().path}
    yield {"state": State.RETURNED}


@pytest.mark.parametrize("few", [0, 50], ids=["walking through all", "asking each agency"])
@pytest.mark.parametrize("seed", range(5))
def test_the_newest_are_those_of_the_plain_query(seed: int, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "FEW_AGENCIES", few)
    random = Random(seed)  # noqa: S311 chance for a test, no secret
    an_office(random)
    for person in everybody():
        for question in questions(random):
            seen = Dossier.objects.visible_to(person).filter(**question)
            for number in (1, 10, 200):
                plain = list(seen.order_by("-pk")[:number])
                assert list(seen.newest(number, person.agencies)) == plain
                columns: Any = seen.values("uuid", "unit__code")
                newest = columns.newest(number, person.agencies)
                assert [row["uuid"] for row in newest] == [dossier.uuid for dossier in plain]


def test_a_dossier_both_received_and_taken_over_within_is_one() -> None:
    dossier = people.a_dossier(unit=people.ward_desk())
    assert list(Dossier.objects.visible_to(people.lan()).newest(10, people.lan().agencies)) == [dossier]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="elsewhere the plain query serves all")
def test_only_few_agencies_are_asked_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    people.a_dossier(agency=people.ward_desk())

    def asks_each() -> bool:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            list(Dossier.objects.visible_to(people.lan()).newest(10, people.lan().agencies))
        return "unnest" in asked[-1]["sql"]

    assert people.lan().agencies.count() == 2
    monkeypatch.setattr(models, "FEW_AGENCIES", 2)
    assert asks_each()
    monkeypatch.setattr(models, "FEW_AGENCIES", 1)
    assert not asks_each()
