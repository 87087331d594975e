"""The worker as it really runs: for ever, beside others, until it is told to stop."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as enumerate_threads

import pytest
from django.db import OperationalError, connection, transaction

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Transition
from packets import worker
from packets.collecting.collect import collect
from packets.delivery.sender import deliver
from packets.dialects.qd1705.messages import Kind
from packets.models import Attempt, Packet, Portal
from packets.worker import FIRST_SWEEP_SECONDS, SWEEP_SECONDS, CollectWindow
from tests import people
from tests.installation import Installation
from tests.practice_portal import Sandbox

from .mail_server import a_mail_server
from .portals import a_portal

ADD_DOSSIER = "from tests import people; print(people.a_dossier().code)"
ADD_OPERATOR = "people.tu(); people.User.objects.filter(username='tu').update(email='tu@hagiang.example')"
PATIENCE = 15


def an_office(folder: Path, url: str) -> Installation:
    """One that reports to the portal at `url`."""
    office = Installation(folder)
    office.run(
        *("add_portal", "practice", "--base-url", url, "--token-url", f"{url}/token", "--since", "all"),
        *("--client-id", "demo", "--client-secret", "demo-secret"),
    )
    return office


def in_shell(office: Installation, statements: str) -> str:
    printed, _memory = office.run("shell", "-v0", "-c", statements)
    return printed.strip()


@contextmanager
def at_work(office: Installation) -> Iterator[None]:
    """While a worker runs; afterwards it must end cleanly."""
    worker = office.start("sync_packets", "--loop")
    try:
        yield
    finally:
        worker.send_signal(signal.SIGTERM)
        output, _none = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0
    assert output.splitlines()[-1] == "Đã dừng."


def wait_for(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.1)


def test_a_worker_finds_new_work_by_itself_and_ends_cleanly_when_told(
    tmp_path: Path, practice_portal: Sandbox
) -> None:
    office = an_office(tmp_path, practice_portal.address)
    with at_work(office):
        code = in_shell(office, ADD_DOSSIER)
        wait_for(lambda: practice_portal.held("trace", code))


def test_the_daily_mail_is_sent_and_a_server_that_hangs_over_it_holds_up_nothing(
    tmp_path: Path, practice_portal: Sandbox
) -> None:
    office = an_office(tmp_path, practice_portal.address)
    in_shell(office, f"{ADD_DOSSIER}; {ADD_OPERATOR}")
    office.run("sync_packets")  # so that there is something to tell: the first link of the chain
    with a_mail_server(silent=True) as server:
        office.environment |= {
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "EMAIL_TIMEOUT": str(4 * PATIENCE),
            "DIGEST_HOUR": "0",
        }
        with at_work(office):
            wait_for(server.called.is_set)
            code = in_shell(office, ADD_DOSSIER)
            wait_for(lambda: practice_portal.held("trace", code))
            server.may_speak.set()
            wait_for(lambda: len(server.inbox) == 2)
    # The other is about the portal that was added.
    assert [letter["To"] for letter in server.inbox] == 2 * ["tu@hagiang.example"]


@pytest.mark.django_db(transaction=True)
def test_many_workers_share_the_packets_and_send_each_once(practice_portal: Sandbox) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite is for one worker at a time; needs PostgreSQL")
    portal = a_portal(practice_portal.address)
    for _number in range(30):
        people.a_dossier()
    collect(portal)

    def work() -> None:
        deliver(Portal.objects.get())
        connection.close()

    workers = [Thread(target=work) for _number in range(4)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert set(Packet.objects.values_list("state", "tries")) == {("accepted", 1)}
    assert Attempt.objects.count() == 60
    assert len(practice_portal.held("document")) == len(practice_portal.held("trace")) == 30


@pytest.mark.django_db(transaction=True)
def test_who_has_long_had_nothing_to_send_is_let_go_and_another_comes_for_the_next_packet(
    practice_portal: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be a hundred webhooks, most of them silent; each sender holds a connection and some threads."""
    if connection.vendor == "sqlite":
        pytest.skip("the tests' SQLite lives in memory and lets no two threads write: the PostgreSQL half shows this")
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.3)
    portal, stop = a_portal(practice_portal.address), Event()

    def senders() -> list[Thread]:
        return [thread for thread in enumerate_threads() if thread.name == f"send-{portal.code}"]

    def work() -> None:
        worker.Worker(stop, lambda: [portal]).run()
        connection.close()

    before = len(enumerate_threads())
    at_work = Thread(target=work)
    at_work.start()
    try:
        for _time in range(2):
            code = people.a_dossier().code or ""
            wait_for(partial(practice_portal.held, "trace", code))
            wait_for(lambda: not senders())
            wait_for(lambda: len(enumerate_threads()) == before + 1)
    finally:
        stop.set()
        at_work.join()


