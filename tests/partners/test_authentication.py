"""Who a caller is: told by the bearer token in the header, and what was taken away since counts at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from oauth2_provider.models import AccessToken

from onestop.partners.credentials import issue, rotate, switch_off
from onestop.partners.models import Credential
from onestop.partners.scopes import ApiScope
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.urls("tests.partners.a_resource")]


def called(token: str) -> Any:
    return Client().get("/me", headers={"Authorization": token})


def allowed(token: str) -> bool:
    answer = called(token)
    assert answer.status_code in (200, 401, 403)
    return bool(answer.status_code == 200)


# ---- the header, and nothing else


def test_a_token_of_the_right_scope_opens_a_resource() -> None:
    partner = people.a_partner(ApiScope.DOSSIERS_READ, ApiScope.VOTES_READ)
    assert called(people.a_token(partner)).json() == {"name": partner.name, "scopes": ["dossiers:read", "votes:read"]}
    refused = called(people.a_token(partner, ApiScope.VOTES_READ))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "scope")
    challenge = 'Bearer realm="api", error="insufficient_scope", scope="dossiers:read"'
    assert refused.headers["WWW-Authenticate"] == challenge


def test_the_scheme_s_case_does_not_matter_and_another_scheme_is_none() -> None:
    token = people.a_token(people.a_partner())
    assert allowed(token.replace("Bearer", "bearer"))
    for header in (token.replace("Bearer", "Basic"), token.replace("Bearer", "Token"), token.removeprefix("Bearer ")):
        assert not allowed(header)


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "Bearer a b", "Bearer \xff", ""])
def test_a_token_that_was_never_given_is_refused(header: str) -> None:
    people.a_token(people.a_partner())
    answer = called(header)
    assert answer.status_code == 401
    error = ', error="invalid_token"' if header.startswith("Bearer") else ""
    assert answer.headers["WWW-Authenticate"] == f'Bearer realm="api"{error}'


def test_a_token_anywhere_but_in_the_header_is_not_looked_at() -> None:
    token = people.a_token(people.a_partner()).removeprefix("Bearer ")
    client = Client()
    client.cookies["access_token"] = client.cookies["Authorization"] = token
    assert client.get(f"/me?access_token={token}").status_code == 401
    assert client.post("/me", {"access_token": token}).status_code == 401
    assert client.post(f"/me?access_token={token}", {"access_token": token}, "application/json").status_code == 401


def test_staff_who_are_signed_in_are_strangers_here() -> None:
    client = Client()
    client.force_login(people.root())
    assert client.get("/me").status_code == 401


# ---- what was taken away since


def test_a_scope_that_is_cut_is_gone_from_tokens_at_once_and_one_that_is_added_does_not_come_to_them() -> None:
    partner = people.a_partner(ApiScope.DOSSIERS_READ, ApiScope.VOTES_READ)
    token = people.a_token(partner)
    partner.scopes = [ApiScope.VOTES_READ, ApiScope.VOTES_WRITE]
    partner.save()
    assert called(token).status_code == 403
    partner.scopes = list(ApiScope)
    partner.save()
    assert called(token).json()["scopes"] == ["dossiers:read", "votes:read"]


def test_a_partner_that_is_switched_off_is_turned_away_at_once() -> None:
    partner = people.a_partner()
    token = people.a_token(partner)
    assert allowed(token)
    type(partner).objects.update(is_active=False)
    assert not allowed(token)
    type(partner).objects.update(is_active=True)
    assert allowed(token)
    switch_off(partner)
    type(partner).objects.update(is_active=True)
    assert not allowed(token)


def test_a_token_ends_with_its_hour_and_with_its_credential() -> None:
    partner = people.a_partner()
    token = people.a_token(partner)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=61)):
        assert not allowed(token)
    Credential.objects.update(expires_at=timezone.now() + timedelta(minutes=5))
    assert allowed(token)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        assert not allowed(token)


def test_tokens_of_both_credentials_are_taken_while_a_secret_is_changed() -> None:
    partner = people.a_partner()
    old = people.a_token(partner)
    rotate(partner, timezone.now() + timedelta(minutes=30))
    assert allowed(old)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=31)):
        assert not allowed(old)


def test_a_token_without_a_credential_of_ours_is_refused() -> None:
    token = people.a_token(people.a_partner())
    AccessToken.objects.update(application=None)
    assert not allowed(token)


# ---- when it was last used


def test_when_a_credential_was_used_is_noted_to_the_minute() -> None:
    token = people.a_token(people.a_partner())
    with time_machine.travel(datetime(2026, 10, 1, 8, tzinfo=UTC), tick=False) as clock:
        AccessToken.objects.update(expires=timezone.now() + timedelta(hours=1))
        used = []
        for seconds in (0, 59, 2, 58, 3):
            clock.shift(seconds)
            assert allowed(token)
            last = Credential.objects.get().last_used_at
            assert last is not None
            used.append((last - datetime(2026, 10, 1, 8, tzinfo=UTC)).seconds)
    assert used == [0, 0, 61, 61, 122]


def test_within_the_minute_a_call_reads_once_and_writes_nothing() -> None:
    token = people.a_token(people.a_partner())
    called(token)
    with CaptureQueriesContext(connection) as captured:
        assert allowed(token)
    assert len(captured) == 1


@pytest.mark.django_db(transaction=True)
def test_calls_at_the_same_instant_are_all_taken_and_one_of_them_notes_it() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite in memory locks whole tables at once, where a file waits its turn; needs PostgreSQL")
    token = people.a_token(people.a_partner())
    together, answers = Barrier(6), list[int]()

    def call() -> None:
        together.wait()
        try:
            answers.append(called(token).status_code)
        finally:
            connection.close()

    threads = [Thread(target=call) for _one in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [200] * 6
    assert Credential.objects.get().last_used_at is not None


# ---- how often


def test_a_partner_s_calls_are_bounded_whichever_credential_they_come_by() -> None:
    partner, other = people.a_partner(), people.a_partner(name="Bưu điện")
    type(partner).objects.update(rate_per_minute=3)
    first, second = people.a_token(partner), people.a_token(partner)
    last = AccessToken.objects.latest("pk")
    AccessToken.objects.filter(pk=last.pk).update(application=issue(partner).credential.application)
    with time_machine.travel(datetime(2026, 10, 1, 8, 0, 12, tzinfo=UTC), tick=False) as clock:
        AccessToken.objects.update(expires=timezone.now() + timedelta(hours=1))
        answers = [called(each) for each in (first, second, first, second)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"3"}
        assert {answer.headers["RateLimit-Reset"] for answer in answers} == {"48"}
        assert answers[-1].headers["Retry-After"] == "48"
        assert answers[-1].json()["errors"][0]["code"] == "throttled"
        assert allowed(people.a_token(other))
        clock.shift(48)
        assert allowed(first)


def test_strangers_are_turned_away_without_being_counted() -> None:
    answers = [called("Bearer x") for _call in range(3)]
    assert [answer.status_code for answer in answers] == [401] * 3
    assert "RateLimit-Limit" not in answers[0].headers
