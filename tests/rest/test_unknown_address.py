"""An address of the API where nothing is: told like every other error."""

from __future__ import annotations

import json

import pytest
from django.test import Client

ADDRESSES = ["/api/v1/", "/api/v1/x", "/api/v1/dossiers/", "/api/v1/dossiers/no-uuid", "/api/v2/dossiers", "/api/%00"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["get", "post", "delete", "options"])
def test_an_address_where_nothing_is_is_told_in_the_shape_of_every_error(address: str, method: str) -> None:
    answer = getattr(Client(), method)(address)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/json"
    told = json.loads(answer.content)
    assert (told["type"], [fault["code"] for fault in told["errors"]]) == ("client_error", ["not_found"])