# ---- how far back a worker looks


@pytest.mark.django_db
def test_all_of_history_is_looked_through_now_and_then_and_in_between_what_is_newer_than_two_looks_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("packets.worker.time.monotonic", lambda: clock[0])
    horizon = CollectWindow()

    def look() -> int:
        with horizon.looking() as above:
            return above

    people.a_dossier()
    first = Transition.objects.latest("pk").pk
    assert (look(), look()) == (0, 0), "at first nothing is known to have been looked through twice"
    clock[0] += FIRST_SWEEP_SECONDS
    people.a_dossier()
    second = Transition.objects.latest("pk").pk
    assert (look(), look()) == (0, first)
    clock[0] += SWEEP_SECONDS
    assert (look(), look()) == (0, second)


@pytest.mark.django_db
def test_a_look_that_fails_counts_for_nothing() -> None:
    horizon = CollectWindow()
    people.a_dossier()
    for _time in range(2):
        with pytest.raises(OperationalError), horizon.looking() as above:
            raise OperationalError
        assert above == 0
    assert horizon.above == 0


@pytest.mark.django_db(transaction=True)
def test_a_move_that_is_committed_after_later_ones_were_collected_is_found() -> None:
    """It has the lower number, so whoever remembers only how far he came never sees it."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time; needs PostgreSQL")
    portal, horizon = a_portal(), CollectWindow()
    slowly, quickly = people.a_dossier(), people.a_dossier()
    officer = people.binh()
    recorded, may_commit = Event(), Event()

    def traces_after_collecting() -> int:
        with horizon.looking() as above:
            collect(portal, above=above)
        return Packet.objects.filter(kind=Kind.TRACE).count()

    def record_slowly() -> None:
        with transaction.atomic():
            lifecycle.start(slowly, officer)
            recorded.set()
            may_commit.wait(10)
        connection.close()

    slow = Thread(target=record_slowly)
    slow.start()
    recorded.wait(10)
    lifecycle.start(quickly, officer)
    assert traces_after_collecting() == 3
    may_commit.set()
    slow.join()
    assert traces_after_collecting() == 4


@pytest.mark.django_db
def test_a_late_move_is_not_overtaken_by_the_next_one_of_its_dossier() -> None:
    """Below the horizon when it was committed, it is found with what comes above it, and goes first."""
    portal, dossier = a_portal(), people.a_dossier()
    late = Transition.objects.latest("pk").pk
    lifecycle.start(dossier, people.binh())
    collect(portal, above=late)
    traces = Packet.objects.filter(kind=Kind.TRACE).order_by("position")
    assert [packet.transition_id for packet in traces] == [late, late + 1]


@pytest.mark.django_db
def test_on_postgresql_the_driver_is_psycopg2() -> None:
    """Were psycopg (3) installed beside it, Django would silently take that one."""
    if connection.vendor == "sqlite":
        pytest.skip("needs PostgreSQL")
    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    assert not is_psycopg3
