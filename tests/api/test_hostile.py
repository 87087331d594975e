"""What no honest system sends, against every operation that writes: refused, and nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_django
import yaml
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from onestop.dossiers.lifecycle import MOVES
from onestop.dossiers.lifecycle.correcting import correctable
from onestop.dossiers.models import Dossier, Move, State, Transition
from onestop.partners.models import Credential
from onestop.partners.scopes import ApiScope
from onestop.votes.models import QuestionSet
from packets.models import Portal
from tests import people
from tests.dossiers.files.test_uploads import HOSTILE, HOSTILE_NAMES

from .caller import Caller, a_request, caller, read
from .test_openapi import COMMITTED

pytestmark = pytest.mark.django_db

RIGHT_TO_LEFT, ZERO, HALF = "\u202e", "\0", "\ud800"
HUGE = 10**30


@dataclass(frozen=True)
class Write:
    """An operation that writes, and an honest body for it, if it takes one."""

    method: str
    path: str
    example: dict[str, Any] | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def move(self) -> Move | None:
        name = self.path.rpartition("/")[2]
        return Move(name) if name in Move.values else None


def writes() -> Iterator[Write]:
    for path, operations in yaml.load(COMMITTED.read_text(encoding="utf-8"), yaml.CSafeLoader)["paths"].items():
        for method, operation in operations.items():
            if method in ("post", "patch", "put", "delete"):
                media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                examples = [example["value"] for example in media.get("examples", {}).values()]
                yield Write(method, path, examples[0] if examples else None)


WRITES = [*writes()]
# Bulk answers line by line, and is tried by a test of its own.
WITH_EXAMPLES = [write for write in WRITES if write.example and not write.path.endswith("/bulk")]


def everything() -> dict[str, Any]:
    """All rows of all tables, and all files; but for when a credential was last used."""
    rows: dict[str, Any] = {}
    for model in apps.get_models():
        names = [field.attname for field in model._meta.concrete_fields if not _is_note(model, field.attname)]
        rows[model._meta.label] = list(model._default_manager.order_by("pk").values_list(*names))
    files = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    return rows | {"files": {path: sha256(path.read_bytes()).hexdigest() for path in files}}


def _is_note(model: type[Model], name: str) -> bool:
    return model is Credential and name == "last_used_at"


def a_place(write: Write, partner: Caller) -> str:
    """Where `write` finds something that it could be done to."""
    people.two_wards_and_a_commune()
    source = next(iter(MOVES[write.move].sources)) if write.move else State.ACCEPTED
    dossier = people.a_dossier_in(State(source))
    if write.move == Move.POSTPONE:
        people.on_a_day_off(dossier)
    path = write.path.removeprefix("/api/v1/").replace("{uuid}", str(dossier.uuid))
    if path.endswith("/vote"):
        questions = QuestionSet.objects.create(pk=1, name="Khảo sát").questions
        for ordinal in (1, 2):
            questions.create(ordinal=ordinal, content=f"Câu {ordinal}?")
    if "{code}" in path:
        read(partner.post("webhooks", {"url": "http://127.0.0.1:9/"}), 201)
        path = path.replace("{code}", Portal.objects.get().code)
    if "{id}" in path:
        ping = read(partner.post(path.removeprefix("/api/v1/").partition("/deliveries")[0] + "/ping"), 201)
        path = path.replace("{id}", ping["id"])
    return path


@pytest.fixture(autouse=True)
def called_often_and_with_a_network_of_our_own(settings: pytest_django.Settings) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]


# ---- bodies that are no JSON as it is taken here


def unreadable() -> dict[str, tuple[bytes, str]]:
    """Each with its type."""
    kind = "application/json"
    more = settings.API_BODY_MAX_BYTES + 1
    return {
        "cut off": (b'{"comment":', kind),
        "two values": (b"{}{}", kind),
        "null": (b"null", kind),
        "a list": (b"[]", kind),
        "a text": (b'"x"', kind),
        "a number": (b"1", kind),
        "a list in place of an object": (b'[{"comment": "x"}]', kind),
        "deep": (b'{"a":' * 30 + b"1" + b"}" * 30, kind),
        "very deep": (b"[" * 200_000, kind),
        "too large": (b'{"comment": "' + b"x" * more + b'"}', kind),
        "a key twice": (b'{"comment": "a", "comment": "b"}', kind),
        "NaN": (b'{"comment": NaN}', kind),
        "Infinity": (b'{"comment": -Infinity}', kind),
        "no number": (b'{"comment": 1e999}', kind),
        "a huge number": (b'{"comment": ' + b"9" * 100_000 + b"}", kind),
        "half a character": (b'{"comment": "\\ud800"}', kind),
        "no UTF-8": (b'{"comment": "\xff"}', kind),
        "UTF-16": ('{"comment": "x"}'.encode("utf-16"), f"{kind}; charset=utf-16"),
        "UTF-32": ('{"comment": "x"}'.encode("utf-32"), kind),
        "Latin-1": ('{"comment": "é"}'.encode("latin-1"), f"{kind}; charset=iso-8859-1"),
        "UTF-7": (b'{"comment": "+AOk-", "x": 1}', f"{kind}; charset=utf-7"),
        "two byte order marks": (b"\xef\xbb\xbf" * 2 + b"{}", kind),
        "a null byte behind it": (b'{"comment": "x"}\0', kind),
        "an unknown field": (b'{"__class__": "x"}', kind),
        "a field of the record": (b'{"comment": "x", "state": 9}', kind),
        "a form": (b"comment=x", "application/x-www-form-urlencoded"),
        "a form of parts": (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
        "XML": (b"<comment>x</comment>", "application/xml"),
        "text": (b'{"comment": "x"}', "text/plain"),
        "a type that is none": (b'{"comment": "x"}', "application"),
    }


@pytest.mark.parametrize("write", WITH_EXAMPLES, ids=str)
def test_an_unreadable_body_is_refused_and_stores_nothing_and_the_honest_one_is_taken(write: Write) -> None:
    partner = caller()
    path = a_place(write, partner)
    a_request()
    body = json.dumps(honest(write)).encode()
    before = everything()
    for number, (name, (wrong, kind)) in enumerate(unreadable().items()):
        key = {"Idempotency-Key": name} if number % 2 else {}
        refused(partner, write, path, wrong, name, kind, **key)
    assert everything() == before
    assert sent(partner, write, path, body).status_code in (200, 201)
    assert everything() != before


# ---- values that are none


def spoiled(example: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The honest `example` with one field after the other spoiled in every way."""
    for name, value in example.items():
        for how, wrong in wrongs(value):
            yield f"{name}: {how}", {**example, name: wrong}
        if isinstance(value, dict):
            yield from ((f"{name}.{how}", {**example, name: wrong}) for how, wrong in spoiled(value))
        elif isinstance(value, list):
            for how, wrong in spoiled(value[0]):
                yield f"{name}.0.{how}", {**example, name: [wrong, *value[1:]]}
    yield "more", {**example, "__proto__": {}}


