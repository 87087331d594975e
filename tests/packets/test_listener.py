"""An idle worker hears within a second that something was recorded, and that it is to stop."""

import threading
import time

import pytest
from django.db import connection, transaction

from onestop.common.notify import announce
from packets.listener import CALLED_POLL_SECONDS, POLL_SECONDS, Listener
from tests import people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


class Sleeper:
    """A worker asleep in a thread of its own."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._sleep)
        self.begun = time.monotonic()
        self.thread.start()
        time.sleep(0.3)

    def _sleep(self) -> None:
        waker = Listener(self.stop.is_set)
        waker.sleep()
        self.slept = time.monotonic() - self.begun
        waker.close()
        connection.close()

    def woken_after(self) -> float:
        self.thread.join(20)
        assert not self.thread.is_alive()
        return self.slept


def test_a_move_wakes_it_when_it_is_committed_and_not_before() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite calls nobody; needs PostgreSQL")
    sleeper = Sleeper()
    with transaction.atomic():
        people.a_dossier()
        time.sleep(1)
        assert sleeper.thread.is_alive()
    committed = time.monotonic() - sleeper.begun
    assert sleeper.woken_after() - committed < 1


def test_what_is_rolled_back_wakes_nobody() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite calls nobody; needs PostgreSQL")
    sleeper = Sleeper()
    with transaction.atomic():
        announce()
        transaction.set_rollback(True)
    assert sleeper.woken_after() >= CALLED_POLL_SECONDS


def test_where_nobody_calls_it_looks_every_second() -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL calls; needs SQLite")
    assert POLL_SECONDS <= Sleeper().woken_after() < POLL_SECONDS + 1


def test_it_stops_at_once_when_told_to() -> None:
    sleeper = Sleeper()
    sleeper.stop.set()
    told = time.monotonic() - sleeper.begun
    assert sleeper.woken_after() - told < 1


def test_a_server_that_went_away_is_listened_to_again() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite calls nobody; needs PostgreSQL")
    waker = Listener(lambda: False)

    def call() -> None:
        announce()
        connection.close()

    announcer = threading.Timer(1, call)
    assert waker._listens()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        )
    begun = time.monotonic()
    waker.sleep()
    assert time.monotonic() - begun < 1, "it cannot know what it missed, so it looks"
    announcer.start()
    begun = time.monotonic()
    waker.sleep()
    assert 0.5 < time.monotonic() - begun < 3
    waker.close()
    announcer.join()
