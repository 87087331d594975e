"""`docs/api.md` alone leads from the first token to a repaired webhook: its calls are made, its answers compared.

The office answers over HTTP, and the receiver is the page's own, which asks the official library of Standard Webhooks.
"""

from __future__ import annotations

import json
import re
import shlex
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from io import StringIO
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_django
from django.conf import settings
from django.core.management import call_command

from packets.collecting.collect import collect
from packets.delivery.sender import deliver
from packets.models import Packet, Portal
from tests import people
from tests.api.contract import operation_of
from tests.packets.portals import a_portal, hasten

PAGE = (settings.BASE_DIR / "docs/api.md").read_text(encoding="utf-8")
HEADING = "## From the first token to a repaired webhook\n"


def section() -> str:
    return PAGE.partition(HEADING)[2].partition("\n## ")[0]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)\n```", section(), re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One call of the page, and its answer."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: str
    status: int
    answer: Any

    @classmethod
    def read(cls, block: str) -> Step:
        *call, answer = block.split("\n\n")
        first, *lines = call[0].splitlines()
        method, target = first.split(" ")
        status, _line, content = answer.partition("\n")
        headers = dict(line.split(": ", 1) for line in lines)
        body = call[1] if len(call) > 1 else ""
        return cls(method, target, headers, body, int(status), json.loads(content) if content else None)


@dataclass
class Developer:
    """Knows the page, and what the office has answered."""

    address: str
    known: dict[str, str]

    def make(self, step: Step) -> None:
        place = urlsplit(self.address)
        assert place.hostname
        line = HTTPConnection(place.hostname, place.port, timeout=20)
        headers = {name: self.filled(value) for name, value in step.headers.items()}
        line.request(step.method, self.filled(step.target), self.filled(step.body).encode(), headers)
        answer = line.getresponse()
        content = answer.read()
        line.close()
        what = f"{step.method} {step.target}: {answer.status} {content.decode()}"
        assert answer.status == step.status, what
        if step.answer is None:
            assert content == b"", what
        else:
            self.compare(step.answer, json.loads(content), what)

    def filled(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda name: self.known[name[1]], text)

    def compare(self, documented: Any, actual: Any, what: str) -> None:
        """Raises AssertionError unless all that the page says is so. A name without a value yet gets this one."""
        match documented:
            case dict():
                assert documented.keys() <= actual.keys(), what
                for name, part in documented.items():
                    self.compare(part, actual[name], f"{name} of {what}")
            case list():
                assert len(documented) == len(actual), what
                for part, one in zip(documented, actual, strict=True):
                    self.compare(part, one, what)
            case str() if name := re.fullmatch(r"\{(\w+)\}", documented):
                assert self.known.setdefault(name[1], actual) == actual, what
            case "…":
                assert actual not in (None, ""), what
            case _:
                assert (documented, type(documented)) == (actual, type(actual)), what


@dataclass
class Receiver:
    """The page's own receiver, where a gateway may answer in its place."""

    secrets: list[str]
    events: dict[str, Any]
    address: str = ""
    gateway: int | None = None
    # The ids of what came to it, with the status that it answered.
    came: list[tuple[str, int]] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Receiver]:
    (program,) = blocks("python")
    named: dict[str, Any] = {"__name__": "receiver"}
    exec(program, named)  # noqa: S102 our own page
    receiver, of_the_page = Receiver(named["SECRETS"], named["EVENTS"]), named["Receiver"]

    class Behind(of_the_page):  # type: ignore[misc,valid-type] # it is made at run time
        def do_POST(self) -> None:
            if receiver.gateway is None:
                super().do_POST()
                return
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.gateway)
            self.end_headers()

        def send_response(self, code: int, message: str | None = None) -> None:
            receiver.came.append((self.headers["webhook-id"], code))
            super().send_response(code, message)

        def log_message(self, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Behind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        receiver.address = f"http://127.0.0.1:{server.server_port}/su-kien"
        yield receiver
        server.shutdown()


def office_works() -> None:
    """What a worker does within seconds, and without its waits."""
    for portal in Portal.objects.working():
        collect(portal)
        hasten(portal)
        deliver(portal)


def credential() -> dict[str, str]:
    """By the command of the page."""
    (command,) = (block for block in re.findall(r"```\n(.*?)\n```", section(), re.DOTALL) if "add_partner" in block)
    _python, _manage, name, *arguments = shlex.split(command.replace("\\\n", ""))
    said = StringIO()
    call_command(name, *arguments, stdout=said)
    told = json.loads(said.getvalue())
    return {"client_id": told["client_id"], "client_secret": told["client_secret"]}


@pytest.mark.django_db(transaction=True)
def test_the_page_alone_leads_from_the_first_token_to_a_repaired_webhook(
    live_server: Any, settings: pytest_django.Settings
) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    people.ward()
    people.a_procedure()
    # Nothing of all this may reach it.
    a_portal(is_active=False)
    with receiving() as receiver:
        developer = Developer(live_server.url, credential() | {"receiver": receiver.address})
        steps = [Step.read(block) for block in blocks("http")]
        for step in steps:
            developer.make(step)
            receiver.secrets[:] = [
                developer.known[name] for name in ("secret", "new_secret") if name in developer.known
            ]
            # What the page tells between the calls: the receiver is taken down after `start`, closed after `approve`,
            # and repaired before `resume`.
            if step.target.endswith("count=true"):
                receiver.gateway = 503
            if step.target.endswith("/webhooks/{webhook}") and receiver.gateway == 503:
                receiver.gateway = 410
            if step.target.endswith("state=stopped"):
                receiver.gateway = None
            office_works()
    assert len(steps) >= 16
    moves = [event["move"] for event in receiver.events.values() if event["event"] == "dossier.moved"]
    assert moves == ["register", "accept", "start", "approve", "return_result"]
    assert [event["event"] for event in receiver.events.values()].count("ping") == 1
    stopped = developer.known["stopped"]
    answered = [status for key, status in receiver.came if key == stopped]
    assert (answered[0], answered[-3:]) == (503, [410, 204, 204])
    assert {status for _key, status in receiver.came} == {204, 503, 410}
    collect(Portal.objects.get(partner=None))
    assert not Packet.objects.filter(portal__partner=None).exists()
    assert not Packet.objects.unsettled().exists()


def test_every_call_of_the_page_is_in_the_contract() -> None:
    for step in map(Step.read, blocks("http")):
        if step.target.startswith("/api/"):
            address = re.sub(r"\{\w+\}", "x", step.target)
            assert operation_of(step.method.lower(), address), step.target