def wrongs(value: Any) -> Iterator[tuple[str, Any]]:
    yield from {"null": None, "huge": HUGE, "object": {"a": 1}, "list": [[]], "fraction": 1.5}.items()
    if isinstance(value, str):
        yield from {"number": 1, "true": True, "null byte": f"a{ZERO}b", "backwards": f"a{RIGHT_TO_LEFT}b"}.items()
        yield from {"half": f"a{HALF}", "escape": "\x1b[2J", "long": "x" * 5_000, "feed": "a\x0cb"}.items()
    else:
        yield from {"text": "1", "number": -1}.items()


@pytest.mark.parametrize("write", WITH_EXAMPLES, ids=str)
def test_a_wrong_value_in_any_field_is_refused_and_stores_nothing(write: Write) -> None:
    partner = caller()
    path, example = a_place(write, partner), honest(write)
    before = everything()
    for how, wrong in spoiled(example):
        refused(partner, write, path, json.dumps(wrong).encode(), how)
    assert everything() == before


def test_rows_of_a_bulk_that_are_spoiled_are_each_refused_and_store_nothing() -> None:
    partner, honest = caller(), a_request()
    bulk = Write("post", "/api/v1/dossiers/bulk", honest)
    unreadable_rows = [wrong for wrong, kind in unreadable().values() if kind.startswith("application/json")]
    rows = [
        *(
            json.dumps(wrong).encode()
            for _how, wrong in spoiled(honest | {"papers": [{"name": "Đơn", "quantity": 1}]})
        ),
        *(row for row in unreadable_rows if b"\n" not in row),
    ]
    before = everything()
    answer = sent(partner, bulk, "dossiers/bulk", b"\n".join(rows), "application/x-ndjson")
    *lines, summary = [json.loads(line) for line in answer.getvalue().splitlines()]
    assert summary["summary"] == {"created": 0, "updated": 0, "unchanged": 0, "rejected": len(rows)}
    assert [line["row"] for line in lines] == [*range(1, len(rows) + 1)]
    assert all(line["status"] == "rejected" and line["errors"] for line in lines)
    for name, (wrong, kind) in unreadable().items():
        if not kind.startswith("application/json"):
            refused(partner, bulk, "dossiers/bulk", wrong, name, kind)
    assert everything() == before
    assert (
        json.loads(sent(partner, bulk, "dossiers/bulk", json.dumps(honest).encode()).getvalue().splitlines()[0])[
            "status"
        ]
        == "created"
    )


