"""An address that takes only POST has a page for whoever opens it, and signing in never leads to one."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from onestop.common.web.methods import takes_get
from tests import people

pytestmark = pytest.mark.django_db

FIND = "/find/"


def signed_in() -> Client:
    client = Client()
    client.force_login(people.lan())
    return client


def test_an_address_that_takes_only_post_has_a_page() -> None:
    answer = signed_in().get(reverse("dossiers:find"))
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "Không mở được trang này" in answer.content.decode()


def test_the_api_keeps_its_own_answer() -> None:
    answer = Client().delete("/api/v1/agencies")
    assert answer.status_code in (401, 405)
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize(
    ("method", "headers"),
    [("get", {}), ("post", {}), ("post", {"Referer": "http://testserver/find/"}), ("get", {"HX-Request": "true"})],
)
def test_signing_in_never_leads_to_an_address_that_takes_only_post(method: str, headers: dict[str, str]) -> None:
    answer = getattr(Client(), method)(reverse("dossiers:find"), headers=headers)
    address = answer.get("Location") or answer["HX-Redirect"]
    assert parse_qs(urlsplit(address).query)["next"] == ["/"]


def test_every_view_that_takes_only_post_is_recognised() -> None:
    for folder in ("onestop", "packets"):
        for file in (settings.BASE_DIR / folder).rglob("*.py"):
            if file != Path(settings.BASE_DIR / "onestop/common/web/methods.py"):
                assert "require_POST" not in file.read_text(), file
    assert not takes_get(reverse("dossiers:find"))
    assert takes_get("/dossiers/")
    assert not takes_get("/no/such/page/")
