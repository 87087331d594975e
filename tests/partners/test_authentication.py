"""Who a caller is: told by the bearer token in the header, and what was taken away since counts at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from onestop.partners.scopes import Scope
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.partners.a_resource")]


def called(token: str, **more: Any) -> int:
    return Client().get("/me", headers={"Authorization": token}, **more).status_code


def test_a_token_of_the_right_scope_opens_a_resource() -> None:
    assert called(people.a_token(people.a_partner())) == 200
    assert called(people.a_token(people.a_partner(), Scope.VOTES_READ)) == 403
