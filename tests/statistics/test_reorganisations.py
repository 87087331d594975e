"""Whatever imports do to the tree of agencies: what was published stays, and is what the tree of then says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from onestop.catalog.models import Agency, Placement
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.statistics.counting.recount import recount
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import drawn_up, publish, reporting_agencies, unpublished_periods
from tests import people

from .histories import History, count, read_histories

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PROVINCES = ("H01", "H02", "H03")
WARDS = ("H01.1", "H01.2", "H02.1")
BEGIN = {"H01": "", "H02": "", "H03": "", "H01.1": "H01", "H01.2": "H01", "H02.1": "H02"}
FIRST_DAY = date(2026, 8, 20)


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=VIETNAM)


@pytest.fixture
def histories() -> Iterator[list[History]]:
    """Six agencies whose dossiers cross the ends of months, of which the first is accepted in July."""
    with time_machine.travel(datetime(2027, 6, 1, tzinfo=VIETNAM)):
        for code, parent in BEGIN.items():
            above = Agency.objects.get(code=parent) if parent else None
            people.an_agency(code, f"Cơ quan {code}", above, Agency.Level.PROVINCE)
        for number, code in enumerate(("H01", *WARDS, *WARDS)):
            for month in range(7, 12):
                dossier = people.a_new_dossier(agency=Agency.objects.get(code=code))
                lifecycle.receive(dossier, None, at=at(month, 2 + number))
                if (month + number) % 3:
                    lifecycle.approve(dossier, None, at=at(month + (month + number) % 2, 25))
                if (month + number) % 7 == 0:
                    lifecycle.reopen(dossier, people.root(), comment="sai", at=at(month + 1, 28))
        yield read_histories()


@dataclass(frozen=True)
class Import:
    """So many days after the step before: where the agencies of the file belong, which have ended, and since when."""

    wait: int
    parents: dict[str, str]
    ended: frozenset[str]
    days_back: int | None


PARENTS = {code: st.sampled_from(["", *PROVINCES]) for code in PROVINCES} | {
    code: st.sampled_from([*PROVINCES, *WARDS]) for code in WARDS
}
IMPORTS = st.builds(
    Import,
    st.integers(0, 45),
    st.fixed_dictionaries({}, optional=PARENTS),
    st.frozensets(st.sampled_from([*PROVINCES, *WARDS]), max_size=2),
    st.none() | st.integers(0, 60),
)


@dataclass
class Memory:
    """What was imported, remembered without the product's help: which parent and state each agency has, from when."""

    events: list[tuple[date, str, str, bool]] = field(default_factory=list)

    def tree(self, day: date) -> dict[str, str]:
        parents = dict(BEGIN)
        for since, code, parent, _ended in sorted(self.events, key=lambda event: event[0]):
            if since <= day:
                parents[code] = parent
        return parents

    def below(self, top: str, day: date) -> set[str]:
        parents = self.tree(day)

        def line(code: str) -> list[str]:
            return [code, *(line(parents[code]) if parents[code] else [])]

        return {code for code in parents if top in line(code)}

    def circles(self, changes: dict[str, str]) -> bool:
        parents = self.tree(date.max) | changes
        for code in parents:
            seen, above = {code}, parents[code]
            while above:
                if above in seen:
                    return True
                seen.add(above)
                above = parents[above]
        return False


def take_in(folder: Path, step: Import, memory: Memory, today: date) -> None:
    """Imports, or is refused and changes nothing."""
    standing = memory.tree(date.max)
    parents = {**{code: standing[code] for code in step.ended}, **step.parents}
    rows = [
        {
            "code": code,
            "name": f"Cơ quan {code}",
            "level": "province",
            "parent_code": parent or None,
            "status": "former" if code in step.ended else "active",
        }
        for code, parent in parents.items()
    ]
    for name, content in (("agencies", rows), ("fields", []), ("procedures", [])):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    since = None if step.days_back is None else today - timedelta(days=step.days_back)
    dated = [f"--since={since}"] if since else []
    before = list(Placement.objects.order_by("pk").values())
    refused = ""
    try:
        call_command("import_catalog", str(folder), *dated, verbosity=0)
    except CommandError as error:
        refused = str(error)
    if refused:
        # Of today, only circles are refused.
        assert memory.circles(step.parents) or (since is not None and since < today), refused
        assert list(Placement.objects.order_by("pk").values()) == before
    else:
        memory.events += [(since or today, code, parent, code in step.ended) for code, parent in parents.items()]


def check(histories: list[History], memory: Memory, now: datetime) -> None:
    codes = dict(Agency.objects.values_list("pk", "code"))
    for publication in Publication.objects.select_related("agency"):
        assert drawn_up(publication.agency, publication.period, now).differences(publication) == []
    for period in (Period(2026, 7), Period(2026, 8), Period(2026, 10), Period(2026)):
        if period.end > now:
            continue
        whole = 0
        for code, parent in memory.tree(period.last_day).items():
            if parent:
                continue
            below = memory.below(code, period.last_day)
            theirs = count((h for h in histories if codes[h.agency] in below), period.start, period.end)
            drawn = drawn_up(Agency.objects.get(code=code), period, now)
            assert {name: getattr(drawn, name) for name in drawn.FIGURES} == {
                name: theirs[name] for name in drawn.FIGURES
            }
            whole += drawn.carried_over + drawn.new_reception
        # Each dossier is somebody's, and nobody's twice.
        assert whole == count(histories, period.start, period.end)["total"]


@hypothesis.settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(IMPORTS, min_size=1, max_size=5))
def test_no_sequence_of_imports_changes_what_was_published(
    histories: list[History], tmp_path: Path, steps: list[Import]
) -> None:
    memory, today, now = Memory(), FIRST_DAY, at(8, 20)
    with transaction.atomic():
        for step in steps:
            today += timedelta(days=step.wait)
            with time_machine.travel(datetime.combine(today, datetime.min.time(), VIETNAM), tick=False):
                now = datetime.combine(today, datetime.min.time(), VIETNAM)
                for agency in reporting_agencies():
                    for period in unpublished_periods(agency, now):
                        publish(agency, period, now)
                take_in(tmp_path, step, memory, today)
        with time_machine.travel(now, tick=False):
            check(histories, memory, now)
        transaction.set_rollback(True)


def test_the_figures_kept_are_what_history_gives_wherever_an_agency_belongs(
    histories: list[History], tmp_path: Path
) -> None:
    """Months and spells are kept by agency: the tree is asked when they are read, and nothing is counted anew."""
    assert recount(repair=True)
    moved = Import(0, {"H01.1": "H02", "H02": "H03"}, frozenset({"H02"}), None)
    take_in(tmp_path, moved, Memory(), FIRST_DAY)
    assert recount().agrees
    assert len(read_histories()) == len(histories)
