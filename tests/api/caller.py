"""A partner's system that calls the API, for every test of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from onestop.partners.models import Partner
from onestop.partners.scopes import ApiScope
from tests import people

from . import contract


@dataclass
class Caller:
    """Calls under `/api/v1/`, and reads what is answered."""

    token: str
    client: Client = field(default_factory=Client)

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self._call("get", path, None, headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self._call("post", path, body or {}, headers)

    def patch(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self._call("patch", path, body, headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self._call("delete", path, None, headers)

    def upload(self, path: str, content: bytes, **headers: str) -> HttpResponse:
        return self._send("post", path, content, "application/octet-stream", headers)

    def _call(self, method: str, path: str, body: Any, headers: dict[str, str]) -> HttpResponse:
        content = json.dumps(body).encode() if body is not None else b""
        return self._send(method, path, content, "application/json", headers)

    def _send(self, method: str, path: str, content: bytes, kind: str, headers: dict[str, str]) -> HttpResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        call = getattr(self.client, method)
        told = {"Authorization": self.token, **named}
        address = path if path.startswith("http") else f"/api/v1/{path}"
        if method == "get":
            answer: HttpResponse = call(address, headers=told)
        else:
            answer = call(address, content, content_type=kind, headers=told)
        assert list(contract.complaints(method, address, answer)) == []
        return answer


def caller(*scopes: ApiScope, **partner: Any) -> Caller:
    """Of the partner that works for the ward, unless told otherwise; with all it may do, or `scopes` alone."""
    return Caller(people.a_token(people.a_partner(**partner), *scopes))


def of(partner: Partner, *scopes: ApiScope) -> Caller:
    return Caller(people.a_token(partner, *scopes))


def read(answer: HttpResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content.decode()
    return json.loads(answer.content)


def faults(answer: HttpResponse, status: int = 400) -> dict[str, str]:
    """What is wrong: code by field."""
    return {fault["attr"] or "": fault["code"] for fault in read(answer, status)["errors"]}


def a_request(**changes: Any) -> dict[str, Any]:
    """A dossier as a partner hands it in."""
    people.a_procedure()
    people.ward()
    usual = {
        "external_id": "LGSP-1",
        "procedure": "1.001193",
        "agency": "H22.101",
        "channel": "online",
        "applicant_name": "Đặng Văn Ước",
    }
    return {**usual, **changes}
