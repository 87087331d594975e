"""What is published can be recounted by anybody, from the exported history alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from io import StringIO
from random import Random
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from onestop.statistics.models import Publication
from onestop.statistics.publishing import publish
from tests import people

from .offices import LATER, random_offices

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def exported(*arguments: str) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("export_history", *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture
def _long_afterwards() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def test_a_line_is_a_dossier_s_dated_history(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 11, 5, 9, tzinfo=VIETNAM))
    dossier = people.a_new_dossier(agency=people.ward_desk(), phone="0912345678", identity_no="052012345678")
    lifecycle.receive(dossier, people.root(), at=datetime(2026, 10, 1, 8, 0, 0, 120_000, tzinfo=VIETNAM))
    lifecycle.extend(
        dossier,
        None,
        due_at=datetime(2026, 10, 9, 8, tzinfo=VIETNAM),
        comment="bận",
        at=datetime(2026, 10, 2, 8, tzinfo=VIETNAM),
    )
    assert exported() == [
        {
            "code": dossier.code,
            "agency": "H22.101.01",
            "level1": "H22",
            "places": [{"since": None, "path": ["H22", "H22.101", "H22.101.01"]}],
            "field": "hotich",
            "procedure": "1.001193",
            "moves": [
                {"move": "register", "from": None, "to": 1, "at": "2026-10-01T08:00:00.120000+07:00"},
                {"move": "accept", "from": 1, "to": 2, "at": "2026-10-01T08:00:00.120000+07:00"},
                {"move": "extend", "from": 2, "to": 2, "at": "2026-10-02T08:00:00.000000+07:00"},
            ],
            "due": [
                {
                    "due": "2026-10-05T08:00:00.120000+07:00",
                    "since": "2026-10-01T08:00:00.120000+07:00",
                    "why": "accepted",
                },
                {
                    "due": "2026-10-09T08:00:00.000000+07:00",
                    "since": "2026-10-02T08:00:00.000000+07:00",
                    "why": "extension",
                },
            ],
        }
    ]


def test_a_dossier_without_a_limit_has_no_due_instant() -> None:
    people.a_dossier(procedure=people.a_procedure(code="2.4", limit=None, limit_unit=""))
    assert [due["due"] for due in exported()[0]["due"]] == [None]


def test_what_was_never_accepted_and_what_is_a_test_stays_at_home() -> None:
    people.a_registered_dossier()
    people.a_dossier(is_test=True)
    accepted = people.a_dossier()
    assert [line["code"] for line in exported()] == [accepted.code]


def test_one_agency_s_export_holds_what_it_and_all_below_it_received() -> None:
    for agency in (people.ward_desk(), people.ward(), people.department()):
        people.a_dossier(agency=agency, by=people.root())
    assert [line["agency"] for line in exported("--agency", "H22.101")] == ["H22.101.01", "H22.101"]
    with pytest.raises(CommandError, match="H99"):
        exported("--agency", "H99")


def test_the_number_of_queries_does_not_grow_with_the_dossiers(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(3):
        people.a_dossier()
    # Codes and places of all agencies; then dossiers, moves and due dates.
    with django_assert_num_queries(5):
        exported()


@pytest.mark.usefixtures("_long_afterwards")
def test_whoever_recounts_the_export_finds_what_was_published() -> None:
    for office in random_offices(Random(11), offices=12, dossiers=15):  # noqa: S311 chance for a test, no secret
        for period in office.periods:
            if (
                not period.is_quarter
                and period.end <= office.now
                and Dossier.objects.received_within(office.agencies[0])
            ):
                publish(office.agencies[0], period, office.now)
    lines = exported()
    published = list(Publication.objects.select_related("agency"))
    assert len(published) > 20
    for publication in published:
        theirs = [line for line in lines if level1(line, publication.period.last_day) == publication.agency.code]
        start, end = publication.period.start, publication.period.end
        assert {name: getattr(publication, name) for name in publication.FIGURES} == {
            name: recounted(theirs, start, end)[name] for name in publication.FIGURES
        }


def level1(line: dict[str, Any], day: date) -> str:
    """The ministry or province that it belonged to on that day."""
    past = [place for place in line["places"] if place["since"] is None or date.fromisoformat(place["since"]) <= day]
    return str(past[-1]["path"][0])


def test_a_line_tells_where_its_agency_belonged_since_when(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 11, 5, 9, tzinfo=VIETNAM))
    people.a_dossier(agency=people.ward_desk(), by=people.root())
    ward = people.ward()
    ward.parent = people.another_province()
    ward.save()
    (line,) = exported()
    assert (line["level1"], level1(line, date(2026, 11, 4)), level1(line, date(2026, 11, 5))) == ("H23", "H22", "H23")
    assert line["places"][1] == {"since": "2026-11-05", "path": ["H23", "H22.101", "H22.101.01"]}
    # Both recount their own time of it.
    assert exported("--agency", "H22") == exported("--agency", "H23") == [line]


def recounted(lines: list[dict[str, Any]], start: datetime, end: datetime) -> Counter[str]:
    """The six figures, as somebody far away counts them who has read their definition and knows no code of ours."""
    return Counter(name for line in lines for name in (received(line, start, end), became(line, start, end)) if name)


def when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def closing(line: dict[str, Any], before: datetime) -> datetime | None:
    at = None
    for move in line["moves"]:
        if datetime.fromisoformat(move["at"]) < before:
            if move["to"] in (7, 8, 9):
                at = when(move["at"])
            elif move["move"] == "reopen":
                at = None
    return at


def counts(line: dict[str, Any], start: datetime, end: datetime) -> bool:
    accepted = next(datetime.fromisoformat(move["at"]) for move in line["moves"] if move["to"] == 2)
    reopened = any(m["move"] == "reopen" and start <= datetime.fromisoformat(m["at"]) < end for m in line["moves"])
    return accepted < end and (closing(line, start) is None or reopened)


def received(line: dict[str, Any], start: datetime, end: datetime) -> str:
    if not counts(line, start, end):
        return ""
    accepted = next(datetime.fromisoformat(move["at"]) for move in line["moves"] if move["to"] == 2)
    return "new_reception" if accepted >= start else "carried_over"


def became(line: dict[str, Any], start: datetime, end: datetime) -> str:
    if not counts(line, start, end):
        return ""
    closed = closing(line, end)
    if closed:
        return "solved_late" if is_late(line, closed, end) else "solved_in_time"
    past = [move for move in line["moves"] if datetime.fromisoformat(move["at"]) < end]
    looked_at = end
    if past[-1]["to"] in (5, 6):
        looked_at = datetime.fromisoformat([m for m in past if m["from"] not in (5, 6)][-1]["at"])
    return "pending_late" if is_late(line, looked_at, end) else "pending"


def is_late(line: dict[str, Any], at: datetime, end: datetime) -> bool:
    held = [due["due"] for due in line["due"] if (s := datetime.fromisoformat(due["since"])) <= at and s < end]
    due = when(held[-1]) if held else None
    return due is not None and at > due
