"""Whatever comes in on a day, by whichever door: every code once, no number left out, no intake that fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onestop.api.dossiers.bulk_intake import BulkIntake
from onestop.api.dossiers.intake import taken_in
from onestop.catalog.models import Agency
from onestop.common.errors import InputRefused
from onestop.common.time import VIETNAM
from onestop.dossiers.codes.format import Series, identifier
from onestop.dossiers.models import DailySequence, Dossier
from onestop.partners.models import PartnerActor
from tests import people

pytestmark = pytest.mark.both_databases

# One thing that happens: at the desk, by the API, by a bulk. A number is that of a code that is handed in; up to
# `NEAR` it is counted from the last one that was given here, so that it is often in the way.
Step = tuple[str, list[int | None]]
NEAR = 4

numbers = st.integers(0, NEAR) | st.sampled_from([9_999, 10_000, 2**31, 9_999_999_999])
bulks = st.lists(
    st.none() | numbers, min_size=1, max_size=5, unique_by=lambda number: object() if number is None else number
)
steps = st.one_of(
    st.tuples(st.sampled_from(["desk", "desk undone", "api"]), st.just([None])),
    st.tuples(st.just("api"), numbers.map(lambda number: [number])),
    st.tuples(st.sampled_from(["bulk", "bulk of all or none", "bulk on trial"]), bulks),
)


def handed_in(row: dict[str, Any], colleague: PartnerActor) -> tuple[str | None, set[str]]:
    """The code of the dossier that was made, and what was wrong, by field."""
    try:
        dossier, is_new = taken_in(row, colleague)
    except InputRefused as error:
        return None, set(error.fields)
    assert is_new
    return dossier.code, set()


@dataclass
class Day:
    """What the ward should have at the end."""

    series: Series
    colleague: PartnerActor
    ward: Agency
    own: list[str] = field(default_factory=list)
    brought: set[str] = field(default_factory=set)
    calls: int = 0

    def live(self, step: Step) -> None:
        door, given_numbers = step
        last = max(map(self.number, self.own), default=0)
        codes = [
            None if number is None else self.series.code(number + last if number <= NEAR else number)
            for number in given_numbers
        ]
        if door == "desk":
            self.own.append(self.at_the_desk())
        elif door == "desk undone":
            with transaction.atomic():
                self.at_the_desk()
                transaction.set_rollback(True)
        elif door == "api":
            self.by_api(codes[0])
        else:
            self.by_bulk(codes, door)

    def at_the_desk(self) -> str:
        code = people.a_dossier(agency=self.ward).code
        assert code is not None
        return code

    def by_api(self, code: str | None) -> None:
        is_there = code in self.brought or code in self.own
        taken, faulty = handed_in(self.row(code), self.colleague)
        assert faulty == ({"code"} if is_there else set())
        if not is_there:
            self.note(code, taken)

    def by_bulk(self, codes: list[str | None], door: str) -> None:
        rows = [self.row(code) for code in codes]
        intake = BulkIntake(self.colleague, dry_run=door == "bulk on trial")
        with transaction.atomic():
            answers = list(intake.take(enumerate(rows, 1)))
            is_refused = door == "bulk of all or none" and bool(intake.counts["rejected"])
            transaction.set_rollback(is_refused)
        assert [answer["row"] for answer in answers] == list(range(1, len(codes) + 1))
        for code, answer in zip(codes, answers, strict=True):
            is_there = code in self.brought or code in self.own
            assert answer["status"] == ("rejected" if is_there else "created")
            if is_there:
                assert [(error["field"], error["code"]) for error in answer["errors"]] == [("code", "taken")]
        if not is_refused and door != "bulk on trial":
            for code, answer in zip(codes, answers, strict=True):
                if answer["status"] == "created":
                    self.note(code, answer["code"])

    def note(self, brought: str | None, code: Any) -> None:
        if brought is None:
            self.own.append(code)
        else:
            assert code == brought
            self.brought.add(code)

    def row(self, code: str | None) -> dict[str, Any]:
        self.calls += 1
        row = {
            "external_id": f"S-{self.calls}",
            "procedure": "1.001193",
            "agency": self.ward.code,
            "channel": "online",
            "applicant_name": "Đặng Văn Ước",
        }
        return row if code is None else row | {"code": code}

    def insist(self) -> None:
        """Own numbers go up; from 1 to the last of them each is there once, given here or brought along."""
        every = [code for code in Dossier.objects.filter(agency=self.ward).values_list("code", flat=True) if code]
        assert sorted(every) == sorted([*self.own, *self.brought])
        given_here = [self.number(code) for code in self.own]
        assert given_here == sorted(given_here)
        last = max(given_here, default=0)
        assert {self.number(code) for code in every} >= set(range(1, last + 1))
        sequence = DailySequence.objects.filter(identifier=self.series.identifier, day=self.series.day).first()
        # None is left out for the next, either: those beyond the last were brought along.
        for number in range(last + 1, (sequence.last if sequence else 0) + 1):
            assert self.series.code(number) in self.brought

    def number(self, code: str) -> int:
        return int(code.removeprefix(self.series.code(0).removesuffix("0000")))


def a_day(order: str = Agency.CodeOrder.LEVEL1_FIRST, owner_digits: str = "") -> Day:
    people.a_procedure()
    ward = people.ward()
    ward.code_order, ward.owner_digits = order, owner_digits
    ward.save()
    people.lan()
    today: date = timezone.now().astimezone(VIETNAM).date()
    series = Series(identifier(ward.code, order), today, owner_digits)
    return Day(series, people.a_colleague(), ward)


FIRST, LAST = Agency.CodeOrder.values


@pytest.mark.django_db
@settings(max_examples=20)
@example([("api", [1]), ("desk", [None]), ("api", [1]), ("bulk", [None])], FIRST, "")
@example([("bulk", [None, 1]), ("bulk of all or none", [None, 2, None, 1])], FIRST, "01")
@example([("bulk on trial", [1, None]), ("api", [None]), ("desk undone", [None]), ("api", [0])], LAST, "")
@given(st.lists(steps, max_size=12), st.sampled_from([FIRST, LAST]), st.sampled_from(["", "01"]))
def test_any_mixture_of_doors_and_codes_gives_each_number_once_and_leaves_none_out(
    mixture: list[Step], order: str, owner_digits: str
) -> None:
    with transaction.atomic():
        day = a_day(order, owner_digits)
        for step in mixture:
            day.live(step)
            day.insist()
        # And the counter is open.
        day.live(("desk", [None]))
        day.insist()
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_counters_and_codes_from_outside_at_the_same_instant() -> None:
    """A partner hands in the very numbers that two counters and a bulk are about to give."""
    if connection.vendor != "postgresql":
        pytest.skip("the tests' SQLite lives in memory and lets no two threads write: the PostgreSQL half shows this")
    day = a_day()
    start = Barrier(5)

    def together(act: Any) -> list[str]:
        try:
            start.wait(timeout=30)
            return [code for number in range(25) if (code := act(number)) is not None]
        finally:
            connection.close()

    def at_the_desk(_number: int) -> str | None:
        return people.a_dossier().code

    def outside(who: str, number: int) -> str | None:
        sequence = DailySequence.objects.first()
        # Up to five ahead of the counters, so that some arrive before those however busy the machine is.
        code = day.series.code((sequence.last if sequence else 0) + 1 + number % 5)
        taken, faulty = handed_in(day.row(code) | {"external_id": f"{who}-{number}"}, people.a_colleague())
        assert faulty <= {"code"}
        return taken

    def by_bulk(number: int) -> str | None:
        (answer,) = BulkIntake(people.a_colleague(), dry_run=False).take(
            [(1, day.row(None) | {"external_id": f"B-{number}"})]
        )
        return str(answer["code"])

    acts = [at_the_desk, at_the_desk, by_bulk, partial(outside, "P"), partial(outside, "Q")]
    with ThreadPoolExecutor(len(acts)) as threads:
        desk, other_desk, bulk, *brought = threads.map(together, acts)
    assert [len(codes) for codes in (desk, other_desk, bulk)] == [25, 25, 25]
    given_here = [*desk, *other_desk, *bulk]
    every = [*given_here, *brought[0], *brought[1]]
    assert sorted(every) == sorted(code or "" for code in Dossier.objects.values_list("code", flat=True))
    last = max(map(day.number, given_here))
    assert {day.number(code) for code in every} >= set(range(1, last + 1))
    # Else nothing was in anybody's way.
    assert any(brought)
