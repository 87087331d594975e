"""Counting all over again finds whatever is not kept as history has it, says where, and puts it right."""

from __future__ import annotations

from datetime import datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import F

from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, StatsQueue
from onestop.statistics.counting.incremental import catch_up
from onestop.statistics.counting.recount import FigureDifference, recount
from onestop.statistics.models import AgencyMonth, LateSpell, ProcedureMonth, Spell
from onestop.statistics.periods import Period
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _a_dossier_of_september_and_one_of_october(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 11, 5, 9, tzinfo=VIETNAM), tick=False)
    for month in (9, 10):
        dossier = people.a_new_dossier()
        lifecycle.receive(dossier, None, at=datetime(2026, month, 1, 8, tzinfo=VIETNAM))
        lifecycle.approve(dossier, None, at=datetime(2026, month, 20, 8, tzinfo=VIETNAM))
    catch_up()


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("recount", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_what_was_kept_up_agrees_and_so_does_what_still_waits_to_be_counted() -> None:
    assert recount().agrees
    lifecycle.receive(people.a_new_dossier(), None)
    assert StatsQueue.objects.exists()
    assert recount().agrees
    assert not StatsQueue.objects.exists()


def test_a_wrong_month_is_told_by_agency_procedure_and_measure_and_put_right() -> None:
    ProcedureMonth.objects.filter(month="2026-10-01").update(late=F("late") + 2)
    AgencyMonth.objects.filter(month="2026-10-01").delete()
    found = recount(repair=True)
    assert FigureDifference("H22.101", "1.001193", "direct", "2026-10", "late", 3, 1) in found.differences
    assert FigureDifference("H22.101", "", "", "2026-10", "accepted", 0, 1) in found.differences
    assert (found.wrong_months, found.wrong_dossiers) == (2, 0)
    assert recount().agrees


@pytest.mark.parametrize("model", [Spell, LateSpell])
def test_a_wrong_spell_is_told_by_its_dossier_and_put_right(model: type[Spell | LateSpell]) -> None:
    wrong = model._default_manager.earliest("pk")
    code = wrong.dossier.code
    wrong.delete()
    assert recount(repair=True).dossiers == [code]
    assert recount().agrees


def test_no_spell_can_be_kept_twice() -> None:
    for row in (Spell.objects.earliest("pk"), LateSpell.objects.earliest("pk")):
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


def test_from_a_month_on_only_what_counts_there_is_compared() -> None:
    ProcedureMonth.objects.filter(month="2026-09-01").update(late=7)
    assert recount(Period(2026, 10)).agrees
    ProcedureMonth.objects.filter(month="2026-10-01").update(late=7)
    assert recount(Period(2026, 10), repair=True).wrong_months == 1
    assert recount(Period(2026, 10)).agrees
    assert recount().wrong_months == 1


def test_history_written_past_the_desk_is_found() -> None:
    """Nothing told the queue of it: an import by hand, say."""
    Dossier.objects.update(is_test=True)
    assert recount(repair=True).wrong_dossiers == 2
    assert not Spell.objects.exists()
    assert recount().agrees


def test_the_command_says_that_all_agrees() -> None:
    assert run()[-1] == "Mọi số liệu khớp với lịch sử hồ sơ."
    assert run("--check", "--from", "2026-10")[-1] == "Mọi số liệu khớp với lịch sử hồ sơ."


def test_checking_reports_every_difference_changes_nothing_and_fails() -> None:
    ProcedureMonth.objects.filter(month="2026-10-01").update(late=7)
    for _twice in range(2):
        out = StringIO()
        with pytest.raises(CommandError, match="1 dòng số liệu tháng và 0 hồ sơ"):
            call_command("recount", "--check", stdout=out)
        assert "H22.101 1.001193 direct 2026-10 late: đang ghi 7, tính lại 1" in out.getvalue()


def test_without_checking_it_puts_right_what_it_reports() -> None:
    ProcedureMonth.objects.filter(month="2026-10-01").update(late=7)
    assert "H22.101 1.001193 direct 2026-10 late: đang ghi 7, tính lại 1" in run()
    assert run()[-1] == "Mọi số liệu khớp với lịch sử hồ sơ."


@pytest.mark.parametrize("text", ["2026", "2026-Q4", "10/2026"])
def test_it_begins_with_a_month(text: str) -> None:
    with pytest.raises(CommandError, match="--from"):
        run("--from", text)
