"""Adding a partner, giving it a new secret, switching it off: all or nothing, and the secret told once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from onestop.partners.models import Partner
from onestop.partners.scopes import ApiScope
from tests import people

from .test_token import asked

pytestmark = pytest.mark.django_db


def said(command: str, *words: str) -> str:
    out = StringIO()
    call_command(command, *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def told(command: str, *words: str) -> dict[str, Any]:
    return dict(json.loads(said(command, *words)))


def added(*words: str) -> dict[str, Any]:
    people.ward_desk()
    scopes = ["--scope", "votes:read", "catalog:read"]
    return told("add_partner", "LGSP", "--agency", "H22.101.01", "H22.001", *scopes, *words)


def works(answer: dict[str, Any]) -> bool:
    return bool(asked(answer["client_id"], answer["client_secret"]).status_code == 200)


def test_a_new_partner_is_told_what_it_needs_and_gets_a_token_with_it() -> None:
    people.department()
    answer = added("--rate", "30")
    partner = Partner.objects.get()
    assert (partner.name, partner.rate_per_minute, partner.is_active) == ("LGSP", 30, True)
    assert answer == {
        "name": "LGSP",
        "is_test": False,
        "agencies": ["H22.001", "H22.101.01"],
        "scopes": ["catalog:read", "votes:read"],
        "client_id": partner.credentials.get().application.client_id,
        "client_secret": answer["client_secret"],
        "token_url": "http://127.0.0.1:8000/oauth2/token",
    }
    assert len(answer["client_secret"]) >= 64
    assert works(answer)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["X", "--agency", "H22.101", "H99", "--scope", "votes:read"], r"--agency: .*H99\."),
        (["X", "--scope", "votes:read"], "--agency: cần"),
        (["X", "--agency", "H22.101"], "--scope: cần"),
        (["X", "--agency", "H22.101", "--scope", "votes:read", "votes:all"], r"--scope: không có quyền votes:all\."),
        (["X", "--agency", "H22.101", "--scope", "votes:read", "--rate", "0"], "--rate: "),
        (["LGSP Hà Giang", "--agency", "H22.101", "--scope", "votes:read"], "TÊN: "),
        ([" ", "--agency", "H22.101", "--scope", "votes:read"], "TÊN: "),
        (["x" * 201, "--agency", "H22.101", "--scope", "votes:read"], "TÊN: "),
    ],
)
def test_a_partner_that_makes_no_sense_is_refused_by_argument(words: list[str], says: str) -> None:
    people.a_partner()
    with pytest.raises(CommandError, match=says):
        said("add_partner", *words)
    assert (Partner.objects.count(), Application.objects.count()) == (1, 0)


def test_every_bad_argument_is_named_at_once_and_scopes_are_explained() -> None:
    with pytest.raises(CommandError) as refused:
        said("add_partner", "X", "--agency", "H99", "--scope", "tất cả", "--rate", "-1")
    words = str(refused.value)
    assert all(part in words for part in ("--agency: ", "--scope: ", "--rate: "))
    assert all(f"{scope.value}: {scope.label}" in words for scope in ApiScope)


def test_nothing_is_kept_of_a_partner_whose_credential_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise OSError("no randomness")

    people.department()
    monkeypatch.setattr("onestop.partners.credentials.generate_client_secret", broken)
    with pytest.raises(OSError, match="no randomness"):
        added()
    assert not Partner.objects.exists()


def test_after_a_rotation_both_secrets_work_until_the_old_one_ends() -> None:
    people.department()
    old = added()
    new = told("rotate_partner", "LGSP", "--overlap-hours", "24")
    assert set(new) == {"name", "client_id", "client_secret", "token_url", "old_until"}
    assert new["client_id"] != old["client_id"]
    assert works(old)
    assert works(new)
    ended, current = Partner.objects.get().credentials.order_by("pk")
    assert ended.expires_at == datetime.fromisoformat(new["old_until"])
    assert timedelta(hours=23.9) < ended.expires_at - timezone.now() <= timedelta(hours=24)
    assert current.expires_at is None
    type(ended).objects.filter(pk=ended.pk).update(expires_at=timezone.now())
    assert not works(old)
    assert works(new)


def test_a_rotation_never_prolongs_an_old_secret_and_ends_it_at_once_if_asked() -> None:
    people.department()
    first, second = added(), told("rotate_partner", "LGSP", "--overlap-hours", "1")
    third = told("rotate_partner", "LGSP")
    oldest, older, _current = Partner.objects.get().credentials.order_by("pk")
    assert oldest.expires_at is not None
    assert older.expires_at is not None
    assert oldest.expires_at < timezone.now() + timedelta(hours=1)
    assert timedelta(hours=167.9) < older.expires_at - timezone.now() <= timedelta(hours=168)
    fourth = told("rotate_partner", "LGSP", "--overlap-hours", "0")
    assert [works(each) for each in (first, second, third, fourth)] == [False, False, False, True]


@pytest.mark.parametrize("hours", ["-1", "1000000"])
def test_an_overlap_that_makes_no_sense_is_refused(hours: str) -> None:
    people.a_partner()
    with pytest.raises(CommandError, match="--overlap-hours"):
        said("rotate_partner", "LGSP Hà Giang", "--overlap-hours", hours)
    assert not Application.objects.exists()


def test_a_partner_that_is_switched_off_gets_no_token_and_its_tokens_are_gone() -> None:
    people.department()
    answer = added()
    assert works(answer)
    assert "LGSP" in said("switch_off_partner", "LGSP")
    assert not works(answer)
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("command", ["rotate_partner", "switch_off_partner"])
def test_a_partner_nobody_knows_is_refused_with_those_there_are(command: str) -> None:
    with pytest.raises(CommandError, match="chưa có ai"):
        said(command, "LGSP")
    people.a_partner()
    with pytest.raises(CommandError, match=r"“LGSP”.*LGSP Hà Giang"):
        said(command, "LGSP")
