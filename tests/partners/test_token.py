"""The token endpoint: who gets one, in which ways, and what is kept of it."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import pytest_django
from django.apps import apps
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken, RefreshToken

from onestop.partners.credentials import Issued, issue, switch_off
from onestop.partners.models import Partner
from onestop.partners.scopes import ApiScope
from tests import people

pytestmark = pytest.mark.django_db


def asked(client_id: str, secret: str, **more: str) -> Any:
    body = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret} | more
    return Client().post("/oauth2/token", body)


def by_basic(client_id: str, secret: str, /, **body: str) -> Any:
    header = "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()
    return Client().post(
        "/oauth2/token", {"grant_type": "client_credentials"} | body, headers={"Authorization": header}
    )


def a_credential(*scopes: ApiScope) -> Issued:
    return issue(people.a_partner(*scopes))


# ---- who gets one


def test_a_token_comes_for_a_credential_in_the_body_or_by_basic() -> None:
    issued = a_credential(ApiScope.VOTES_READ, ApiScope.CATALOG_READ)
    for ask in (asked, by_basic):
        answer = ask(str(issued.credential), issued.secret)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        token = answer.json()
        assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
        assert set(token["scope"].split()) == {"votes:read", "catalog:read"}
        assert "refresh_token" not in token


def test_less_may_be_asked_for_and_more_may_not() -> None:
    issued = a_credential(ApiScope.VOTES_READ, ApiScope.CATALOG_READ)
    less = asked(str(issued.credential), issued.secret, scope="votes:read")
    assert less.json()["scope"] == "votes:read"
    for scope in ("votes:write", "votes:read votes:write", "everything"):
        more = asked(str(issued.credential), issued.secret, scope=scope)
        assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")
    assert AccessToken.objects.count() == 1


@pytest.mark.parametrize("ask", [asked, by_basic])
def test_a_wrong_secret_and_an_unknown_client_get_nothing(ask: Any) -> None:
    issued = a_credential()
    for client_id, secret in [(str(issued.credential), "sai"), ("ai đó", issued.secret), ("\0", "\0"), ("", "")]:
        answer = ask(client_id, secret)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert answer.headers["Cache-Control"] == "no-store"
    assert not AccessToken.objects.exists()


def test_a_partner_that_is_switched_off_gets_nothing() -> None:
    issued = a_credential()
    switch_off(issued.credential.partner)
    assert asked(str(issued.credential), issued.secret).status_code == 401


def test_a_credential_that_has_ended_gets_nothing() -> None:
    issued = a_credential()
    issued.credential.expires_at = timezone.now()
    issued.credential.save()
    assert asked(str(issued.credential), issued.secret).status_code == 401


def test_a_client_of_the_library_that_is_no_partner_s_gets_nothing() -> None:
    issued = a_credential()
    issued.credential.delete()
    assert asked(str(issued.credential), issued.secret).status_code == 401


# ---- nothing else


@pytest.mark.parametrize(
    "grant",
    [
        "password",
        "authorization_code",
        "refresh_token",
        "implicit",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ],
)
def test_no_other_grant_may_be_had(grant: str) -> None:
    issued = a_credential()
    more = {"username": "root", "password": people.PASSWORD, "code": "x", "refresh_token": "x", "device_code": "x"}
    people.root()
    answer = asked(str(issued.credential), issued.secret, grant_type=grant, **more)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    assert not AccessToken.objects.exists()


def test_credentials_in_the_address_are_not_taken() -> None:
    issued = a_credential()
    body = {"grant_type": "client_credentials"}
    query = f"client_id={issued.credential}&client_secret={issued.secret}"
    assert Client().post(f"/oauth2/token?{query}", body).status_code in (400, 401)
    assert Client().get(f"/oauth2/token?grant_type=client_credentials&{query}").status_code == 405
    assert not AccessToken.objects.exists()


def test_nothing_else_of_the_library_is_to_be_reached() -> None:
    names = {name for name in get_resolver().namespace_dict if name.startswith("oauth2")}
    assert not names
    with pytest.raises(NoReverseMatch):
        reverse("oauth2_provider:authorize")
    for page in ("authorize/", "revoke_token/", "introspect/", "applications/", "device-authorization/"):
        assert Client().get(f"/oauth2/{page}").status_code == 404


def test_a_client_that_authenticates_in_two_ways_gets_nothing() -> None:
    issued = a_credential()
    both = by_basic(
        str(issued.credential), issued.secret, client_id=str(issued.credential), client_secret=issued.secret
    )
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    assert by_basic(str(issued.credential), "sai", client_secret=issued.secret).status_code == 400
    assert not AccessToken.objects.exists()


# ---- revocation and metadata


def revoked(client_id: str, secret: str, token: str, **more: str) -> Any:
    return Client().post("/oauth2/revoke", {"client_id": client_id, "client_secret": secret, "token": token, **more})


def test_a_partner_ends_its_own_token_and_no_other() -> None:
    issued, other = a_credential(), issue(people.a_partner(name="Bưu điện"))
    token = asked(str(issued.credential), issued.secret).json()["access_token"]
    call = {"Authorization": f"Bearer {token}"}
    for answer in (
        revoked(str(other.credential), other.secret, token),
        revoked(str(issued.credential), issued.secret, "chưa từng có"),
    ):
        # An answer does not tell whether there is such a token (RFC 7009 §2.2).
        assert (answer.status_code, answer.content) == (200, b"")
    assert revoked(str(issued.credential), "sai", token).status_code == 401
    assert Client().get("/api/v1/me", headers=call).status_code == 200
    assert revoked(str(issued.credential), issued.secret, token, token_type_hint="access_token").status_code == 200
    assert Client().get("/api/v1/me", headers=call).status_code == 401
    assert revoked(str(issued.credential), issued.secret, "").status_code == 400


def test_the_metadata_say_where_the_endpoints_are(settings: pytest_django.Settings) -> None:
    settings.PUBLIC_URL = "https://motcua.example.vn"
    told = Client().get("/.well-known/oauth-authorization-server").json()
    assert told["issuer"] == settings.PUBLIC_URL
    assert told["token_endpoint"] == "https://motcua.example.vn/oauth2/token"
    assert told["revocation_endpoint"] == "https://motcua.example.vn/oauth2/revoke"
    assert told["grant_types_supported"] == ["client_credentials"]
    assert set(told["scopes_supported"]) == set(ApiScope.values)
    assert Client().post("/.well-known/oauth-authorization-server").status_code == 405


# ---- how often


def test_one_address_may_ask_so_often_and_is_told_when_again(
    settings: pytest_django.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.RATES, "token", "2/min")
    issued = a_credential()
    assert [asked(str(issued.credential), "sai").status_code for _try in range(3)] == [401, 401, 429]
    answer = asked(str(issued.credential), issued.secret)
    assert (answer.status_code, answer.json()["error"]) == (429, "slow_down")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["Cache-Control"] == "no-store"
    other = Client(REMOTE_ADDR="10.0.0.9").post("/oauth2/token", {"grant_type": "client_credentials"})
    assert other.status_code == 401


# ---- what is kept


def everything_stored() -> str:
    return "\n".join(
        json.dumps(list(model._default_manager.values()), default=repr, ensure_ascii=False)
        for model in apps.get_models(include_auto_created=True)
    )


def test_neither_secret_nor_token_is_kept_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    issued = a_credential()
    with caplog.at_level(logging.DEBUG):
        token = asked(str(issued.credential), issued.secret).json()["access_token"]
        by_basic(str(issued.credential), issued.secret, scope="nope")
        asked(str(issued.credential), issued.secret + "x")
        Client().get("/api/v1/fields", headers={"Authorization": f"Bearer {token}"})
        Client().get("/api/v1/fields", headers={"Authorization": f"Bearer {token}x"})
    stored, logged = everything_stored(), "\n".join(map(repr, (r.__dict__ for r in caplog.records))) + caplog.text
    assert sha256(token.encode()).hexdigest() in stored
    assert str(issued.credential) in stored
    for secret in (issued.secret, token, b64encode(f"{issued.credential}:{issued.secret}".encode()).decode()):
        assert secret not in stored
        assert secret not in logged


def test_old_tokens_are_cleared_away_when_a_new_one_is_given() -> None:
    issued = a_credential()
    other = people.a_token(people.a_partner(name="Bưu điện"))
    people.a_token(issued.credential.partner)
    ended = AccessToken.objects.filter(application=issued.credential.application)
    ended.update(expires=timezone.now() - timedelta(seconds=1))
    assert asked(str(issued.credential), issued.secret).status_code == 200
    assert ended.get().expires > timezone.now()
    assert AccessToken.objects.count() == 2
    assert other
    assert not RefreshToken.objects.exists()


def test_the_secret_is_kept_as_the_office_keeps_passwords() -> None:
    issued = a_credential()
    assert Partner.objects.get().credentials.get().application.client_secret.startswith("md5$")
    assert issued.secret
