"""Figures keep up with history: every move is counted, once, however many move and count at the same time."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, StatsQueue
from onestop.dossiers.store import writing_in_bulk
from onestop.statistics.counting.incremental import BATCH, catch_up, one_moment, prepare, stand_still, take_turn
from onestop.statistics.counting.recount import recount
from onestop.statistics.figures.figures import figures
from onestop.statistics.periods import Period
from onestop.statistics.scope import FigureScope
from tests import people

on_postgresql = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite lets one write at a time; needs PostgreSQL"
)


def accepted_now() -> int:
    return figures(FigureScope(people.province()), Period.month_of(timezone.now())).new_reception


@pytest.mark.django_db
def test_every_move_waits_to_be_counted_and_is_counted_once() -> None:
    people.a_dossier()
    assert StatsQueue.objects.count() == 2  # registered and accepted
    assert accepted_now() == 0
    assert catch_up() == 0
    assert accepted_now() == 1
    assert catch_up() == 0
    assert accepted_now() == 1


@pytest.mark.django_db
def test_a_move_that_is_undone_does_not_wait() -> None:
    with transaction.atomic():
        people.a_dossier()
        transaction.set_rollback(True)
    assert not StatsQueue.objects.exists()


@pytest.mark.django_db
def test_dossiers_written_in_bulk_wait_too() -> None:
    with writing_in_bulk() as store:
        for _ in range(3):
            lifecycle.receive(people.a_new_dossier(), None, store=store)
    catch_up()
    assert accepted_now() == 3


@pytest.mark.django_db
def test_a_late_record_reaches_the_month_it_belongs_to() -> None:
    """Accepted in March and put on record now, when everything since has been counted."""
    march = datetime(2026, 3, 2, 8, tzinfo=VIETNAM)
    dossier = people.a_new_dossier()
    lifecycle.register(dossier, None, at=march)
    catch_up()
    lifecycle.accept(dossier, None, at=march + timedelta(hours=1))
    catch_up()
    counted = [figures(FigureScope(people.ward()), Period(2026, month)) for month in (2, 3, 4)]
    assert [(month.new_reception, month.pending_late) for month in counted] == [(0, 0), (1, 1), (0, 1)]


@pytest.mark.django_db
def test_no_more_than_asked_are_counted_and_the_rest_is_told() -> None:
    with writing_in_bulk() as store:
        for _ in range(BATCH + 1):
            lifecycle.receive(people.a_new_dossier(), None, store=store)
    assert catch_up(most=1) == 1
    assert accepted_now() == BATCH


@pytest.mark.django_db
def test_counting_takes_few_queries_however_many_moves(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with writing_in_bulk() as store:
        for _ in range(100):
            lifecycle.receive(people.a_new_dossier(), None, store=store)
    with django_assert_max_num_queries(20):
        catch_up()


@pytest.mark.django_db
def test_when_nothing_waits_one_query_says_so(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        catch_up()


def in_thread(work: object) -> Thread:
    def run() -> None:
        try:
            work()  # type: ignore[operator] # whatever it returns is nobody's concern
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_page_does_not_wait_for_whoever_is_counting_and_says_what_is_left() -> None:
    prepare()
    people.a_dossier()
    locked, done = Event(), Event()

    def count_slowly() -> None:
        with transaction.atomic():
            take_turn()
            locked.set()
            done.wait(10)

    thread = in_thread(count_slowly)
    assert locked.wait(10)
    assert catch_up(wait=False) == 2
    done.set()
    thread.join()
    assert catch_up(wait=False) == 0


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_move_that_commits_late_is_counted_late() -> None:
    """Its key is lower than that of a move already counted: whoever keeps a cursor would lose it."""
    early, late = people.a_dossier(), people.a_dossier()
    catch_up()
    made, counted = Event(), Event()

    def move_slowly() -> None:
        with transaction.atomic():
            lifecycle.approve(early, None)
            made.set()
            counted.wait(10)

    thread = in_thread(move_slowly)
    assert made.wait(10)
    lifecycle.approve(late, None)
    catch_up()
    month = Period.month_of(timezone.now())
    assert figures(FigureScope(people.province()), month).solved == 1
    counted.set()
    thread.join()
    catch_up()
    assert figures(FigureScope(people.province()), month).solved == 2


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_within_one_moment_nothing_changes_whatever_is_moved_and_counted() -> None:
    people.a_dossier()
    catch_up()

    def receive_and_count() -> None:
        people.a_dossier()
        catch_up()

    with one_moment():
        before = accepted_now()
        in_thread(receive_and_count).join()
        assert accepted_now() == before == 1
    assert accepted_now() == 2


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_while_figures_stand_still_what_is_moved_waits_to_be_counted() -> None:
    people.a_dossier()
    prepare()
    left: list[int] = []
    with transaction.atomic():
        stand_still()
        assert accepted_now() == 1

        def receive_and_count() -> None:
            people.a_dossier()
            left.append(catch_up(wait=False))

        in_thread(receive_and_count).join()
        assert accepted_now() == 1
    # Those two, and the two that are just being counted.
    assert left == [4]
    assert catch_up() == 0
    assert accepted_now() == 2


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_many_move_and_many_count_at_once_and_nothing_is_lost_or_counted_twice() -> None:
    people.lan()
    dossiers = [people.a_dossier() for _ in range(12)]
    finished = Event()

    def move(mine: list[Dossier]) -> None:
        for dossier in mine:
            lifecycle.start(dossier, None)
            lifecycle.stop(dossier, None, comment="x")
            lifecycle.reopen(dossier, people.root(), comment="x")
            lifecycle.approve(dossier, None)

    def count() -> None:
        while not finished.is_set():
            catch_up()

    people.root()
    counters = [in_thread(count) for _ in range(2)]
    movers = [in_thread(lambda mine=dossiers[first::3]: move(mine)) for first in range(3)]
    for thread in movers:
        thread.join()
    finished.set()
    for thread in counters:
        thread.join()
    catch_up()
    found = figures(FigureScope(people.province()), Period.month_of(timezone.now()))
    assert (found.new_reception, found.solved_in_time, found.still_open) == (12, 12, 0)
    assert recount().agrees


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_counting_does_not_wait_for_a_dossier_that_is_just_being_moved() -> None:
    """An officer's long transaction holds nobody up, and cannot come to a deadlock with who counts."""
    dossier = people.a_dossier()
    moved, counted = Event(), Event()

    def move_slowly() -> None:
        with transaction.atomic():
            lifecycle.start(dossier, None)
            moved.set()
            counted.wait(10)

    thread = in_thread(move_slowly)
    assert moved.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '3s'")
        assert catch_up() == 0
        cursor.execute("RESET lock_timeout")
    counted.set()
    thread.join()
    assert catch_up() == 0
    assert accepted_now() == 1
