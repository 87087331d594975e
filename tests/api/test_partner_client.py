"""The example in `docs/` does what it says, over HTTP, against a running office."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from onestop.dossiers.models import Dossier, State
from onestop.partners.credentials import issue
from tests import people

EXAMPLE = settings.BASE_DIR / "docs/partner_client.py"


def run(address: str, client_id: str, secret: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLE), address, client_id, secret, "1.001193", "H22.101"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 our own file


@pytest.mark.django_db(transaction=True)
def test_the_example_hands_in_a_dossier_and_follows_it(live_server: Any) -> None:
    people.a_procedure()
    issued = issue(people.a_partner())
    done = run(live_server.url, issued.credential.application.client_id, issued.secret)
    dossier = Dossier.objects.get()
    assert (done.returncode, done.stderr) == (0, "")
    assert dossier.state == State.IN_PROGRESS
    first, *steps = done.stdout.splitlines()
    assert first.startswith(f"{dossier.code} 20")
    assert [line.split()[1] for line in steps] == ["register", "accept", "start"]
    assert steps[-1].endswith("Trần Minh")


@pytest.mark.django_db(transaction=True)
def test_the_example_says_why_it_could_not(live_server: Any) -> None:
    people.a_procedure()
    issued = issue(people.a_partner(agencies=[people.department()]))
    done = run(live_server.url, issued.credential.application.client_id, issued.secret)
    assert done.returncode == 1
    assert '"attr":"agency"' in done.stderr


def test_the_example_is_short_enough_to_be_read() -> None:
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 64
