"""What a partner is told of itself."""

from __future__ import annotations

import pytest
from django.test import Client

from onestop.partners.models import Credential, Partner
from onestop.partners.scopes import ApiScope
from tests import people

from .caller import caller, of, read

pytestmark = pytest.mark.django_db


def test_every_token_tells_whose_it_is_and_what_it_may_do() -> None:
    partner = people.a_partner(ApiScope.VOTES_READ, ApiScope.CATALOG_READ)
    told = read(of(partner, ApiScope.VOTES_READ).get("me"))
    assert (told["name"], told["agencies"], told["scopes"]) == (partner.name, ["H22.101"], ["votes:read"])
    assert told["credential_expires_at"] is None
    assert told["rate_per_minute"] == partner.rate_per_minute
    Partner.objects.update(scopes=[])
    assert read(of(partner).get("me"))["scopes"] == []


def test_nobody_else_is_told_anything() -> None:
    call = caller()
    assert Client().get("/api/v1/me").status_code == 401
    Credential.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert call.get("me").status_code == 401
