"""Generates calls, one operation and one set of scopes after the other, and has every answer judged."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace
from http.client import HTTPException, HTTPResponse
from random import Random
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import requests
import schemathesis
from hypothesis.errors import Unsatisfiable
from requests.adapters import HTTPAdapter
from schemathesis import GenerationMode, Response
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok

from .judging import AnyCase, AnyOperation, of_generated, of_spoiled
from .pool import Pool
from .result import Result
from .server import Site
from .spoiling import Sent, spoil

ANSWERED_WITHIN = 30
A_PDF = b"%PDF-1.7 noi dung"
VALID, INVALID, SPOILED = "valid", "invalid", "spoiled"
# How many of ten calls.
SHARES = {VALID: 5, INVALID: 3, SPOILED: 2}


class Caller:
    """Calls one site."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.random, self.result = site, Random(seed), Result(seed)  # noqa: S311 repeatable, not secret
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("http://", HTTPAdapter(pool_maxsize=1))
        schema = schemathesis.openapi.from_path(site.description)
        schema.config.generation.update(with_security_parameters=False)
        # A call may be refused for what stands before its body is read.
        schema.config.checks.negative_data_rejection.expected_statuses = ["4xx"]
        self.operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        self._pool = Pool([operation.path for operation in self.operations], self.random)
        self._never_invalid: set[str] = set()
        self._strategies: dict[tuple[str, GenerationMode], Any] = {}

    def run(self, calls: int, seconds: float) -> Result:
        """About so many calls, and no longer than so many seconds."""
        began = time.monotonic()
        self._end = began + seconds
        # First so that there is something to ask for; then the same calls with every set of scopes; then what is left.
        self._round(["all"], 5)
        self._round(list(self.site.tokens), max(2, calls // 3 // len(self.operations) // len(self.site.tokens)))
        while self.result.calls < calls and time.monotonic() < self._end:
            self._round(["all"], min(60, (calls - self.result.calls) // len(self.operations) + 1))
        self.result.seconds = time.monotonic() - began
        return self.result

    def _round(self, scopes: list[str], number: int) -> None:
        """Calls every operation so many times with each of the `scopes`."""
        for operation in self.random.sample(self.operations, len(self.operations)):
            kinds = self.random.choices(list(SHARES), list(SHARES.values()), k=number)
            for kind in SHARES:
                if (wanted := kinds.count(kind)) and time.monotonic() < self._end:
                    self._series(operation, scopes, kind, wanted)

    def _series(self, operation: AnyOperation, scopes: list[str], kind: str, number: int) -> None:
        if kind == INVALID and operation.label in self._never_invalid:
            return
        mode = GenerationMode.NEGATIVE if kind == INVALID else GenerationMode.POSITIVE

        @hypothesis.seed(self.random.getrandbits(32))
        @hypothesis.settings(
            max_examples=number,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(self._strategy(operation, mode))
        def each(case: AnyCase) -> None:
            tamed = self._tamed(case)
            for name in scopes:
                if kind == SPOILED:
                    self._call_spoiled(tamed, name)
                else:
                    self._call(tamed, name, kind)

        try:
            each()
        except Unsatisfiable:
            # An operation without anything that could be invalid.
            assert kind == INVALID, operation.label
            self._never_invalid.add(operation.label)

    def _strategy(self, operation: AnyOperation, mode: GenerationMode) -> Any:
        key = (operation.label, mode)
        if key not in self._strategies:
            self._strategies[key] = operation.as_strategy(generation_mode=mode)
        return self._strategies[key]

    def _tamed(self, case: AnyCase) -> AnyCase:
        """The same with places that are there and values that mean something, where it is not meant to be invalid."""
        meta = case.meta
        assert meta is not None
        invalid = {location for location, component in meta.components.items() if component.mode.is_negative}
        place = self._pool.place(case.operation.path)
        if place and ParameterLocation.PATH not in invalid and self.random.random() < 0.9:
            case.path_parameters = {**case.path_parameters, **place}
        if ParameterLocation.QUERY not in invalid:
            case.query = self._pool.tame(case.query)
        if ParameterLocation.HEADER not in invalid:
            case.headers = self._pool.tame(dict(case.headers))
        if ParameterLocation.BODY not in invalid and isinstance(case.body, dict):
            case.body = self._pool.tame(case.body)
        elif ParameterLocation.BODY not in invalid and isinstance(case.body, bytes) and self.random.random() < 0.7:
            case.body = A_PDF
        return case

    def _call(self, case: AnyCase, scopes: str, kind: str) -> None:
        token = self.site.tokens[scopes]
        headers = {"Authorization": token} if token else {}
        response = case.call(
            base_url=self.site.address, session=self._session, headers=headers, timeout=ANSWERED_WITHIN
        )
        alone = frozenset({scopes}) if scopes != "all" else None
        self._note(case, scopes, response)
        if kind == VALID and scopes == "all":
            self.result.valid[case.operation.label, _answer(response)] += 1
        for what in of_generated(case, response, token, alone):
            self.result.complain(what, lambda: f"{case.as_curl_command()[:1500]}\n{response.content[:300]!r}")
        if response.status_code < 300 and response.headers.get("content-type") == ["application/json"]:
            self._pool.learn(case.operation.path, dict(case.path_parameters), json.loads(response.content))

    def _call_spoiled(self, case: AnyCase, scopes: str) -> None:
        token = self.site.tokens[scopes]
        headers = {"Authorization": token} if token else {}
        arguments = case.as_transport_kwargs(base_url=self.site.address, headers=headers)
        known = ("method", "url", "headers", "params", "data", "json", "cookies", "files")
        request = requests.Request(**{name: arguments[name] for name in known if name in arguments}).prepare()
        body = request.body.encode() if isinstance(request.body, str) else request.body
        told = {
            name: text if isinstance(text, str) else text.decode("latin-1") for name, text in request.headers.items()
        }
        sent = Sent(request.method or "", request.path_url, told, body if isinstance(body, bytes) else b"")
        before = replace(sent)
        how = spoil(sent, self.random)
        response = self._sent(sent, request)
        self._note(case, scopes, response)
        for what in of_spoiled(case, response, token, before, sent):
            self.result.complain(what, lambda: f"{how}\n{response.content[:300]!r}")

    def _sent(self, sent: Sent, request: requests.PreparedRequest) -> Response:
        """The answer to `sent`, written to the line as it is. One that never comes is told as status 599."""
        address = urlsplit(self.site.address)
        sent.headers.update({"Host": address.netloc, "Content-Length": str(len(sent.body)), "Connection": "close"})
        head = [f"{sent.method} {sent.target} HTTP/1.1", *(f"{name}: {text}" for name, text in sent.headers.items())]
        request.method = sent.method
        began = time.monotonic()
        status, headers, content = 599, {}, b""
        with socket.create_connection((address.hostname, address.port), ANSWERED_WITHIN) as line:
            try:
                line.sendall("\r\n".join([*head, "", ""]).encode("latin-1", "replace") + sent.body)
                answer = HTTPResponse(line, method=sent.method)
                answer.begin()
                content = answer.read()
                status, headers = answer.status, {name: [text] for name, text in answer.getheaders()}
            except (OSError, HTTPException) as error:
                content = repr(error).encode()
        return Response(status, headers, content, request, time.monotonic() - began, verify=False)

    def _note(self, case: AnyCase, scopes: str, response: Response) -> None:
        self.result.calls += 1
        self.result.statuses[response.status_code] += 1
        self.result.covered.add((case.operation.label, scopes))


def _answer(response: Response) -> str:
    """Its status, with the code and the field of the first fault."""
    if response.status_code < 400:
        return str(response.status_code)
    try:
        fault = json.loads(response.content)["errors"][0]
    except (ValueError, KeyError, TypeError):
        return str(response.status_code)
    return f"{response.status_code} {fault['code']} {fault['attr'] or ''}".rstrip()
