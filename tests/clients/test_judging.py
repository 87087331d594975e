"""The proxy of the journeys complains of what the contract does not allow, in calls and in answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .calls import request_complaints
from .proxy import Passed, Record

SIGNED_IN = {"authorization": "Bearer x"}
AS_JSON = {**SIGNED_IN, "content-type": "application/json"}
ONE = "/api/v1/dossiers/0198c1f0-91aa-7b1e-9d5c-5d0f4c1b7a42"
DOSSIER = {
    "external_id": "LGSP-1",
    "procedure": "1.001193",
    "agency": "H22.101",
    "channel": "online",
    "applicant_name": "Đặng Văn Ước",
}


def complaints(method: str, target: str, body: Any = None, headers: dict[str, str] = AS_JSON) -> list[str]:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return list(request_complaints(method, target, headers, content))


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/api/v1/dossiers?limit=200&state=9&state=10&count=true&due_from=2026-10-01T00:00:00%2B07:00", None),
        ("GET", f"{ONE}?fields=code,state", None),
        ("POST", "/api/v1/dossiers", DOSSIER),
        ("POST", "/api/v1/dossiers/bulk", [DOSSIER]),
        ("POST", f"{ONE}/accept", None),
    ],
)
def test_a_call_of_the_contract_is_not_complained_of(method: str, target: str, body: Any) -> None:
    assert complaints(method, target, body) == []


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/api/v1/nothing", None),
        ("DELETE", ONE, None),
        ("GET", "/api/v1/dossiers?limit=201", None),
        ("GET", "/api/v1/dossiers?limit=1&limit=2", None),
        ("GET", "/api/v1/dossiers?stat=9", None),
        ("GET", "/api/v1/dossiers?state=11", None),
        ("GET", "/api/v1/dossiers?due_from=2026-10-01", None),
        ("GET", f"{ONE}?fields=code,colour", None),
        ("GET", "/api/v1/dossiers/no-uuid", None),
        ("GET", "/api/v1/votes?from=2026-01-01", None),
        ("POST", "/api/v1/dossiers", None),
        ("POST", "/api/v1/dossiers", {**DOSSIER, "colour": "red"}),
        ("POST", "/api/v1/dossiers", {**DOSSIER, "applicant_name": " \u200b"}),
        ("POST", "/api/v1/dossiers", {**DOSSIER, "received_at": "2026-10-01T08:00:00"}),
        ("POST", "/api/v1/dossiers/bulk", []),
        ("GET", "/api/v1/me", {}),
    ],
)
def test_a_call_beyond_the_contract_is_complained_of(method: str, target: str, body: Any) -> None:
    assert complaints(method, target, body)


def test_headers_and_lines_of_a_call_are_judged() -> None:
    assert complaints("GET", "/api/v1/me", headers={})
    assert complaints("POST", f"{ONE}/accept", {}, {**AS_JSON, "idempotency-key": "khóa"})
    lines = {**SIGNED_IN, "content-type": "application/x-ndjson"}
    row = json.dumps(DOSSIER).encode()
    assert complaints("POST", "/api/v1/dossiers/bulk", row + b"\n" + row, lines) == []
    assert complaints("POST", "/api/v1/dossiers/bulk", row + b'\n{"colour": "red"}', lines)
    assert complaints("POST", "/api/v1/dossiers/bulk", row, {**SIGNED_IN, "content-type": "text/csv"})


ANSWER = {"code": "H22", "name": "UBND tỉnh", "parent": None, "level": "province", "is_active": True}
HEADERS = {"Content-Type": "application/json", "Content-Language": "vi", "X-Request-ID": "1", "RateLimit-Limit": "600"}


@pytest.mark.parametrize(
    ("status", "headers", "content", "are_fine"),
    [
        (200, HEADERS, ANSWER, True),
        (200, HEADERS, {**ANSWER, "colour": "red"}, False),
        (200, HEADERS, {**ANSWER, "level": "village"}, False),
        (200, {**HEADERS, "Content-Type": "text/html"}, ANSWER, False),
        (200, {**HEADERS, "Content-Language": "fr"}, ANSWER, False),
        (200, {**HEADERS, "RateLimit-Limit": "many"}, ANSWER, False),
        (200, {**HEADERS, "Retry-After": "5"}, ANSWER, False),
        (200, {name: value for name, value in HEADERS.items() if name != "X-Request-ID"}, ANSWER, False),
        (418, HEADERS, ANSWER, False),
        (503, HEADERS, ANSWER, False),
    ],
)
def test_answers_are_judged(status: int, headers: dict[str, str], content: Any, are_fine: bool) -> None:
    record = Record()
    answer = Passed(status, headers, json.dumps(content).encode())
    record.note("GET", "/api/v1/agencies/H22", SIGNED_IN, b"", answer)
    assert (record.complaints == []) is are_fine, record.complaints
    assert record.calls["GET", "/api/v1/agencies/{code}"] == 1
