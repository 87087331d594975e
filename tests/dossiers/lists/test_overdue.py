"""Overdue means one thing: the first page, the list, the dossier itself and the figures name the same dossiers."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Move, State
from onestop.dossiers.templatetags.desk import due_in_words, due_tone
from onestop.statistics.counting.incremental import catch_up
from onestop.statistics.figures.drill_down import dossier_keys
from onestop.statistics.periods import Period
from onestop.statistics.scope import FigureScope
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def at(day: int, hour: int = 9) -> datetime:
    """An instant of March 2026, whose second day is a Monday. A dossier of that day, 9:00, is due on Wednesday."""
    return datetime(2026, 3, day, hour, tzinfo=VIETNAM)


def received(name: str) -> Dossier:
    dossier = people.a_new_dossier(applicant_name=name)
    lifecycle.receive(dossier, people.lan(), at=at(2))
    return dossier


def paused(move: Move, since: datetime) -> Dossier:
    dossier = received(f"{move.label} {since:%d}")
    more = {"fees": [people.a_fee()]} if move == Move.ASK_PAYMENT else {"comment": "Thiếu tờ khai"}
    lifecycle.MAKE[move](dossier, people.binh(), at=since, **more)
    return dossier


@pytest.fixture
def late() -> set[int]:
    """The late among the dossiers of an office: at work, or paused when they were late already."""
    paused(Move.ASK_SUPPLEMENT, at(3))
    paused(Move.ASK_PAYMENT, at(3))
    paused(Move.ASK_PAYMENT, at(4))  # At the due instant itself, which is still in time.
    finished = received("xong")
    lifecycle.approve(finished, people.ha(), at=at(5))
    no_limit = people.a_procedure(code="9", limit=None, limit_unit="")
    lifecycle.receive(people.a_new_dossier(procedure=no_limit), people.lan(), at=at(2))
    handed_over = paused(Move.ASK_SUPPLEMENT, at(3))
    lifecycle.hand_over(handed_over, people.ha(), unit=people.ward_desk(), at=at(6))
    return {
        dossier.pk
        for dossier in (received("trễ"), paused(Move.ASK_SUPPLEMENT, at(5)), paused(Move.ASK_PAYMENT, at(5)))
    }


def test_home_list_dossier_and_figures_name_the_same_dossiers(late: set[int]) -> None:
    with time_machine.travel(at(9), tick=False):
        assert {dossier.pk for dossier in Dossier.objects.overdue(timezone.now())} == late
        assert {dossier.pk for dossier in Dossier.objects.all() if dossier.is_overdue} == late
        client = Client()
        client.force_login(people.ha())
        home = client.get("/").context
        assert [tile.count for tile in home["tiles"] if tile.label == "quá hạn"] == [len(late)]
        assert sum(load.numbers[1][0] for load in home["workloads"]) == len(late)
        listed = client.get("/dossiers/?due=late").context["dossiers"]
        assert {dossier.pk for dossier in listed} == late
        catch_up()
        scope, month = FigureScope(people.ward()), Period.month_of(at(9))
        assert set(dossier_keys("pending_late", scope, month)) == late


def test_asking_the_applicant_hides_no_lateness_and_the_page_says_how_late_it_was() -> None:
    dossier = paused(Move.ASK_SUPPLEMENT, at(5))
    with time_machine.travel(at(20), tick=False):
        assert due_in_words(dossier) == "tạm dừng khi đã quá hạn 1 ngày làm việc"
        assert due_tone(dossier) == "is-late"
        in_time = paused(Move.ASK_SUPPLEMENT, at(3))
        assert due_in_words(in_time) == "tạm dừng"
        assert due_tone(in_time) == "is-over"


def test_a_corrected_moment_of_a_pause_decides_anew() -> None:
    dossier = paused(Move.ASK_SUPPLEMENT, at(5))
    step = dossier.transitions.get(move=Move.ASK_SUPPLEMENT)
    lifecycle.correct_time(dossier, people.ha(), step=step.pk, to=at(3), comment="Ghi muộn")
    assert (dossier.paused_at, dossier.is_overdue) == (at(3), False)


def test_the_moment_of_a_pause_ends_with_it() -> None:
    dossier = paused(Move.ASK_PAYMENT, at(3))
    assert dossier.paused_at == at(3)
    lifecycle.receive_payment(dossier, people.lan(), at=at(4))
    dossier.refresh_from_db()
    assert dossier.paused_at is None


def test_no_paused_dossier_is_without_its_moment() -> None:
    dossier = people.a_dossier()
    with pytest.raises(IntegrityError), transaction.atomic():
        Dossier.objects.filter(pk=dossier.pk).update(state=State.AWAITING_PAYMENT)


def test_the_migration_takes_the_moments_from_the_moves() -> None:
    plain, corrected = paused(Move.ASK_SUPPLEMENT, at(5)), paused(Move.ASK_PAYMENT, at(5))
    step = corrected.transitions.get(move=Move.ASK_PAYMENT)
    lifecycle.correct_time(corrected, people.ha(), step=step.pk, to=at(4), comment="Ghi muộn")
    lifecycle.hand_over(plain, people.ha(), unit=people.ward_desk(), at=at(6))
    Dossier.objects.update(paused_at=at(28))
    migration = import_module("onestop.dossiers.migrations.0017_paused_moments")
    migration.set_moments(apps, connection.schema_editor())
    moments = dict(Dossier.objects.values_list("pk", "paused_at"))
    assert moments == {plain.pk: at(5), corrected.pk: at(4)}
