"""The committed description of the contract says what the contract is."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

import onestop.api

COMMITTED = Path(onestop.api.__file__).parent / "openapi.yaml"
OPTIONS = ["--lang", "vi", "--validate", "--fail-on-warn"]


def test_the_committed_description_is_fresh_and_without_warnings() -> None:
    fresh = StringIO()
    call_command("spectacular", *OPTIONS, stdout=fresh)
    assert COMMITTED.read_text(encoding="utf-8") == fresh.getvalue(), "the contract has changed, run: make openapi"


def test_every_operation_says_what_it_does_what_it_needs_and_how_it_fails() -> None:
    contract = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))
    scopes = contract["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"]
    for path, operations in contract["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (path, method)
            (needed,) = [requirement["oauth2"] for requirement in operation["security"]]
            assert len(needed) == (0 if path.endswith("/me") else 1), (path, method)
            assert set(needed) <= set(scopes), (path, method)
            assert {"400", "401", "403", "429"} <= set(operation["responses"]), (path, method)
            if method in ("post", "patch") and "application/json" in operation.get("requestBody", {}).get(
                "content", {}
            ):
                assert operation["requestBody"]["content"]["application/json"].get("examples"), (path, method)


def test_no_component_is_named_by_a_counter() -> None:
    """Such a name changes when an unrelated field is added, and with it every client that was made of it."""
    names = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))["components"]["schemas"]
    assert not [name for name in names if name.endswith("Enum") and name not in ("NullEnum", "BlankEnum")]


@pytest.mark.django_db
def test_the_description_and_its_page_are_open_and_come_from_here_alone() -> None:
    answer = Client().get("/api/v1/openapi.yaml")
    assert b"".join(answer) == COMMITTED.read_bytes()
    assert answer.headers["Content-Type"].startswith("application/vnd.oai.openapi")
    page = Client().get("/api/v1/docs").content.decode()
    assert "swagger-ui" in page
    assert "http://" not in page.replace("http://testserver", "")
    assert "https://" not in page
