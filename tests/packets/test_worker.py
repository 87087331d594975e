"""The worker as it really runs: for ever, beside others, until it is told to stop."""

import signal
import time
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection

from packets.collect import collect
from packets.deliver import deliver
from packets.models import Attempt, Packet, Portal
from tests import people
from tests.installation import Installation
from tests.practice_portal import Sandbox

from .portals import a_portal

ADD_DOSSIER = "from tests import people; print(people.a_dossier().code)"
PATIENCE = 15


def test_a_worker_finds_new_work_by_itself_and_ends_cleanly_when_told(
    tmp_path: Path, practice_portal: Sandbox
) -> None:
    office, url = Installation(tmp_path), practice_portal.address
    office.run(
        *("add_portal", "practice", "--base-url", url, "--token-url", f"{url}/token", "--since", "all"),
        *("--client-id", "demo", "--client-secret", "demo-secret"),
    )
    worker = office.start("sync_packets", "--loop")
    try:
        code, _memory = office.run("shell", "-v0", "-c", ADD_DOSSIER)
        deadline = time.monotonic() + PATIENCE
        while not practice_portal.held("trace", code.strip()):
            assert time.monotonic() < deadline, "the worker found nothing"
            time.sleep(0.1)
    finally:
        worker.send_signal(signal.SIGTERM)
        output, _none = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0
    assert output.splitlines()[-1] == "Đã dừng."


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
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert set(Packet.objects.values_list("state", "tries")) == {("accepted", 1)}
    assert Attempt.objects.count() == 60
    assert len(practice_portal.held("document")) == len(practice_portal.held("trace")) == 30


@pytest.mark.django_db
def test_on_postgresql_the_driver_is_psycopg2() -> None:
    """Were psycopg (3) installed beside it, Django would silently take that one."""
    if connection.vendor == "sqlite":
        pytest.skip("needs PostgreSQL")
    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    assert not is_psycopg3