# ---- files


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=lambda name: ascii(name[:20]))
def test_a_file_with_a_hostile_name_is_refused_and_stores_nothing(name: str) -> None:
    if len(name) > 10_000 or HALF in name:
        pytest.skip("no web server takes such an address")
    refused_file(name, people.PDF)


@pytest.mark.parametrize(("name", "content", "why"), [pytest.param(*row, id=row[0]) for row in HOSTILE])
def test_a_file_that_is_something_else_or_too_much_is_refused_and_stores_nothing(
    name: str, content: Any, why: str
) -> None:
    refused_file(name, content())


def test_a_file_that_is_too_large_is_refused_and_stores_nothing(settings: pytest_django.Settings) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1024
    refused_file("đơn.pdf", people.PDF + bytes(1024), 413)


@pytest.mark.parametrize(
    "query", ["", "name=", "phase=1", "name=a.pdf&phase=4", "name=a.pdf&phase=x", "name=a.pdf&x=1"]
)
def test_an_upload_whose_address_is_wrong_is_refused_and_stores_nothing(query: str) -> None:
    partner, dossier = caller(), people.a_dossier()
    before = everything()
    answer = partner.upload(f"dossiers/{dossier.uuid}/attachments?{query}", people.PDF)
    assert answer.status_code == 400
    assert everything() == before


# ---- what is not even looked at


@pytest.mark.parametrize("write", WRITES, ids=str)
def test_a_body_without_a_length_is_refused_and_not_taken_for_an_empty_one(write: Write) -> None:
    partner = caller()
    path = a_place(write, partner)
    before = everything()
    answer = sent(partner, write, path, b"", **{"Transfer-Encoding": "chunked"})
    assert answer.status_code == 411
    assert everything() == before


@pytest.mark.parametrize("write", WRITES, ids=str)
def test_whoever_has_no_scope_for_it_writes_nothing(write: Write) -> None:
    path = a_place(write, caller())
    reading = [scope for scope in ApiScope if scope.value.endswith(":read")]
    body = json.dumps(write.example or {}).encode()
    partner = people.a_partner()
    strangers = {people.a_token(partner, *reading): 403, "Bearer x": 401, "Basic eDp5": 401, "Bearer \u00ff": 401}
    before = everything()
    for token, status in strangers.items():
        assert sent(Caller(token), write, path, body).status_code == status
    assert getattr(Client(), write.method)(f"/api/v1/{path}", body, content_type="application/json").status_code == 401
    assert everything() == before


# ----


def honest(write: Write) -> dict[str, Any]:
    """The example of the contract, with what there is in the tests' office."""
    assert write.example
    there: dict[str, Any] = {
        "url": "http://127.0.0.1:9/x",
        "unit": people.ward_desk().code,
        "due_at": (timezone.localtime() + timedelta(days=365)).isoformat(),
    }
    if write.move == Move.CORRECT_TIME:
        first = correctable(list(Transition.objects.order_by("pk")))[0]
        there |= {"step": first.pk, "to": (timezone.localtime(first.at) - timedelta(hours=1)).isoformat()}
    return {name: there.get(name, value) for name, value in write.example.items()}


def sent(partner: Caller, write: Write, path: str, body: bytes, kind: str = "application/json", **named: str) -> Any:
    """Byte for byte: the usual methods of the client write `body` anew in the charset of `kind`."""
    headers = {"Authorization": partner.token, **named}
    return partner.client.generic(write.method.upper(), f"/api/v1/{path}", body, kind, headers=headers)


def refused(
    partner: Caller, write: Write, path: str, body: bytes, what: str, kind: str = "application/json", **named: str
) -> None:
    answer = sent(partner, write, path, body, kind, **named)
    assert answer.status_code in (400, 413, 415), f"{what}: {answer.status_code} {answer.content[:300]!r}"
    assert json.loads(answer.content)["errors"]


def refused_file(name: str, content: bytes, status: int = 400) -> None:
    partner, dossier = caller(), people.a_dossier(files=[people.a_file()])
    before = everything()
    answer = partner.upload(f"dossiers/{dossier.uuid}/attachments?name={quote(name)}", content)
    assert answer.status_code == status, answer.content
    assert everything() == before
    assert Dossier.objects.get().attachments.count() == 1
