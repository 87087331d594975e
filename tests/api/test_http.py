"""What every address of the API does alike with methods, parameters and headers."""

from __future__ import annotations

import logging
import re

import pytest
import pytest_django
from django.test import Client

from onestop.partners.models import Partner
from tests import people

from .caller import caller, faults, read

pytestmark = pytest.mark.django_db


def test_head_tells_what_get_tells_without_its_content() -> None:
    call = caller()
    path = f"/api/v1/dossiers/{people.a_dossier().uuid}"
    got = call.get(path.removeprefix("/api/v1/"))
    head = call.client.head(path, headers={"Authorization": call.token})
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Language", "RateLimit-Limit"):
        assert head.headers[name] == got.headers[name]
    known = {"Authorization": call.token, "If-None-Match": got.headers["ETag"]}
    assert call.client.head(path, headers=known).status_code == 304
    assert call.client.head(path).status_code == 401


def test_options_tells_the_methods_to_everyone() -> None:
    for path, methods in (
        ("dossiers", "GET, HEAD, OPTIONS, POST"),
        ("dossiers/bulk", "OPTIONS, POST"),
        ("webhooks/wh-1", "DELETE, GET, HEAD, OPTIONS, PATCH"),
    ):
        answer = Client().options(f"/api/v1/{path}")
        assert (answer.status_code, answer.headers["Allow"], answer.content) == (204, methods, b"")
    assert caller().delete("dossiers").headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert Client().options("/api/v1/unknown").status_code == 404


def test_a_parameter_of_one_value_is_refused_twice() -> None:
    call = caller()
    assert faults(call.get("dossiers?limit=1&limit=2")) == {"limit": "repeated"}
    assert faults(call.get("statistics?period=2026&period=2026")) == {"period": "repeated"}
    assert call.get("dossiers?state=1&state=2&channel=online&channel=direct").status_code == 200


def test_a_call_has_a_number_which_the_caller_may_give(caplog: pytest.LogCaptureFixture) -> None:
    call = caller()
    with caplog.at_level(logging.INFO):
        refused = call.get("dossiers?colour=red", X_Request_ID="lgsp:2026/11-30.1")
    assert refused.headers["X-Request-ID"] == "lgsp:2026/11-30.1"
    assert "lgsp:2026/11-30.1" in caplog.text
    assert "colour" not in caplog.text
    for unfit in ("", "a b", "x" * 129, "é"):
        own = call.get("fields", X_Request_ID=unfit).headers["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f-]{36}", own)
    assert len({call.get("fields").headers["X-Request-ID"] for _call in range(3)}) == 3
    assert Client().get("/api/v1/unknown").headers["X-Request-ID"]
    assert Client().post("/oauth2/token", headers={"X-Request-ID": "t-1"}).headers["X-Request-ID"] == "t-1"


def test_the_limit_is_told_in_both_forms_of_the_draft() -> None:
    Partner.objects.filter(pk=people.a_partner().pk).update(rate_per_minute=2)
    call = caller()
    headers = call.get("fields").headers
    assert headers["RateLimit-Policy"] == '"minute";q=2;w=60'
    assert re.fullmatch(r'"minute";r=1;t=\d\d?', headers["RateLimit"])
    assert (headers["RateLimit-Limit"], headers["RateLimit-Remaining"]) == ("2", "1")
    call.get("fields")
    # A minute may have begun meanwhile.
    last = [call.get("fields") for _call in range(4)][-1]
    assert last.status_code in (200, 429)


def test_links_lead_to_the_public_address(settings: pytest_django.Settings) -> None:
    settings.PUBLIC_URL = "https://motcua.example.vn"
    people.a_dossier()
    people.a_dossier()
    following = read(caller().get("dossiers?limit=1&state=2", Host="127.0.0.1"))["next"]
    assert following.startswith("https://motcua.example.vn/api/v1/dossiers?")
    assert "state=2" in following
