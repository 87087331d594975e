"""Holds every answer of the API to the committed contract: status, content, headers, codes of errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft202012Validator, FormatChecker

from onestop.api.contract.error_codes import ERROR_CODES
from onestop.api.contract.serving import as_json

# Headers that partners' programs read. The others are the web server's and the browser's matter.
TOLD: Final = {
    "content-language", "deprecation", "etag", "idempotency-replayed", "location", "ratelimit",
    "ratelimit-limit", "ratelimit-policy", "ratelimit-remaining", "ratelimit-reset", "retry-after", "sunset",
    "www-authenticate", "x-request-id",
}  # fmt: skip

FORMATS: Final = FormatChecker(["uuid", "date"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    """An instant as RFC 3339 has it: with its offset."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class Answer(Protocol):
    """What is judged of an answer, whatever library it is from."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def content(self) -> bytes: ...


@cache
def contract() -> Any:
    return json.loads(as_json())


def resolved(part: Any) -> Any:
    """What a reference stands for."""
    while isinstance(part, dict) and "$ref" in part:
        place = part["$ref"].removeprefix("#/").split("/")
        part = contract()
        for name in place:
            part = part[name]
    return part


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    """Those without a parameter first: `dossiers/bulk` is no dossier."""
    paths = sorted(contract()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path) for path in paths]


def operation_of(method: str, address: str) -> tuple[str, Any] | None:
    """The path and the operation that the contract has for a call, or None."""
    place = urlsplit(address).path
    for pattern, path in _paths():
        if pattern.fullmatch(place):
            operation = contract()["paths"][path].get("get" if method == "head" else method)
            return (path, operation) if operation else None
    return None


def complaints(method: str, address: str, answer: Answer) -> Iterator[str]:
    """What the contract does not allow in the answer to a call that it describes."""
    described = operation_of(method, address)
    if described is None or answer.status_code >= 500:
        return
    path, operation = described
    what = f"{method.upper()} {path}: {answer.status_code}"
    response = resolved(operation["responses"].get(str(answer.status_code)))
    if response is None:
        yield f"{what} is not described"
        return
    yield from (f"{what}: {error}" for error in _errors_in_headers(answer.headers, response.get("headers", {})))
    if method == "head" or answer.status_code in (204, 304):
        return
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    media = response.get("content", {}).get(kind)
    if media is None:
        yield f"{what}: {kind} is not described"
    elif kind == "application/json":
        partial = "fields" in parse_qs(urlsplit(address).query)
        told = json.loads(answer.content)
        yield from (f"{what}: {error}" for error in errors_in(told, media["schema"], partial))
        codes = {error["code"] for error in told["errors"]} if answer.status_code >= 400 else set()
        yield from (f"{what}: the code {code} is not in the list" for code in codes - set(ERROR_CODES))
    elif kind == "application/x-ndjson" and not getattr(answer, "streaming", False):
        for line in answer.content.splitlines():
            yield from (f"{what}: {error}" for error in errors_in(json.loads(line), media["schema"]))


def _errors_in_headers(headers: Mapping[str, str], described: Mapping[str, Any]) -> Iterator[str]:
    sent = {name.lower(): value for name, value in headers.items()}
    if undescribed := sent.keys() & TOLD - {name.lower() for name in described}:
        yield f"headers {sorted(undescribed)} are not described"
    for name, reference in described.items():
        header, value = resolved(reference), sent.get(name.lower())
        if value is not None:
            yield from (f"{name} {error}" for error in errors_in(written(value, header["schema"]), header["schema"]))
        elif header.get("required"):
            yield f"the header {name} is missing"


def written(text: str, schema: Any) -> object:
    """What `text` of an address or a header stands for; the text itself where it stands for nothing."""
    kind = resolved(schema).get("type")
    if kind == "integer" and re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    return text == "true" if kind == "boolean" and text in ("true", "false") else text


def errors_in(value: Any, schema: Any, partial: bool = False) -> Iterator[str]:
    """Errors of a value of the contract. `partial`: fields may be absent, as with the parameter `fields`."""
    for error in _validator(json.dumps(schema), partial).iter_errors(value):
        yield f"{error.json_path}: {error.message[:300]}"


@cache
def _validator(schema: str, partial: bool) -> Draft202012Validator:
    root = {"components": {"schemas": contract()["components"]["schemas"]}, **json.loads(schema)}
    return Draft202012Validator(_in_json_schema(root, partial), format_checker=FORMATS)


def _in_json_schema(part: Any, partial: bool) -> Any:
    """The same in JSON Schema, which knows no `nullable`. Objects are closed, so an undescribed field is an error."""
    if isinstance(part, list):
        return [_in_json_schema(one, partial) for one in part]
    if not isinstance(part, dict):
        return part
    schema = {name: _in_json_schema(one, partial) for name, one in part.items()}
    if isinstance(part.get("properties"), Mapping) and part.get("type") == "object":
        schema.setdefault("additionalProperties", False)
        if partial:
            schema.pop("required", None)
    if part.get("nullable") is True:
        return {"anyOf": [{name: one for name, one in schema.items() if name != "nullable"}, {"type": "null"}]}
    return schema
