"""The committed description of the contract says what the contract is."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

import onestop.api
from tests import people

COMMITTED = Path(onestop.api.__file__).parent / "openapi.yaml"
OPTIONS = ["--lang", "vi", "--validate", "--fail-on-warn"]
REFRESH = f"python manage.py spectacular {' '.join(OPTIONS)} --file onestop/api/openapi.yaml"


def test_the_committed_description_is_fresh_and_without_warnings() -> None:
    fresh = StringIO()
    call_command("spectacular", *OPTIONS, stdout=fresh)
    assert COMMITTED.read_text(encoding="utf-8") == fresh.getvalue(), f"the contract has changed, run: {REFRESH}"


@pytest.mark.django_db
def test_the_description_is_served_to_those_who_may_read_the_api() -> None:
    assert Client().get("/api/v1/openapi.json").status_code == 403
    client = Client()
    client.force_login(people.lan())
    answer = client.get("/api/v1/openapi.json")
    assert answer.headers["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert set(answer.json()["paths"]) == {
        f"/api/v1/{resource}/{key}"
        for resource, one in {"agencies": "code", "fields": "code", "procedures": "code", "dossiers": "uuid"}.items()
        for key in ("", f"{{{one}}}/")
    }
