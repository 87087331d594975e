"""The contract is true: of every answer of the demo office, of its own examples, and for readers of every kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from ipaddress import ip_address
from typing import Any

import pytest
import time_machine
import yaml
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from onestop.api.contract.serving import COMMITTED
from onestop.catalog.models import Agency
from onestop.dossiers.models import Dossier, State
from onestop.partners.models import Partner
from onestop.partners.scopes import ApiScope
from onestop.votes.models import Question, QuestionSet
from packets.collecting.collect import collect
from packets.http import addresses
from packets.models import Portal
from packets.subscriptions import subscribe
from tests import people
from tests.packets.portals import a_portal

from .caller import Caller, of, read
from .contract import contract, errors_in
from .operations import AGREED, ONE

# What YAML 1.2 does not read as text (https://yaml.org/spec/1.2.2/#103-core-schema).
NO_TEXT = re.compile(
    r"null|Null|NULL|~|true|True|TRUE|false|False|FALSE|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


# ---- the demo office


@pytest.fixture
def province(db: None) -> Caller:
    """The system of the province in the demo office, with all scopes."""
    portal = a_portal()
    call_command("load_demo", "--dossiers", "60", verbosity=0, stdout=StringIO())
    collect(portal)
    top = Agency.objects.filter(level=Agency.Level.PROVINCE, parent=None).order_by("pk")[:1]
    partner = Partner.objects.create(name="LGSP", scopes=[*ApiScope], rate_per_minute=1_000_000)
    partner.agencies.set(top)
    webhook = subscribe(partner, "https://8.8.8.8/")
    webhook.since = timezone.now() - timedelta(days=400)
    webhook.save(update_fields=["since"])
    return of(partner)


def pages(caller: Caller, path: str) -> Iterator[Any]:
    """The rows of a list. The caller holds each of its pages to the contract."""
    following: str | None = f"{path}?limit=200&count=true"
    while following:
        page = read(caller.get(following))
        yield from page["results"]
        following = page["next"]


@pytest.mark.both_databases
def test_every_answer_of_the_demo_office_is_as_the_contract_says(province: Caller) -> None:
    for kind in ("agencies", "fields", "procedures"):
        rows = list(pages(province, kind))
        assert rows
        for row in rows:
            read(province.get(f"{kind}/{row['code']}"))
    assert any(row["limit_unit"] == "" for row in pages(province, "procedures"))
    dossiers = list(pages(province, "dossiers"))
    assert len({row["state"] for row in dossiers}) >= 8
    for row in dossiers:
        read(province.get(f"dossiers/{row['uuid']}"))
        list(pages(province, f"dossiers/{row['uuid']}/history"))
        for file in read(province.get(f"dossiers/{row['uuid']}/attachments")):
            content: Any = province.get(f"dossiers/{row['uuid']}/attachments/{file['ordinal']}")
            # Read to its end, it closes itself.
            assert len(b"".join(content)) == file["size"]
        province.get(f"dossiers/{row['uuid']}/questions")
    for packet in pages(province, "packets"):
        read(province.get(f"packets/{packet['key']}"))
    collect(Portal.objects.exclude(partner=None).get())
    for webhook in pages(province, "webhooks"):
        read(province.get(f"webhooks/{webhook['code']}"))
        read(province.post(f"webhooks/{webhook['code']}/ping"), 201)
        for row in read(province.get(f"webhooks/{webhook['code']}/deliveries"))["results"]:
            read(province.get(f"webhooks/{webhook['code']}/deliveries/{row['id']}"))
    for by in ("procedure", "agency", "channel", "field"):
        read(province.get(f"statistics?period=2026&by={by}"))
    read(province.get("votes?from=2020-01-01&to=2030-01-01"))
    assert province.get("fields", If_None_Match=province.get("fields").headers["ETag"]).status_code == 304


# ---- its examples


def examples() -> Iterator[Any]:
    for path, operations in contract()["paths"].items():
        for method, operation in operations.items():
            for kind, media in operation.get("requestBody", {}).get("content", {}).items():
                for name, example in media.get("examples", {}).items():
                    yield pytest.param(path, method, kind, example["value"], id=f"{method} {path} {name}")


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "method", "kind", "body"), list(examples()))
@time_machine.travel("2026-11-25T09:00:00+07:00")
def test_an_example_is_accepted(path: str, method: str, kind: str, body: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "looked_up", lambda _host, _port: [ip_address("8.8.8.8")])
    people.department()
    people.ward()
    people.two_wards_and_a_commune()
    people.a_procedure()
    caller = of(people.a_partner(agencies=[people.province()]))
    place = path.removeprefix("/api/v1/")
    if "{uuid}" in path:
        agreed = AGREED[f"{method.upper()} {place.replace('{uuid}', '<uuid:uuid>')}"]
        dossier = people.a_dossier_in(next(iter(sorted(agreed.states or {State.ACCEPTED}))))
        body = fitted(body, place, dossier)
        place = place.replace("{uuid}", str(dossier.uuid))
    elif "{code}" in path:
        place = place.replace("{code}", subscribe(people.a_partner(), "https://8.8.4.4/").code)
    if kind == "application/x-ndjson":
        answer = caller.client.post(
            path, json.dumps(body).encode(), content_type=kind, headers={"Authorization": caller.token}
        )
    else:
        answer = getattr(caller, method)(place, body)
    if place.endswith("/postpone"):
        # No dossier is due on a day off here.
        assert answer.status_code == 409
        return
    content = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code in (200, 201), content.decode()
    assert b'"rejected"' not in content.replace(b'"rejected":0', b"")


def fitted(body: Any, place: str, dossier: Dossier) -> Any:
    """The example with the keys of rows that are there."""
    if place == f"{ONE.replace('<uuid:uuid>', '{uuid}')}/vote":
        questions = QuestionSet.objects.create(pk=body["question_set"], name="Khảo sát hài lòng")
        for answer in body["answers"]:
            Question.objects.create(question_set=questions, ordinal=answer["question"], content="Hài lòng?")
    if "step" in body:
        step = dossier.transitions.earliest("pk")
        return {**body, "step": step.pk, "to": (step.at - timedelta(minutes=1)).isoformat()}
    return body


def test_the_example_of_every_answer_is_as_its_schema_says() -> None:
    answers = [*contract()["components"]["responses"].values()]
    for operations in contract()["paths"].values():
        for operation in operations.values():
            answers += operation["responses"].values()
    checked = 0
    for answer in answers:
        for media in answer.get("content", {}).values():
            values = [example["value"] for example in media.get("examples", {}).values()]
            for value in [*values, *([media["example"]] if "example" in media else [])]:
                assert list(errors_in(value, media["schema"])) == []
                checked += 1
    assert checked > 20


# ---- its readers


def test_text_stays_text_for_readers_of_yaml_1_2() -> None:
    def check(node: Any) -> None:
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str" and node.style is None:
            assert not NO_TEXT.fullmatch(node.value), node.start_mark
        for part in node.value if isinstance(node.value, list) else ():
            for one in part if isinstance(part, tuple) else (part,):
                check(one)

    check(yaml.compose(COMMITTED.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


@pytest.mark.django_db
def test_the_contract_is_served_as_json_too() -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.headers["Content-Type"] == "application/vnd.oai.openapi+json"
    assert json.loads(answer.content) == yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))


def test_names_that_generators_make_classes_of_are_ascii() -> None:
    def check(part: Any) -> None:
        if isinstance(part, dict):
            for name, one in part.items():
                assert str(name).isascii(), name
                assert name not in ("title", "operationId") or not isinstance(one, str) or one.isascii(), one
                check(one)
        elif isinstance(part, list):
            for one in part:
                check(one)

    check(contract())


def test_every_operation_is_explained_and_every_refusal_has_an_example() -> None:
    for path, operations in contract()["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (method, path)
            for status, answer in operation["responses"].items():
                if status.startswith("4"):
                    media = (
                        contract()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
                        if ("$ref" in answer)
                        else answer
                    )
                    assert media["content"]["application/json"]["example"]["errors"], (method, path, status)
                else:
                    assert answer["description"], (method, path, status)
                    assert "X-Request-ID" in answer["headers"], (method, path, status)
