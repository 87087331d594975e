"""Figures by API: what the page shows, of one's own agencies, divided without loss, and as they stand published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine

from onestop.catalog.models import Agency, SubmissionChannel
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, StatsQueue
from onestop.partners.scopes import ApiScope as Permission
from onestop.statistics.counting import incremental
from onestop.statistics.figures.figures import figures
from onestop.statistics.pages.report import LABELS
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from onestop.statistics.scope import FigureScope
from tests import people

from .caller import Caller, caller, faults, read

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOVEMBER_5 = datetime(2026, 11, 5, 9, tzinfo=VIETNAM)
OCTOBER = Period(2026, 10)


@pytest.fixture(autouse=True)
def november_5() -> Iterator[None]:
    with time_machine.travel(NOVEMBER_5, tick=False):
        yield


def received(day: int, month: int = 10, **traits: Any) -> Dossier:
    dossier = people.a_new_dossier(**traits)
    lifecycle.receive(dossier, None, at=datetime(2026, month, day, 8, tzinfo=VIETNAM))
    return dossier


def an_office_at_work() -> None:
    """In October: three of the ward, one of its desk, one of the department; one of another province."""
    criminal_record = people.a_procedure(
        code="2.000488", name="Cấp Phiếu lý lịch tư pháp", field=people.a_field("tuphap", "Tư pháp")
    )
    received(1)
    lifecycle.approve(received(2), None, comment="Đủ", at=datetime(2026, 10, 5, 8, tzinfo=VIETNAM))
    received(28, 9, procedure=criminal_record, channel=SubmissionChannel.ONLINE)
    received(7, agency=people.ward_desk())
    received(8, agency=people.department(), procedure=criminal_record)
    received(9, agency=people.another_province())


def told(asked: str, partner: Caller | None = None) -> Any:
    return read((partner or caller()).get(f"statistics?{asked}"))


def of(name: str, *agencies: Agency) -> Caller:
    return caller(name=name, agencies=agencies)


def totals(answer: Any) -> dict[str, int]:
    return {row["key"]: row["figures"]["total"] for row in answer["rows"]}


# ---- what is counted


@pytest.mark.parametrize("period", ["2026-09", "2026-10", "2026-11", "2026-Q3", "2026-Q4", "2026", "2025"])
def test_any_period_is_told_as_it_is_counted(period: str) -> None:
    an_office_at_work()
    answer = told(f"period={period}&agency=H22.101")
    counted = figures(FigureScope(people.ward()), Period.parse(period))
    assert {name: answer["total"][name] for name in LABELS} == {name: getattr(counted, name) for name in LABELS}
    assert (answer["period"], answer["agencies"], answer["by"], answer["rows"]) == (period, ["H22.101"], None, [])


def test_figures_come_with_a_share_and_a_time() -> None:
    an_office_at_work()
    total = told("period=2026-10&agency=H22.101")["total"]
    assert (total["carried_over"], total["new_reception"], total["solved_in_time"]) == (1, 3, 1)
    assert (total["in_time_percent"], total["average_seconds"]) == (100.0, 3 * 86_400)
    assert told("period=2025&agency=H22.101")["total"]["average_seconds"] is None


@pytest.mark.parametrize(
    ("period", "provisional"),
    [("2026-10", False), ("2026-11", True), ("2026-Q4", True), ("2026-Q3", False), ("2026", True)],
)
def test_a_period_that_still_runs_is_marked(period: str, provisional: bool) -> None:
    assert told(f"period={period}")["provisional"] is provisional


def test_what_was_moved_just_now_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    received(1)
    waiting = StatsQueue.objects.count()
    monkeypatch.setattr(incremental, "COUNTED_AT_ONCE", 0)
    answer = told("period=2026-10")
    assert (answer["uncounted"], answer["total"]["total"]) == (waiting, 0)
    monkeypatch.undo()
    answer = told("period=2026-10")
    assert (answer["uncounted"], answer["total"]["total"]) == (0, 1)


# ---- whose


def test_without_an_agency_all_of_the_partners_are_counted_and_none_twice() -> None:
    an_office_at_work()
    answer = told("period=2026-10", of("Ba", people.ward(), people.ward_desk(), people.department()))
    assert (answer["agencies"], answer["total"]["total"]) == (["H22.001", "H22.101"], 5)
    answer = told("period=2026-10", of("Hai tỉnh", people.province(), people.another_province(), people.ward()))
    assert (answer["agencies"], answer["total"]["total"]) == (["H22", "H23"], 6)
    assert told("period=2026-10")["total"]["total"] == 4


def test_of_an_agency_that_the_partner_does_not_oversee_nothing_is_told_not_even_that_it_exists() -> None:
    an_office_at_work()
    unknown, others = (caller().get(f"statistics?period=2026-10&agency={code}") for code in ("H99", "H23"))
    assert faults(unknown, 404) == {"": "not_found"}
    assert (others.status_code, others.content) == (unknown.status_code, unknown.content)
    assert caller().get("statistics?period=2026-10&agency=H22").status_code == 404
    assert told("period=2026-10&agency=H22.101.01")["total"]["total"] == 1


def test_figures_need_their_own_scope() -> None:
    assert faults(caller(Permission.VOTES_READ).get("statistics?period=2026-10"), 403) == {"": "scope"}
    assert read(caller(Permission.STATISTICS_READ).get("statistics?period=2026-10"))


# ---- divided


@pytest.mark.parametrize(
    ("by", "parts"),
    [
        ("agency", {"H22.001": 1, "H22.101": 3, "H22.101.01": 1, "H23": 1}),
        ("procedure", {"1.001193": 4, "2.000488": 2}),
        ("field", {"hotich": 4, "tuphap": 2}),
        ("channel", {"direct": 5, "online": 1}),
    ],
)
def test_the_rows_of_a_division_add_up_to_the_total(by: str, parts: dict[str, int]) -> None:
    an_office_at_work()
    answer = told(
        f"period=2026-10&by={by}", of("Hai tỉnh", people.province(), people.another_province(), people.ward())
    )
    assert (answer["by"], totals(answer)) == (by, parts)
    assert list(parts) == [row["key"] for row in answer["rows"]]
    for name in LABELS:
        assert sum(row["figures"][name] for row in answer["rows"]) == answer["total"][name]


def test_rows_have_names_for_people() -> None:
    an_office_at_work()
    names = {row["key"]: row["name"] for row in told("period=2026-10&by=procedure")["rows"]}
    assert names == {"1.001193": "Thủ tục đăng ký khai sinh", "2.000488": "Cấp Phiếu lý lịch tư pháp"}
    assert [row["name"] for row in told("period=2026-10&by=channel")["rows"]] == ["trực tiếp", "trực tuyến"]
    english = caller().get("statistics?period=2026-10&by=channel", Accept_Language="en")
    assert [row["name"] for row in read(english)["rows"]] == ["in person", "online"]


# ---- published


def test_a_closed_period_comes_with_its_last_revision() -> None:
    received(1)
    partner = of("Tỉnh", people.province())
    assert told("period=2026-10", partner)["published"] is None
    publish(people.province(), OCTOBER)
    received(2)
    answer = told("period=2026-10", partner)
    assert (answer["published"]["revision"], answer["published"]["new_reception"]) == (1, 1)
    assert answer["published"]["published_at"] == "2026-11-05T09:00:00+07:00"
    assert answer["total"]["new_reception"] == 2
    publish(people.province(), OCTOBER)
    answer = told("period=2026-10&agency=H22", partner)
    assert (answer["published"]["revision"], answer["published"]["new_reception"]) == (2, 2)


def test_only_what_was_published_of_exactly_these_figures_is_told_as_published() -> None:
    received(1)
    publish(people.province(), OCTOBER)
    assert told("period=2026-10")["published"] is None
    assert told("period=2026-Q3", of("Tỉnh", people.province()))["published"] is None
    assert told("period=2026-10", of("Hai", people.province(), people.another_province()))["published"] is None


def test_unchanged_figures_are_not_sent_again() -> None:
    received(1)
    partner = caller()
    first = partner.get("statistics?period=2026-10&by=agency")
    again = partner.get("statistics?period=2026-10&by=agency", If_None_Match=first.headers["ETag"])
    assert again.status_code == 304


# ---- what makes no sense


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ("", {"period": "required"}),
        ("period=2026-13", {"period": "invalid"}),
        ("period=10/2026", {"period": "invalid"}),
        ("period=2026-10-01", {"period": "invalid"}),
        ("period=2026-12", {"period": "not_begun"}),
        ("period=9999", {"period": "invalid"}),
        ("period=2026&by=day", {"by": "invalid_choice"}),
        ("period=2026&agency=", {"agency": "invalid"}),
        ("period=2026&office=H22", {"office": "invalid"}),
        (f"period={'2' * 5000}", {"period": "invalid"}),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_name(asked: str, wrong: dict[str, str]) -> None:
    assert faults(caller().get(f"statistics?{asked}")) == wrong


def test_the_refusal_says_how_a_period_is_written() -> None:
    assert "viết như 2026-10" in caller().get("statistics?period=x").content.decode()
